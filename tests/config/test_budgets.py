"""What each page may ask of the database: a budget that fails when somebody adds a query, or one a row (speed).

A page that sends away or refuses asks little and says nothing: its answer is looked at before its queries count.
"""

import ast
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accessforms.models import RegisterImport, Submission
from enrollment.models import Invitation
from identity.models import Account
from identity.notices import tickets
from identity.policy import zones
from portals import registry
from portals.inside.domain import attempts, document_shares, document_trash
from portals.models import Layout
from rbac.domain import reviews
from rbac.models import Membership
from tests.factories import (
    NOW,
    PASSWORD,
    AccountFactory,
    GrantFactory,
    MembershipFactory,
    PracticeFactory,
    SubmissionFactory,
)  # fmt: skip
from tests.steps import courses, documents, files, news
from tests.steps.invitations import practice_administrator, practice_user, user_invited
from tests.steps.sign_in import sign_in_by_mail, signed_in
from tests.steps.sign_up import GOOD

pytestmark = pytest.mark.django_db
SESSION = 1  # the account of the session; the session itself is in the cache


@pytest.mark.parametrize(
    ("page", "budget"),
    [
        ("/id/profile/", 6),
        ("/id/profile/addresses/", 4),
        ("/id/profile/shared-address/", 3),
        ("/id/profile/dates/", 2),
        ("/id/profile/history/", 3),
        ("/id/profile/agreements/", 2),
        ("/id/profile/preferences/", 2),
        ("/id/tickets/", 1),
        ("/id/tickets/{ticket}/", 5),
        ("/id/files/message/", 1),
        ("/id/files/{file}/", 1),
        ("/id/files/{file}/download/", 1),
        ("/id/files/{file}/pages/1/", 1),
        ("/id/merge/", 3),
        ("/id/faster-sign-in/", 1),
        ("/id/devices/", 2),
        ("/sign-on/applications/", 1),
        ("/access/", 2),
        ("/p/optum-connect/portals/", 2),
        ("/p/optum-connect/register/", 1),
        ("/p/claims/home/", 5),
        ("/p/claims/messages/", 3),
        ("/p/claims/contact/", 3),
        ("/p/physician/way-back/", 1),
        ("/p/physician/way-back/code/", 3),
        ("/p/claims/access-form/", 1),
        ("/p/physician/access-form/", 1),
        ("/requests/{sent}/", 4),
        ("/requests/{sent}/progress.json", 2),
        ("/requests/{draft}/edit/", 1),
        ("/requests/{draft}/check/", 1),
        ("/p/optum-pro/access-form/begin/", 5),
        ("/p/optum-pro/access-form/", 9),
        ("/requests/{steps}/edit/", 7),
        ("/requests/{steps}/edit/identifier/", 5),
        ("/requests/{steps}/edit/role/", 3),
        ("/requests/{steps}/check/", 5),
    ],
)
def test_pages_of_a_signed_in_person(provider, django_assert_max_num_queries, page, budget):
    """speed: landing at most 3 besides the session; none grows with what is listed."""
    GrantFactory(account=provider)
    GrantFactory(account=provider, portal_key="physician", suspended_at=NOW)
    sent = SubmissionFactory(account=provider, submitted=True)
    for _ in range(6):
        SubmissionFactory(account=provider, submitted=True)
    draft = SubmissionFactory(account=provider, portal_key="physician")
    steps = SubmissionFactory(account=provider, portal_key="optum-pro")
    RegisterImport.objects.create(register="nppes", state="done", digest="d", created_at=NOW, ended_at=NOW)
    ticket = tickets.open(account=provider, topic="other", text="Help", by=provider, now=NOW)
    file = files.looked_at(provider)
    for _ in range(4):
        files.received(provider)
    path = page.format(
        sent=sent.reference, draft=draft.reference, steps=steps.reference, ticket=ticket.number, file=file.pk
    )
    browser = signed_in(provider)
    browser.get(path)
    with django_assert_max_num_queries(SESSION + budget):
        answer = browser.get(path)
    assert answer.status_code == 200, answer.headers.get("Location")


