"""The page of a review: who must be answered for first, one form, and what happens to a page that is old (D-11)."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.models import Account
from rbac.domain import memberships, reviews
from rbac.models import Membership, Practice, Review
from tests.factories import PracticeFactory
from tests.steps.invitations import PORTAL, practice_user
from tests.steps.practices import in_duty, user
from tests.steps.reviews import DAY, begun, held, line_of, named, staffed, used
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice(db) -> Practice:
    return staffed(timezone.now())


@pytest.fixture
def review(practice) -> Review:
    return begun(practice, timezone.now())


@pytest.fixture
def olga(practice) -> Account:
    return in_duty(named("olga.admin"))


@pytest.fixture
def browser(olga) -> Client:
    return signed_in(olga, verified=True)


def here(practice: Practice) -> str:
    return reverse("people_review", args=[PORTAL, practice.pk])


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def typed(review: Review, **answers: str) -> dict[str, str]:
    """Answers by the beginning of a login name; who is in use as the page has chosen it."""
    said = {"dee": "keep", "eve": "keep", "sam": "keep", **answers}
    return {f"line-{row.pk}": said[short] for short, row in lines(review).items() if said.get(short)}


def lines(review: Review) -> dict[str, object]:
    return {row.membership.grant.account.login_name.split(".")[0]: row for row in review.lines.all()}


def chosen(page: str, line) -> list[str]:
    inputs = re.findall(rf'<input[^>]*name="line-{line.pk}"[^>]*>', page)
    return [re.search(r'value="(\w+)"', one)[1] for one in inputs if " checked" in one]


class TestThePage:
    def test_nothing_is_chosen_for_who_must_be_answered_for(self, browser, practice, review):
        page = browser.get(here(practice)).content.decode()
        of = lines(review)
        assert {short: chosen(page, of[short]) for short in ("ann", "ben", "cyd", "dee", "eve", "sam")} == {
            "ann": [], "ben": [], "cyd": [], "dee": ["keep"], "eve": ["keep"], "sam": ["keep"],
        }  # fmt: skip
        assert f"line-{of['olga'].pk}" not in page, "nobody answers for themselves"
        order = [page.index(f'name="line-{of[short].pk}"') for short in ("ann", "ben", "cyd", "dee", "eve")]
        assert order == sorted(order), "unused and unknown first"

    def test_each_says_why(self, browser, practice, review):
        shown = text(browser.get(here(practice)))
        for said in ("Not used since", "Never used; may work here since", "Let in by a form, not by your practice"):
            assert said in shown
        assert "Nobody answers for themselves: you are not on the list." in shown

    def test_what_is_missing_is_said_at_the_person_and_what_was_chosen_is_kept(self, browser, practice, review):
        answer = browser.post(here(practice), typed(review, ann="remove"))
        shown, of = text(answer), lines(review)
        assert shown.count("Say whether Ben Never stays.") == 2, "in the summary and at the field"
        assert "Say whether Ann Unused stays." not in shown
        assert chosen(answer.content.decode(), of["ann"]) == ["remove"]
        assert held("ann.unused", practice).until is None, "half of an answer is none"

    def test_one_press_answers_all(self, browser, practice, review):
        data = typed(review, ann="keep", ben="suspend", cyd="remove")
        shown = text(browser.post(here(practice), data, follow=True))
        assert "Thank you: the review is done." in shown
        assert "No review is open. The next one comes about" in shown
        assert held("ben.never", practice).suspended_at is not None
        assert not Membership.objects.current().filter(grant__account=named("cyd.form")).exists()
        assert "Olga Adams" in shown, "who answered"

    def test_people_are_called_as_the_practice_knows_them(self, browser, practice, review):
        """D-26: what an account is called is nobody's business."""
        Membership.objects.filter(pk=held("olga.admin", practice).pk).update(first_name="Olive", last_name="Known")
        data = typed(review, ann="keep", ben="keep", cyd="keep")
        shown = browser.post(here(practice), data, follow=True).content.decode()
        answered = shown[shown.index("By whom") :]
        assert answered.count("Olive Known") == 7, "her own line, and six that she answered"

    def test_a_second_press_changes_nothing_and_says_so(self, browser, practice, review):
        data = typed(review, ann="keep", ben="keep", cyd="keep")
        browser.post(here(practice), data)
        again = text(browser.post(here(practice), data | typed(review, eve="remove"), follow=True))
        assert "Nothing was changed: this review is over." in again
        assert held("eve.daily", practice).until is None

    def test_an_answer_that_is_none_is_refused(self, browser, practice, review):
        shown = browser.post(here(practice), typed(review, ann="administrator", ben="keep", cyd="keep"))
        assert shown.status_code == 200
        assert Review.objects.get().state == "open"

    def test_a_line_of_another_practice_is_not_heard(self, browser, practice, review):
        other = PracticeFactory(name="Other")
        practice_user(other, "foreign.user")
        theirs = begun(other, timezone.now())
        foreign = line_of(theirs, "foreign.user")
        data = typed(review, ann="keep", ben="keep", cyd="keep") | {f"line-{foreign.pk}": "remove"}
        browser.post(here(practice), data)
        foreign.refresh_from_db()
        assert (foreign.answer, Membership.objects.get(pk=foreign.membership_id).until) == ("", None)

    def test_who_left_while_the_page_was_open(self, browser, practice, review):
        """A stale page is no error: the others are answered for."""
        data = typed(review, ann="suspend", ben="keep", cyd="keep")
        memberships.end(membership=held("ann.unused", practice), by=None, now=timezone.now())
        assert "the review is done" in text(browser.post(here(practice), data, follow=True))

    def test_an_administrator_removed_while_the_page_was_open_changes_nothing(self, browser, practice, review, olga):
        data = typed(review, ann="remove", ben="remove", cyd="remove")
        memberships.end(membership=held("olga.admin", practice), by=None, now=timezone.now())
        assert browser.post(here(practice), data).status_code in (302, 403, 404)
        assert Membership.objects.current().of(practice).count() == 6

    def test_of_very_many_the_rest_comes_after_the_first_press(self, browser, practice, review, monkeypatch):
        monkeypatch.setattr("enrollment.views.reviews.ON_A_PAGE", 2)
        page = text(browser.get(here(practice)))
        assert "4 more people are not on this page." in page
        of = lines(review)
        first = {f"line-{of[short].pk}": "keep" for short in ("ann", "ben")}
        shown = text(browser.post(here(practice), first, follow=True))
        assert "This is what is left." in shown
        assert "Cyd Form" in shown
        assert "the review is done" in text(browser.post(here(practice), {f"line-{of['cyd'].pk}": "keep"}, follow=True))

    def test_the_other_administrator_answers_for_the_first(self, browser, practice, olga):
        """By form: looking at the page makes nobody known."""
        Membership.objects.filter(pk=held("olga.admin", practice).pk).update(origin="form", origin_key="ABCD2345")
        review = begun(practice, timezone.now())
        shown = text(browser.post(here(practice), typed(review, ann="keep", ben="keep", cyd="keep"), follow=True))
        assert "You have nothing to answer." in shown
        assert "another administrator says whether you stay" in shown
        sam = signed_in(in_duty(named("sam.admin")), verified=True)
        assert "Answered already" in text(sam.get(here(practice)))
        done = text(sam.post(here(practice), {f"line-{line_of(review, 'olga.admin').pk}": "keep"}, follow=True))
        assert "Thank you: the review is done." in done


