"""Everybody whom an approved form names gets an outcome: the applicant access, the others an invitation tied to the form
(S1-23, S1-31, D-26)."""

import pytest
from django.test import Client
from django.utils import timezone

from accessforms.domain import effects, form_tins, submissions
from accessforms.models import Submission
from enrollment.domain import acceptance
from enrollment.models import Invitation
from identity.accounts import emails
from identity.models import Account
from rbac.models import AccessGrant, PracticeTin
from tests.factories import ANSWERS, NOW, AccountFactory, GrantFactory, SubmissionFactory, answers_of
from tests.steps.invitations import code_of, path_of
from tests.steps.sign_in import signed_in
from tests.steps.sign_up import GOOD

pytestmark = pytest.mark.django_db
State = Submission.State
INVITED = Invitation.objects.filter(kind="portal")  # staff are invited too
KIM = {"user_is_applicant": False, "user_name": "Kim Nguyen", "user_email": "kim@example.org"}


def faxed(account: Account, portal: str = "claims", **changes) -> Submission:
    answers = {**answers_of(portal, account), **changes}
    return SubmissionFactory(account=account, portal_key=portal, answers=answers, submitted=True)


def approve(submission: Submission, agent: Account, chosen=None) -> Submission:
    for to in (State.FAX_RECEIVED, State.APPROVED):
        submission = submissions.decide(
            submission=submission, to=to, by=agent, now=NOW, seen_version=submission.version, chosen=chosen
        )
    return submission


def test_an_approved_form_invites_whom_it_names(stranger, agent, inbox):
    """S1-31: tied to the form, by the member of staff who approved it."""
    approved = approve(faxed(stranger, **KIM), agent)
    row = INVITED.all().get()
    assert (row.kind, row.portal_key, row.origin_key, row.created_by) == ("portal", "claims", approved.reference, agent)
    assert (row.first_name, row.last_name, row.email, row.owner) == ("Kim", "Nguyen", "kim@example.org", None)
    assert [one["result"] for one in approved.outcomes] == ["invited"]


def test_nothing_is_sent_before_the_desk_presses(stranger, agent):
    request = faxed(stranger, **KIM)
    said = [outcome.will for outcome in effects.plan(submission=request, answers=request.answers)]
    assert said == ["Kim Nguyen is invited by mail, and gets access with an ID of their own."]
    assert not INVITED.all().exists()


@pytest.mark.parametrize("has_one", [True, False])
def test_the_applicant_reads_the_same_whether_somebody_has_an_id(stranger, agent, has_one):
    """D-26."""
    if has_one:
        AccountFactory(login_name="kim.n", first_name="Kim", last_name="Nguyen", email="kim@example.org")
    approved = approve(faxed(stranger, **KIM), agent)
    page = signed_in(stranger).get(f"/requests/{approved.reference}/").content.decode()
    assert "Kim Nguyen was invited by mail, and gets access with an ID of their own." in page
    assert INVITED.all().count() == 1


def test_three_of_four_signatures_are_invited(provider, agent):
    """S1-23, C33: each once, however often the form names an address."""
    names = ("Ana One", provider.get_full_name(), "Bo Two", "Bo Two")
    addresses = ("a@example.org", "x@example.org", "b@example.org", "B@example.org")
    rows = [
        {**ANSWERS["physician"]["staff"][0], "name": name, "email": email, "is_applicant": number == 1}
        for number, (name, email) in enumerate(zip(names, addresses, strict=True))
    ]
    approve(faxed(provider, "physician", staff=rows), agent)
    assert sorted(INVITED.all().values_list("email", flat=True)) == ["a@example.org", "b@example.org"]
    assert AccessGrant.objects.get().account == provider


def test_whom_the_desk_leaves_out_is_not_invited(stranger, agent):
    approve(faxed(stranger, **KIM), agent, chosen={0: None})
    assert not INVITED.all().exists()


def test_who_has_an_id_joins_with_the_tax_ids_of_the_form(stranger, agent):
    """D-25, D-29: attested by the approval; the access that is there stays the same row."""
    kim = AccountFactory(login_name="kim.n", first_name="Kim", last_name="Nguyen", email="kim@example.org")
    grant = GrantFactory(account=kim)
    request = approve(faxed(stranger, **KIM), agent)
    acceptance.accept_as_existing(invitation=INVITED.all().get(), account=kim, proof=None, now=NOW)
    wanted = {digits for digits, _kind in form_tins.tins_of(effects._place_of(request)[1], request.answers)}
    own = PracticeTin.objects.filter(memberships__grant=grant)
    assert {tin.digits for tin in own} == wanted != set()
    assert AccessGrant.objects.get(account=kim).pk == grant.pk


def test_somebody_new_creates_an_id_and_gets_in(stranger, agent, inbox):
    """S1-41, S1-31, S2-08: One Healthcare ID's own form, the code to the invited mailbox, then its steps."""
    approved = approve(faxed(stranger, **KIM), agent)
    inbox.all()
    invitation, browser = INVITED.all().get(), Client()
    invitation_now(invitation)
    page = browser.get(path_of(invitation)).content.decode()
    assert "If you have One Healthcare ID already, join with it" in page
    assert "another practice" not in page, "no practice invites"
    page = browser.get(path_of(invitation, "new/")).content.decode()
    assert "You were invited to Claims Online Portal with the address kim@example.org." in page
    typed = {**GOOD, "login_name": "kim.nguyen", "email": "thief@example.org"}
    assert browser.post(path_of(invitation, "new/"), typed).url == path_of(invitation, "code/")
    answer = browser.post(path_of(invitation, "code/"), {"code": code_of(inbox, "kim@example.org")})
    assert answer.url == "/id/create/questions/", answer.url
    account = Account.objects.get(login_name="kim.nguyen")
    assert account.email == "kim@example.org"
    assert emails.is_verified(account)
    grant = AccessGrant.objects.get(account=account)
    assert (grant.portal_key, grant.origin, grant.origin_key) == ("claims", "invitation", approved.reference)
    assert grant.memberships.exists()


def test_a_shared_mailbox_is_no_second_question(stranger, agent, inbox):
    """S2-24: both ways stood on the invitation's page."""
    AccountFactory(login_name="kim.old", email="kim@example.org")
    approve(faxed(stranger, **KIM), agent)
    invitation, browser = INVITED.all().get(), Client()
    invitation_now(invitation)
    browser.post(path_of(invitation, "new/"), {**GOOD, "login_name": "kim.nguyen", "phone": GOOD["phone"]})
    browser.post(path_of(invitation, "code/"), {"code": code_of(inbox, "kim@example.org")})
    questions = {f"question_{n}": q for n, q in enumerate(("first_pet", "first_street", "dream_job"), start=1)}
    answers = {f"answer_{n}": f"Answer {n}" for n in (1, 2, 3)}
    answer = browser.post("/id/create/questions/", {**questions, **answers})
    assert answer.url == "/id/verify-phone/"


def invitation_now(invitation: Invitation) -> None:
    """The form was approved at the tests' NOW; its link is opened today."""
    INVITED.all().update(last_sent_at=timezone.now())
    invitation.refresh_from_db()