@pytest.mark.parametrize(
    ("page", "budget"),
    [
        ("people", 11),
        ("people?q=u", 13),
        ("people_new", 7),
        ("people_list", 7),
        ("people_export", 6),
        ("people_history", 12),
        ("people_pending", 9),
        ("people_correct", 8),
        ("people_review", 10),
        ("person", 8),
        ("person_remove", 8),
        ("who_controls", 6),
    ],
)
def test_pages_of_the_people_of_a_practice(django_assert_max_num_queries, page, budget):
    """speed: the grant, the memberships behind it, the duties, the sign-in before this one, whether a review is open,
    and what the page lists; the list of pending users asks nine at most, however long it is."""
    practice = PracticeFactory()
    administrator = practice_administrator(practice, "olga.admin")
    members = [practice_user(practice, f"user{number}") for number in range(6)]
    for number in range(6):
        user_invited(f"u{number}@example.org", practice=practice, by=administrator)
    reviews.begin(practice=practice, portal_key="provider-online", now=timezone.now())
    named = [Membership.objects.get(grant__account=members[0]).pk] if page.startswith("person") else []
    named = [Invitation.objects.first().pk] if page == "people_correct" else named
    page, mark, query = page.partition("?")
    path = reverse(page, args=["provider-online", *([] if page == "who_controls" else [practice.pk]), *named])
    path += mark + query
    browser = signed_in(administrator, verified=True)
    browser.get(path)
    with django_assert_max_num_queries(SESSION + budget):
        answer = browser.get(path)
    assert answer.status_code == 200, answer.headers.get("Location")


HOME = 12  # all questions of a first screen, those of the session among them, however many nouns have something to say


@pytest.mark.parametrize("portal_key", ["claims", "trucase", "optum-pro", "provider-online"])
def test_the_first_screens(django_assert_max_num_queries, portal_key):
    """speed, S3-05: what is due is one question, whatever there is; the person arranged the tiles, too."""
    practice, realm = PracticeFactory(), registry.get(portal_key).realm
    role = {"optum-pro": "practice_manager", "provider-online": "administrator"}.get(portal_key, "user")
    row = MembershipFactory(
        practice=practice, role=role, market="TX" if portal_key == "optum-pro" else "", ends_on=zones.today(realm, now=timezone.now()),
        grant__portal_key=portal_key, grant__account__realm=realm, grant__account__phone="+12015550123",
    )  # fmt: skip
    account = row.grant.account
    Layout.objects.create(account=account, portal_key=portal_key, order=[], hidden=[], created_at=NOW)
    for number in range(5):
        tickets.open(account=account, topic="other", text=f"Help {number}", by=account, now=NOW)
    if realm == "ohid":
        SubmissionFactory(account=account, submitted=True)
    else:
        practice_administrator(practice, "sam.admin")
        reviews.begin(practice=practice, portal_key=portal_key, now=timezone.now())
    browser = signed_in(account, verified=True)
    browser.get(f"/p/{portal_key}/home/")
    with django_assert_max_num_queries(HOME):
        answer = browser.get(f"/p/{portal_key}/home/")
    assert answer.status_code == 200, answer.headers.get("Location")
    assert answer.context["to_do"]


@pytest.mark.parametrize(
    ("page", "budget"),
    [
        ("", 14),
        ("?show=unconfirmed", 13),
        ("{item}/", 14),
        ("practice/{practice}/", 14),
        ("practice/{practice}/{item}/", 17),
        ("practice/{practice}/{item}/people.csv", 11),
    ],
)
def test_pages_of_news(django_assert_max_num_queries, page, budget):
    """speed: of 200 items and 60 people none costs a query of its own (S2-27, S3-03)."""
    office = news.practice()
    manager = news.account_of(news.works(office, "practice_manager"))
    for _ in range(60):
        news.works(office)
    items = news.shown(200, is_regulatory=True)
    browser, path = signed_in(manager), news.HOME + page.format(item=items[0].pk, practice=office.pk)
    browser.get(path)
    with django_assert_max_num_queries(SESSION + budget):
        answer = browser.get(path)
    assert answer.status_code == 200, answer.headers.get("Location")


