"""The service desk in Django admin: queue, one form, decisions, rights, and two agents at once."""

import pytest
from django.test import Client
from django.utils import timezone

from accessforms import printing
from accessforms.models import Submission
from identity.governance import closing
from identity.models import JournalEntry
from rbac.models import AccessGrant
from tests.conftest import body, make_staff
from tests.factories import AccountFactory, SubmissionFactory
from tests.pressing import press as press_after_reading
from tests.steps.sign_in import signed_in
from tests.steps.submission_desk import desk_of

pytestmark = pytest.mark.django_db
QUEUE = "/admin/accessforms/submission/"


@pytest.fixture
def desk(agent) -> Client:
    return signed_in(agent, verified=True)


def press(browser: Client, submission: Submission, step: str, reason: str = ""):
    version = Submission.objects.get(pk=submission.pk).version
    return browser.post(desk_of(submission), {"step": step, "reason": reason, "version": version}, follow=True)


def test_the_queue_lists_what_waits_with_filters_and_search(desk, submitted):
    """Story 5: submitted forms, filters by work, portal, state and date, search by reference, name, address."""
    SubmissionFactory(portal_key="physician", submitted=True)
    SubmissionFactory()  # a draft is nobody's business
    page = desk.get(QUEUE).content.decode()
    assert page.count('class="field-reference"') == 2
    for choice in ("To decide", "Waiting for the fax", "Physician Information Portal", "fax received"):
        assert choice in page, choice
    for query, found in (
        (f"q={submitted.reference}", 1), (f"q={submitted.reference.lower()}", 1), ("q=DR.prov", 1),
        (f"q={submitted.account.email}", 1), ("q=o'brien", 1), ("q=nothing", 0), ("portal=physician", 1),
        ("work=fax", 2), ("work=decide", 0), ("work=done", 0), ("work=nonsense", 2),
    ):  # fmt: skip
        assert desk.get(f"{QUEUE}?{query}").content.decode().count('class="field-reference"') == found, query


def test_one_form_shows_data_pages_history_and_steps(desk, submitted, provider):
    """Story 5: all data, its PDF beside it as page pictures, its history."""
    assert "The printed form is being made" in desk.get(desk_of(submitted)).content.decode()
    printing.make_waiting(clock=timezone.now)
    page = desk.get(desk_of(submitted)).content.decode()
    for text in (
        "Harbor Family Medicine", "95-4501234 (EIN)", "33-0876543 (EIN)", "dr.provider", "O&#x27;Brien", "Request submitted",
        "Fax received", "Return", "Deny", "page-1.png",
    ):  # fmt: skip
        assert text in page, text
    assert ">Approve<" not in page, "only a faxed form can be approved"
    picture = desk.get(desk_of(submitted).replace("change/", "page-1.png"))
    assert picture["Content-Type"] == "image/png"
    assert body(picture).startswith(b"\x89PNG")
    pdf = desk.get(desk_of(submitted).replace("change/", "form.pdf"))
    assert body(pdf).startswith(b"%PDF")
    assert desk.get(desk_of(submitted).replace("change/", "page-9.png")).status_code == 404


def test_fax_received_then_approved_writes_the_grant(desk, submitted, provider, inbox):
    """S1-34: "Fax received", "Approve"; the applicant is told by mail; the page says what happened."""
    assert "Fax received. The applicant is told by mail." in press(desk, submitted, "fax received").content.decode()
    page = press(desk, submitted, "approved").content.decode()
    assert "Request approved. The applicant is told by mail." in page
    assert "Nothing is left to decide." in page
    assert AccessGrant.objects.get().account == provider
    assert "is approved" in inbox.newest("mail", provider.email).subject


@pytest.mark.parametrize("step", ["returned", "denied"])
def test_a_step_without_its_reason_is_refused_on_the_page(desk, submitted, step):
    """Return and Deny with reasons; what is missing is said and nothing changes."""
    answer = press(desk, submitted, step)
    assert answer.status_code == 422
    assert "Enter a reason: the applicant reads it." in answer.content.decode()
    assert press(desk, submitted, step, "No signature").status_code == 200
    submitted.refresh_from_db()
    assert (submitted.state, submitted.reason) == (step, "No signature")


def test_the_second_agent_is_told_who_was_quicker(desk, submitted):
    """Two agents pressing at once: one wins, the other is told."""
    colleague = signed_in(make_staff("the.colleague", "service desk"), verified=True)
    old = Submission.objects.get(pk=submitted.pk).version
    press(desk, submitted, "fax received")
    answer = colleague.post(desk_of(submitted), {"step": "denied", "reason": "x", "version": old}, follow=True)
    page = answer.content.decode()
    assert "Nothing was changed: Dana Desk.Agent was quicker. The request is now: fax received." in page
    submitted.refresh_from_db()
    assert submitted.state == "fax received"


@pytest.mark.parametrize("step", ["approved", "draft", "expired", "nonsense", ""])
def test_steps_that_are_not_offered_change_nothing(desk, submitted, step):
    assert "Nothing was changed" in press(desk, submitted, step).content.decode()
    submitted.refresh_from_db()
    assert submitted.state == "submitted"


def test_an_own_request_is_left_to_a_colleague(desk, agent):
    own = SubmissionFactory(account=agent, submitted=True)
    assert "This is your own request" in desk.get(desk_of(own)).content.decode()
    assert press(desk, own, "fax received").status_code == 422


