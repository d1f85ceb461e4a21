"""The life of a request: the three tables are total, each step writes its event and message, of two agents one wins."""

import os
from datetime import timedelta

import pytest
from django.db import connection

from accessforms.domain import machines, submissions
from accessforms.models import Submission
from identity.models import JournalEntry, OutboxMessage
from identity.record import machine
from rbac.domain import approvals, grants
from rbac.models import AccessGrant, Origin, Practice, PracticeTin
from tests.conftest import make_staff
from tests.factories import NOW, SubmissionFactory, TinFactory, answers_of
from tests.together import together

State = Submission.State
pytestmark = pytest.mark.django_db


def decide(submission, to, by, reason="Because", now=NOW, chosen=None):
    return submissions.decide(
        submission=submission, to=to, by=by, now=now, seen_version=submission.version, reason=reason, chosen=chosen
    )


@pytest.mark.parametrize("to", list(State))
@pytest.mark.parametrize("state", list(State))
def test_a_step_that_is_not_in_the_table_is_refused(state, to, agent):
    """D-08: all 64 pairs."""
    submission = SubmissionFactory(state=state)
    allowed = to in machines.PAPER.transitions[state] and to in submissions.DECISIONS
    if allowed:
        assert decide(submission, to, agent).state == to
    else:
        with pytest.raises(machine.NotPossible):
            decide(submission, to, agent)
        assert Submission.objects.get(pk=submission.pk).state == state


def test_the_applicant_reads_every_state_in_words_of_their_own():
    """S1-32: what the desk calls submitted, the applicant reads as what they have to wait for."""
    assert {state.value: Submission(state=state).state_for_applicant for state in State} == {
        "draft": "Draft",
        "submitted": "Waiting for your fax",
        "fax received": "Fax received, being checked",
        "returned": "Returned to you",
        "approved": "Approved",
        "denied": "Denied",
        "withdrawn": "Withdrawn",
        "expired": "Expired",
    }


def test_the_whole_way_writes_grant_journal_and_mails(submitted, agent, provider, inbox):
    """S1-34, S1-32: fax received, approved; the grant names account, portal, approver, form and practices."""
    received = decide(submitted, State.FAX_RECEIVED, agent)
    decide(received, State.APPROVED, agent)
    grant = AccessGrant.objects.get()
    assert (grant.account, grant.portal_key, grant.by, grant.origin, grant.origin_key) == (
        provider,
        "claims",
        agent,
        "form",
        submitted.reference,
    )
    assert grant.attributes == {"submit_claims": "yes", "login_user_id": "glin01"}
    assert "claims" in grants.portals_of(provider)
    practice = grant.memberships.get().practice
    assert practice.name == "Harbor Family Medicine"
    assert set(practice.tins.values_list("digits", "kind")) == {("954501234", "EIN"), ("330876543", "EIN")}
    assert {tin.attested_by for tin in practice.tins.all()} == {agent}, "D-25: staff approved them"
    kinds = list(JournalEntry.objects.filter(account=provider).order_by("pk").values_list("kind", flat=True))
    assert kinds[-5:] == [
        "accessforms.RequestSubmitted", "accessforms.FaxReceived", "accessforms.RequestApproved",
        "rbac.MembershipOpened", "rbac.AccessGranted",
    ]  # fmt: skip
    subjects = [mail.subject for mail in inbox.all() if mail.to == provider.email]
    assert [word in subject for word, subject in zip(("print", "arrived", "approved"), subjects, strict=True)]


@pytest.mark.parametrize(("step", "word"), [(State.RETURNED, "correction"), (State.DENIED, "denied")])
def test_returning_and_denying_need_a_reason_that_the_applicant_sees(submitted, agent, provider, inbox, step, word):
    """D-08."""
    with pytest.raises(machine.ReasonMissing):
        decide(submitted, step, agent, reason="  ")
    assert decide(submitted, step, agent, reason="The signature is missing").reason == "The signature is missing"
    assert word in inbox.newest("mail", provider.email).subject
    assert "signature" not in inbox.newest("mail", provider.email).text, "mails hold no answers and no reasons"
    assert JournalEntry.objects.latest("pk").facts["reason"] == "The signature is missing"


def test_nobody_decides_an_own_request(agent):
    own = SubmissionFactory(account=agent, submitted=True)
    with pytest.raises(submissions.OwnRequest):
        decide(own, State.FAX_RECEIVED, agent)


def test_an_agent_decides_only_for_the_own_portals(submitted, provider):
    """C29: an approver right per portal."""
    other = make_staff("pip.agent", "service desk", ("physician",))
    with pytest.raises(approvals.MayNotDecide):
        decide(submitted, State.FAX_RECEIVED, other)
    with pytest.raises(approvals.MayNotDecide):
        decide(submitted, State.FAX_RECEIVED, provider)
    assert approvals.portals_decided_by(other) == ["physician"]