@pytest.mark.parametrize(
    ("page", "budget"),
    [
        ("courses/", 15),
        ("courses/{course}/", 16),
        ("courses/{course}/1/lessons/2/", 14),
        ("courses/practice/{practice}/", 15),
        ("courses/practice/{practice}/{course}/", 16),
        ("courses/practice/{practice}/{course}/people.csv", 11),
        ("attempts/{attempt}/", 11),
        ("certificates/{certificate}/", 10),
        ("certificates/{certificate}/progress.json", 7),
        ("certificates/", 9),
    ],
)
def test_pages_of_courses(django_assert_max_num_queries, page, budget):
    """speed: what every page of the portal asks (the grant, the memberships behind it, the grid, applications, unread
    answers, the tiles' order, the sign-in before this one), and what it lists, however many courses there are."""
    office = news.practice()
    pair, account = courses.staff(), news.account_of(news.works(office, "practice_manager"))
    for _ in range(20):
        news.works(office)
    versions = [courses.published(pair=pair, now=timezone.now()) for _ in range(5)]
    earned = courses.passed(versions[0], account, now=timezone.now())
    begun = attempts.begin(version=versions[1], by=account, now=timezone.now())
    named = {"attempt": begun.pk, "certificate": earned.certificate.pk, "practice": office.pk}
    browser, path = signed_in(account), f"/p/optum-pro/{page.format(course=versions[1].course_id, **named)}"
    browser.get(path)
    with django_assert_max_num_queries(SESSION + budget):
        answer = browser.get(path)
    assert answer.status_code == 200, answer.headers.get("Location")


@pytest.mark.parametrize(
    ("page", "budget"),
    [
        ("documents", 11),
        ("documents?q=paper", 11),
        ("document", 13),
        ("document_version", 9),
        ("document_download", 7),
        ("document_page", 7),
        ("document_add", 8),
        ("document_edit", 9),
        ("document_share", 11),
        ("document_trash", 7),
    ],
)
def test_pages_of_documents(django_assert_max_num_queries, page, budget):
    """speed: the grant, the memberships behind it, the sign-in before this one, and what the page lists; none grows with
    the number of documents, labels, readers or openings."""
    practice = PracticeFactory()
    owner = documents.worker(practice, "kim.office")
    document = documents.added(owner, practice, labels=["one", "two"])
    documents.crowd(practice, owner, 40)
    for number in range(4):
        reader = documents.worker(practice, f"reader{number}")
        document_shares.share_with_person(document=document, person=reader, by=owner, now=NOW)
    gone = documents.added(owner, practice, "Gone")
    document_trash.delete(document=gone, by=owner, now=timezone.now())
    named = {"document": [document.pk], "document_version": [document.pk, 1], "document_download": [document.pk, 1]}
    named |= {"document_page": [document.pk, 1, 1], "document_edit": [document.pk], "document_share": [document.pk]}
    name, mark, query = page.partition("?")
    path = reverse(name, args=[documents.PORTAL, *named.get(name, [])]) + mark + query
    browser = signed_in(owner, verified=True)
    browser.get(path)
    with django_assert_max_num_queries(SESSION + budget):
        answer = browser.get(path)
    assert answer.status_code == 200, answer.headers.get("Location")


@pytest.mark.parametrize(
    ("page", "budget"),
    [
        ("messages/", 6),
        ("messages/{number}/", 9),
        ("contact/?page=/p/provider-online/home/", 6),
        ("feedback/?page=/p/provider-online/home/", 5),
        ("chat/", 5),
    ],
)
def test_pages_to_write_to_those_who_help(django_assert_max_num_queries, page, budget):
    """S3-16, S4-16: neither with what was written nor with the practices that one runs."""
    first = PracticeFactory()
    account = practice_administrator(first, "olga.admin")
    grant = account.access_grants.get()
    for practice in (first, *(PracticeFactory() for _ in range(4))):
        if practice != first:
            MembershipFactory(grant=grant, practice=practice, role="administrator")
        writer = practice_user(practice, f"user.{practice.pk}")
        for number in range(3):
            ticket = tickets.ask(
                account=writer, portal_key="provider-online", queue="", practice_id=practice.pk, topic="other",
                subject="A list", text=f"Empty {number}.", contact=tickets.Contact(), now=NOW,
            )  # fmt: skip
    browser, path = signed_in(account, verified=True), f"/p/provider-online/{page.format(number=ticket.number)}"
    browser.get(path)
    with django_assert_max_num_queries(SESSION + budget):
        answer = browser.get(path)
    assert answer.status_code == 200, answer.headers.get("Location")