def test_a_closed_account_gets_no_access(desk, submitted, provider):
    """D-08: whoever decides opens it again first, or denies the request."""
    press(desk, submitted, "fax received")
    closing.close(account=provider, reason="left", now=timezone.now())
    answer = press(desk, submitted, "approved")
    assert answer.status_code == 422
    assert f"The account “{provider.login_name}” is closed." in answer.content.decode()
    assert not AccessGrant.objects.exists()
    submitted.refresh_from_db()
    assert submitted.state == "fax received"
    assert press(desk, submitted, "denied", "The account is closed").status_code == 200
    submitted.refresh_from_db()
    assert submitted.state == "denied"


def test_requests_of_other_portals_do_not_exist_for_an_agent(submitted):
    """C29: an approver right per portal; object checks in the query."""
    other = signed_in(make_staff("pip.agent", "service desk", ("physician",)), verified=True)
    assert submitted.reference not in other.get(QUEUE).content.decode()
    for url in (
        desk_of(submitted),
        desk_of(submitted).replace("change/", "form.pdf"),
        f"{QUEUE}abc/change/",
        f"{QUEUE}999/change/",
    ):
        assert other.get(url).status_code == 404
    assert other.post(desk_of(submitted), {"step": "fax received", "version": 2}).status_code == 404


@pytest.mark.parametrize("who", ["nobody", "provider", "unverified agent"])
def test_the_admin_site_opens_for_staff_with_a_second_factor_only(client, provider, agent, who):
    """interface, admin; stack, one door."""
    browser = {"nobody": client, "provider": signed_in(provider), "unverified agent": signed_in(agent)}[who]
    answer = browser.get(QUEUE, follow=True)
    if who == "nobody":
        assert answer.redirect_chain[-1][0].startswith("/id/sign-in/")
    else:
        assert answer.status_code == 403
        assert "You may not open the service desk" in answer.content.decode()


def test_staff_without_an_approver_right_see_no_queue(db):
    person = AccountFactory(login_name="plain.staff", is_staff=True, phone="+13105550155")
    browser = signed_in(person, verified=True)
    assert browser.get("/admin/").status_code == 200
    assert browser.get(QUEUE).status_code == 403


def test_nothing_is_added_changed_or_deleted_by_hand(desk, submitted):
    assert desk.get(f"{QUEUE}add/").status_code == 403
    assert desk.get(f"{QUEUE}{submitted.pk}/delete/").status_code == 403
    assert desk.post(QUEUE, {"action": "delete_selected", "_selected_action": submitted.pk}).status_code in (200, 302)
    assert Submission.objects.filter(pk=submitted.pk).exists()


def test_a_grant_for_referrals_is_given_and_ended_by_the_service_desk(desk, provider, inbox):
    """C12: Referrals has no access form; its own grant is given by the service desk."""
    url = "/admin/rbac/accessgrant/add/"
    assert "Optum Referrals Portal" in desk.get(url).content.decode()
    page = desk.post(url, {"login_name": "nobody", "portal": "referrals", "reason": "call"}).content.decode()
    assert "Nobody has this ID there." in page
    desk.post(url, {"login_name": "DR.provider", "portal": "referrals", "reason": "call 4711"})
    grant = AccessGrant.objects.get()
    assert (grant.account, grant.portal_key, grant.origin, grant.reason) == (
        provider, "referrals", "staff", "call 4711",
    )  # fmt: skip
    assert inbox.newest("mail", provider.email).subject == "You have access to Optum Referrals Portal"
    end = {"action": "end_access", "_selected_action": grant.pk}
    before = desk.post("/admin/rbac/accessgrant/", end).content.decode()
    assert "These people lose their access at once" in before, "C17: it asks before it acts"
    assert "dr.provider): Optum Referrals Portal" in before
    assert press_after_reading(desk, "/admin/rbac/accessgrant/", end, reason=" ").status_code == 422
    grant.refresh_from_db()
    assert grant.until is None
    press_after_reading(desk, "/admin/rbac/accessgrant/", end, reason="left the office")
    grant.refresh_from_db()
    assert grant.until is not None
    assert JournalEntry.objects.get(kind="rbac.AccessEnded").facts["reason"] == "left the office"


def test_grants_of_portals_with_a_form_are_not_given_by_hand(desk, provider):
    url = "/admin/rbac/accessgrant/add/"
    desk.post(url, {"login_name": "dr.provider", "portal": "claims", "reason": "x"})
    assert not AccessGrant.objects.exists()


def test_the_operator_sees_accounts_journal_and_messages(operator, submitted):
    browser = signed_in(operator, verified=True)
    for path in (
        "identity/account",
        "identity/journalentry",
        "identity/outboxmessage",
        "rbac/approvalqueue",
        "rbac/accessgrant",
    ):
        assert browser.get(f"/admin/{path}/").status_code == 200, path
    assert browser.get(f"/admin/identity/account/{submitted.account.pk}/change/").status_code == 200
    assert "argon2" not in browser.get(f"/admin/identity/account/{submitted.account.pk}/change/").content.decode()


def test_the_queue_keeps_its_query_budget_whatever_it_lists(desk, django_assert_max_num_queries):
    """speed, admin list: at most 3 queries and the session's; no query a row."""
    for _ in range(12):
        SubmissionFactory(submitted=True)
    desk.get(QUEUE)
    with django_assert_max_num_queries(9):
        assert desk.get(QUEUE).status_code == 200


def test_a_returned_request_is_with_its_applicant(desk, submitted):
    """It said that nothing was left to decide, and comes back all the same."""
    press(desk, submitted, "returned", "Sign in row 1.")
    page = desk.get(desk_of(submitted)).content.decode()
    assert "It is with the applicant now, and comes back to the desk when they send it anew." in page
    assert "Nothing is left to decide" not in page