class TestWhereItIsSeen:
    def test_a_notice_and_a_badge_while_one_is_open(self, browser, practice, olga):
        people = reverse("people", args=[PORTAL, practice.pk])
        assert "who still works for your practice" not in text(browser.get(people))
        begun(practice, timezone.now())
        shown = browser.get(people)
        assert "who still works for your practice" in text(shown)
        assert shown.content.decode().count(here(practice)) == 2

    def test_with_none_it_says_when_the_next_one_comes(self, browser, practice):
        shown = text(browser.get(here(practice)))
        assert "No review is open. The next one comes about" in shown
        assert "The review of" not in shown

    def test_after_silence_it_says_who_rests_since(self, browser, practice, review):
        Review.objects.update(opened_at=timezone.now() - 31 * DAY, due_at=timezone.now() - DAY)
        assert "No review is open." in text(browser.get(here(practice))), "over, whatever any job does"
        review.refresh_from_db()
        reviews.end(review=review, now=timezone.now())
        shown = text(browser.get(here(practice)))
        assert "Not everybody was answered for until" in shown
        assert shown.count("nobody: the days were over") == 3

    def test_foreign_and_missing_are_the_same(self, browser, practice):
        other = Practice.objects.create(name="Another")
        begun(other, timezone.now())
        answers = [browser.get(reverse("people_review", args=[PORTAL, key])) for key in (other.pk, 999_999)]
        assert [one.status_code for one in answers] == [404, 404]
        masked = [
            re.sub(rb"(nonce|csrfmiddlewaretoken)[^>]*|(/|%2F)security[^\"&<]*", b"", one.content) for one in answers
        ]
        assert masked[0] == masked[1]

    def test_a_user_of_the_practice_reads_who_can(self, practice, review):
        mine = signed_in(named("eve.daily"), verified=True)
        assert mine.get(here(practice)).status_code == 403

    def test_it_asks_few_queries_however_many_there_are(self, browser, practice, django_assert_max_num_queries):
        for number in range(12):
            used(user(practice, f"user{number}"), None)
        begun(practice, timezone.now())
        browser.get(here(practice))
        with django_assert_max_num_queries(11):
            assert browser.get(here(practice)).status_code == 200