def test_the_second_of_two_agents_is_told(submitted, agent):
    """Two agents pressing at once: one wins, the other gets NotPossible with what is."""
    mine, hers = (Submission.objects.get(pk=submitted.pk) for _ in range(2))
    decide(mine, State.FAX_RECEIVED, agent)
    with pytest.raises(machine.NotPossible) as refused:
        decide(hers, State.DENIED, agent)
    assert refused.value.current.state == State.FAX_RECEIVED
    assert JournalEntry.objects.filter(kind="accessforms.RequestDenied").count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_ten_parallel_approvals_one_wins(submitted, agent):
    """The same on real threads and connections: one grant, one event, one mail."""
    received = decide(submitted, State.FAX_RECEIVED, agent)
    opened = [Submission.objects.get(pk=received.pk) for _ in range(10)]  # ten agents with the same page

    def press():
        try:
            decide(opened.pop(), State.APPROVED, agent)
        except machine.NotPossible:
            return "told"
        return "won"

    results = together(press, threads=10)
    assert sorted(results) == ["told"] * 9 + ["won"]
    assert AccessGrant.objects.count() == 1
    assert OutboxMessage.objects.filter(kind="accessforms.RequestApprovedMail").count() == 1


def test_a_failing_effect_leaves_nothing_behind(submitted, agent, monkeypatch):
    """house: atomic with its journal entry and its messages."""
    received = decide(submitted, State.FAX_RECEIVED, agent)
    before = JournalEntry.objects.count(), OutboxMessage.objects.count()
    monkeypatch.setattr("accessforms.domain.effects.apply", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        decide(received, State.APPROVED, agent)
    assert Submission.objects.get(pk=received.pk).state == State.FAX_RECEIVED
    assert (JournalEntry.objects.count(), OutboxMessage.objects.count()) == before


def test_a_deactivation_ends_the_grant(provider, agent):
    """S1-28: "Deactivate Account" is approved like any other form."""
    grants.give(account=provider, portal_key="claims", origin=Origin.STAFF, reason="x", by=None, now=NOW)
    answers = {**answers_of("claims", provider), "request_type": "deactivate"}
    submission = SubmissionFactory(account=provider, answers=answers, submitted=True)
    decide(decide(submission, State.FAX_RECEIVED, agent), State.APPROVED, agent)
    assert "claims" not in grants.portals_of(provider)
    assert JournalEntry.objects.latest("pk").kind == "rbac.AccessEnded"


@pytest.mark.parametrize(
    ("types", "ends"), [(["remove_access"], True), (["staff", "remove_access"], True), (["new_access", "remove_access"], False), (["new_access"], False)]
)  # fmt: skip
def test_removing_access_on_the_physician_form(provider, agent, types, ends):
    """S1-21: "Remove Access" ends it, unless new access is asked for as well."""
    grants.give(account=provider, portal_key="physician", origin=Origin.STAFF, reason="x", by=None, now=NOW)
    answers = {**answers_of("physician", provider), "request_type": types}
    submission = SubmissionFactory(account=provider, portal_key="physician", answers=answers, submitted=True)
    decide(decide(submission, State.FAX_RECEIVED, agent), State.APPROVED, agent, chosen={1: None})
    assert ("physician" in grants.portals_of(provider)) is not ends


def test_a_known_tax_id_keeps_its_practice(provider, agent):
    """C11: a form cannot rename a practice that it does not own."""
    known = TinFactory(digits="954501234", practice__name="Old Name").practice
    submission = SubmissionFactory(account=provider, submitted=True)
    decide(decide(submission, State.FAX_RECEIVED, agent), State.APPROVED, agent)
    held = {
        practice.name: set(practice.tins.values_list("digits", flat=True))
        for practice in Practice.objects.filter(memberships__grant=AccessGrant.objects.get())
    }
    assert held == {"Old Name": {"954501234"}, "Harbor Family Medicine": {"330876543"}}
    assert PracticeTin.objects.count() == 2
    assert known.name == "Old Name"


def test_a_request_that_nobody_faxed_expires_after_thirty_days(submitted, provider, inbox):
    """D-08: at the very moment, not a second before; told by mail."""
    end = NOW + timedelta(days=30)
    assert submissions.expire_unfaxed(now=end - timedelta(seconds=1)) == 0
    assert submissions.expire_unfaxed(now=end) == 1
    assert submissions.expire_unfaxed(now=end) == 0
    submitted.refresh_from_db()
    assert submitted.state == State.EXPIRED
    assert "expired" in inbox.newest("mail", provider.email).subject


def test_a_faxed_request_does_not_expire(submitted, agent):
    decide(submitted, State.FAX_RECEIVED, agent)
    assert submissions.expire_unfaxed(now=NOW + timedelta(days=400)) == 0


@pytest.mark.parametrize("state", [s for s in State if s not in (State.DRAFT, State.RETURNED)])
def test_answers_of_a_sent_request_cannot_be_changed(state):
    submission = SubmissionFactory(state=state)
    with pytest.raises(machine.NotPossible):
        submissions.save_answers(submission=submission, answers={}, is_complete=True, now=NOW)
    assert Submission.objects.get().answers


def test_references_have_no_look_alikes():
    """policy, fax bar code: no 0, O, 1 or I, eight characters."""
    seen = {submissions.new_reference() for _ in range(500)}
    assert len(seen) == 500
    assert not set("".join(seen)) & set("0O1I")
    assert {len(reference) for reference in seen} == {8}


def test_this_runs_on_the_database_that_was_asked_for():
    asked = os.environ.get("DATABASE_URL", "sqlite")
    assert connection.vendor == ("postgresql" if asked.startswith("postgres") else "sqlite")