def test_the_door_sends_on(provider, django_assert_max_num_queries):
    """speed: landing at most 3 queries besides the session: it has no page of its own."""
    GrantFactory(account=provider)
    browser = signed_in(provider)
    browser.get("/p/optum-connect/enter/")
    with django_assert_max_num_queries(SESSION + 1):
        assert browser.get("/p/optum-connect/enter/").url == "/p/claims/home/"


@pytest.mark.parametrize(
    "page",
    ["/id/sign-in/", "/id/create/", "/healthz", "/p/claims/theme.css", "/p/provider-online/ask-my-practice/"],
)
def test_pages_of_a_stranger_ask_nothing(client, django_assert_num_queries, page):
    """speed: sign-in page 0."""
    client.get(page)
    with django_assert_num_queries(0):
        assert client.get(page).status_code == 200


def test_the_password_post(client, provider, inbox, django_assert_max_num_queries):
    """speed: two look-ups, then what device, session and journal entry cost; the session's own writes too."""
    sign_in_by_mail(client, "dr.provider", skip_next="1")
    client.post("/id/sign-out/")
    client.post("/id/sign-in/", {"login": "dr.provider"})
    with django_assert_max_num_queries(14):
        assert client.post("/id/sign-in/password/", {"password": PASSWORD}).url == reverse("profile")


def test_creating_an_id(client, inbox, django_assert_max_num_queries):
    with django_assert_max_num_queries(38):
        assert client.post(reverse("account_signup"), GOOD).status_code == 302
    assert Account.objects.count() == 1


def test_sending_a_form_in(provider, django_assert_max_num_queries):
    """One transaction: two locks, limits, move, printout, journal, outbox, and what the desk finds it by."""
    draft = SubmissionFactory(account=provider)
    browser = signed_in(provider)
    with django_assert_max_num_queries(20):
        answer = browser.post(f"/requests/{draft.reference}/check/", {"version": draft.version})
    assert answer.status_code == 302
    assert Submission.objects.get().state == "submitted"


def test_the_desk(agent, django_assert_max_num_queries):
    """One form, however many others wait: with whom it names and who holds its tax IDs."""
    for _ in range(4):
        SubmissionFactory(account=AccountFactory(), submitted=True)
    wanted = SubmissionFactory(submitted=True)
    browser = signed_in(agent, verified=True)
    assert isinstance(browser, Client)
    url = reverse("admin:accessforms_submission_change", args=[wanted.pk])
    browser.get(url)
    with django_assert_max_num_queries(14):
        assert browser.get(url).status_code == 200


def test_the_desk_of_a_membership(agent, django_assert_max_num_queries):
    """The reader's rights, the row with its practice, tax IDs, and what happened to it."""
    row = MembershipFactory()
    browser = signed_in(agent, verified=True)
    url = reverse("admin:rbac_accessgrant_membership", args=[row.grant_id, row.pk])
    browser.get(url)
    with django_assert_max_num_queries(9):
        assert browser.get(url).status_code == 200


def test_the_desk_page_that_adds_a_practice(agent, django_assert_max_num_queries):
    """The reader's rights, the version of the grid, what the person is, and their practices with the tax IDs."""
    row = MembershipFactory(grant__portal_key="optum-pro", role="front_office", market="CA")
    browser = signed_in(agent, verified=True)
    url = reverse("admin:rbac_accessgrant_more_practices", args=[row.grant_id])
    browser.get(url)
    with django_assert_max_num_queries(11):
        assert browser.get(url).status_code == 200


def _unseen(tree: ast.Module) -> list[int]:
    """Lines of requests that a budget counts and whose answer nobody keeps or compares."""
    blocks = (one for one in ast.walk(tree) if isinstance(one, ast.With))
    counted = (one for one in blocks if any("num_queries" in ast.unparse(item) for item in one.items))
    thrown = (step.value for block in counted for step in ast.walk(block) if isinstance(step, ast.Expr))
    calls = (one for one in thrown if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute))
    return [one.lineno for one in calls if one.func.attr in {"get", "post", "userinfo", "refresh"}]


def test_every_counted_request_has_an_answer_that_is_looked_at():
    """rooms, 4: a redirect meets any budget."""
    assert _unseen(ast.parse("with max_num_queries(3):\n  browser.get('/')")) == [2]
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        assert _unseen(ast.parse(file.read_text())) == [], file
