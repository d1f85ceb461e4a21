"""Feedback on the pages inside a portal: given with or without a name, read by the portal's staff, deleted (S3-09)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from identity.models import JournalEntry
from identity.policy import lifecycle
from portals import registry
from portals.inside.domain import feedback
from portals.models import Feedback
from tests.conftest import make_staff
from tests.factories import NOW, GrantFactory, PracticeFactory
from tests.steps.invitations import practice_user
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
HOME, PAGE = "/p/provider-online/home/", "/p/provider-online/feedback/"
SAID = {"page": HOME, "text": "The menu is long."}


@pytest.fixture
def kim():
    return practice_user(PracticeFactory(), "kim.office", first_name="Kim", last_name="Secretname")


@pytest.fixture
def browser(kim) -> Client:
    return signed_in(kim, verified=True)


def test_the_way_there_stands_on_each_inner_page_and_knows_it(browser):
    page = browser.get(HOME).content.decode()
    assert f'href="{PAGE}?page={HOME}">Give feedback on this page</a>' in page
    shown = browser.get(f"{PAGE}?page={HOME}").content.decode()
    assert f"It is about the page {HOME}" in shown
    assert "Write nothing about a patient" in shown
    assert "deleted after 1 year" in shown or "deleted after 365 days" in shown


def test_it_is_kept_without_a_name_unless_its_writer_wants_one(browser, kim):
    answer = browser.post(PAGE, SAID, follow=True)
    assert answer.redirect_chain == [(HOME, 302)]
    assert "Thank you. Your feedback was sent to Provider Services." in answer.content.decode()
    row = Feedback.objects.get()
    assert (row.portal_key, row.account, row.page, row.text) == ("provider-online", None, HOME, SAID["text"])
    entry = JournalEntry.objects.get(kind="portals.FeedbackGiven")
    assert (entry.account, entry.by) == (None, None)
    browser.post(PAGE, {**SAID, "text": "And the search is good.", "named": "on"})
    assert Feedback.objects.latest("pk").account == kim


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("/p/provider-online/messages/T-7K3M-9QX2/", "/p/provider-online/messages/…/"),
        ("/p/optum-pro/courses/practice/77/5/", "/p/optum-pro/courses/practice/…/…/"),
        (
            "/p/provider-online/documents/3f2b1c1e-0d52-4c7a-9a54-0f3c2f0e7a11/1/",
            "/p/provider-online/documents/…/…/",
        ),
        ("/p/provider-online/documents/", "/p/provider-online/documents/"),
    ],
)
def test_the_page_does_not_say_who_wrote_without_a_name(browser, kim, page, kept):
    """S3-09: the number of a message, a document or a practice names somebody as well as a name does."""
    browser.post(PAGE, {**SAID, "page": page})
    assert Feedback.objects.get().page == kept
    assert JournalEntry.objects.get(kind="portals.FeedbackGiven").facts["page"] == kept
    browser.post(PAGE, {**SAID, "page": page, "named": "on"})
    assert Feedback.objects.latest("pk").page == page


def test_its_words_lie_in_no_clear_text(browser):
    browser.post(PAGE, SAID)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM portals_feedback")
        assert "menu" not in cursor.fetchone()[0]
    assert "menu" not in str(JournalEntry.objects.get(kind="portals.FeedbackGiven").facts)


def test_a_doubled_press_is_one(browser):
    for _ in range(2):
        browser.post(PAGE, SAID)
    assert Feedback.objects.count() == 1


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/", "//evil.example", "javascript:alert(1)", "/a?q=name", "/" + "x" * 300, '/"><b>',
        "/no/such/page/", "/id/not-me/00000000000000000000000000000007-secret/",
    ],
)  # fmt: skip
def test_what_is_no_page_of_ours_is_left_out(browser, page):
    assert page not in browser.get(PAGE, {"page": page}).content.decode()
    answer = browser.post(PAGE, {**SAID, "page": page})
    assert answer.url == HOME
    assert Feedback.objects.get().page == ""


@pytest.mark.parametrize(
    ("text", "said"), [("", "Fill in “Your feedback”."), ("x" * 2001, "at most 2000 characters"), ("\0", "Fill in")]
)
def test_a_mistake_is_named_and_nothing_is_kept(browser, text, said):
    page = browser.post(PAGE, {**SAID, "text": text}).content.decode()
    assert "There is a problem" in page
    assert said in page
    assert 'id="id_text_error"' in page
    assert not Feedback.objects.exists()


def test_ten_an_hour(browser):
    for number in range(10):
        assert browser.post(PAGE, {**SAID, "text": f"Text {number}"}).status_code == 302
    page = browser.post(PAGE, {**SAID, "text": "One too many"}).content.decode()
    assert "You have sent much feedback." in page
    assert "One too many</textarea>" in page
    assert Feedback.objects.count() == 10


def test_a_portal_that_asks_for_none_has_no_page(provider):
    """S3-09 by definition: switched on by a field, not by a name."""
    GrantFactory(account=provider)
    assert not registry.get("claims").takes_feedback
    assert signed_in(provider).get("/p/claims/feedback/").status_code == 404


class TestDesk:
    LIST = "admin:portals_feedback_changelist"

    def test_the_staff_of_the_portal_read_it_and_no_other(self, kim):
        mine, theirs = (
            feedback.give(portal=registry.get(key), page="/x/", text=f"About {key}", by=by, now=NOW)
            for key, by in (("provider-online", kim), ("optum-pro", None))
        )
        desk = signed_in(make_staff("desk.one", "service desk", ("provider-online",)), verified=True)
        page = desk.get(reverse(self.LIST)).content.decode()
        assert "About provider-online" in page
        assert "About optum-pro" not in page
        shown = desk.get(reverse("admin:portals_feedback_change", args=[mine.pk])).content.decode()
        assert "About provider-online" in shown
        assert kim.login_name in shown
        assert desk.get(reverse("admin:portals_feedback_change", args=[theirs.pk])).status_code == 302

    def test_nobody_named_is_nobody(self, kim):
        feedback.give(portal=registry.get("provider-online"), page="/x/", text="Who am I?", by=None, now=NOW)
        desk = signed_in(make_staff("desk.one", "service desk", ("provider-online",)), verified=True)
        page = desk.get(reverse(self.LIST)).content.decode()
        assert "not named" in page
        assert "kim.office" not in page


def test_it_is_deleted_after_its_period_to_the_second():
    """S3-09; the period `feedback`."""
    given = feedback.give(portal=registry.get("optum-pro"), page="", text="x", by=None, now=NOW)
    end = given.created_at + lifecycle.after("feedback")
    feedback.prune(now=end - timedelta(seconds=1))
    assert Feedback.objects.exists()
    feedback.prune(now=end)
    assert not Feedback.objects.exists()
