"""A registration that is decided, corrected and taken back in the same moment. On PostgreSQL: SQLite has one writer at a
time."""

from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from accessforms.domain import submissions
from accessforms.models import Submission
from identity.record.machine import NotPossible
from rbac.models import AccessGrant, Membership, PracticeTin
from tests.factories import AccountFactory
from tests.steps.registration import registered
from tests.together import turn_by_turn

State = Submission.State
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def _no_relay(monkeypatch):
    monkeypatch.setattr("identity.record.outbox.QUEUE.nudge", lambda: None)


def decided(sent: Submission, to: str, by) -> str:
    """A press on the desk's page, as both agents had opened it."""
    row, reason = Submission.objects.get(pk=sent.pk), "Wrong tax ID" if to in (State.RETURNED, State.DENIED) else ""
    try:
        submissions.decide(
            submission=row, to=to, by=by, now=timezone.now(), seen_version=sent.version, reason=reason, attested=None
        )
    except NotPossible:
        return "too late"
    return to


def withdrawn(sent: Submission) -> str:
    try:
        submissions.withdraw(submission=Submission.objects.get(pk=sent.pk), by=sent.account, now=timezone.now())
    except NotPossible:
        return "too late"
    return State.WITHDRAWN


def test_of_all_who_decide_and_take_back_one_wins(agent):
    """S2-19, S2-20: the door is open where it was approved, and nowhere else."""
    for _ in range(5):
        sent = registered(AccountFactory(), now=timezone.now())
        acts = [lambda to=to, sent=sent: decided(sent, to, agent) for to in (State.APPROVED, State.DENIED) * 3]
        answers = Counter(turn_by_turn(*acts, lambda sent=sent: withdrawn(sent)))
        held = Submission.objects.get(pk=sent.pk).state
        assert answers == {held: 1, "too late": 6}
        assert AccessGrant.objects.filter(account=sent.account).count() == (held == State.APPROVED)
        assert len(Submission.objects.get(pk=sent.pk).outcomes) == (held == State.APPROVED)


def test_two_registrations_with_the_same_new_tax_ids_approved_at_once(agent):
    """M4, D-25: one practice a tax ID, and both people work for it."""
    sent = [registered(AccountFactory(), now=timezone.now()) for _ in range(4)]
    answers = turn_by_turn(*(lambda one=one: decided(one, State.APPROVED, agent) for one in sent))
    assert answers == [State.APPROVED] * 4
    tins = PracticeTin.objects.all()
    assert tins.count() == 2
    assert Membership.objects.current().count() == 8
    assert {row.practice_id for row in Membership.objects.current()} == {tin.practice_id for tin in tins}
