"""Agree against end, and against whoever joins the vendor in the same moment. On PostgreSQL: SQLite has one writer at a
time."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from identity.models import JournalEntry
from identity.record.machine import NotPossible
from rbac.domain import grants, mandates, memberships
from rbac.models import Mandate, Membership, Origin
from tests.factories import AccountFactory, GrantFactory
from tests.steps.mandates import PORTAL, agreed, asked, signer, vendor_person
from tests.together import turn_by_turn

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def _no_relay(monkeypatch):
    monkeypatch.setattr("identity.record.outbox.QUEUE.nudge", lambda: None)


def pressed(act, row: Mandate, by) -> str:
    try:
        return act(mandate=Mandate.objects.get(pk=row.pk), by=by, now=timezone.now()).state
    except NotPossible:
        return "too late"


def test_of_many_who_agree_and_decline_one_wins():
    """S3-10: what holds is one answer, and no membership is left where it was declined."""
    vera, maria = vendor_person(), signer()
    row = asked(vera, maria.practice, now=timezone.now())
    acts = [mandates.agree, mandates.decline] * 6
    answers = Counter(turn_by_turn(*(lambda act=act: pressed(act, row, maria.grant.account) for act in acts)))
    won = Mandate.objects.get(pk=row.pk).state
    assert answers == {won: 1, "too late": 11}
    assert Membership.objects.current().filter(mandate=row).count() == (won == "agreed")


def test_agree_against_end():
    """Whatever comes first, an ended mandate has no membership, and an agreed one has each person's."""
    vera, maria = vendor_person(), signer()
    row = asked(vera, maria.practice, now=timezone.now())
    acts = [mandates.agree, mandates.end, mandates.end, mandates.agree]
    answers = turn_by_turn(*(lambda act=act: pressed(act, row, maria.grant.account) for act in acts))
    held = Mandate.objects.get(pk=row.pk)
    assert answers.count("agreed") == 1
    assert held.state in ("agreed", "ended")
    assert Membership.objects.current().filter(mandate=row).count() == (held.state == "agreed")
    assert JournalEntry.objects.filter(kind="rbac.MandateEnded").count() == (held.state == "ended")


@pytest.mark.parametrize("act", ["agree", "end"])
def test_whoever_joins_in_the_same_moment_is_neither_forgotten_nor_left_over(act):
    """A person who comes to the vendor while the practice presses: as if one had come after the other."""
    for _ in range(5):
        vera, maria = vendor_person(), signer()
        now = timezone.now() - timedelta(minutes=1)
        row = asked(vera, maria.practice, now=now) if act == "agree" else agreed(vera, maria, now=now)
        grant = GrantFactory(account=AccountFactory(), portal_key=PORTAL)

        def join(grant=grant, vera=vera) -> str:
            memberships.open(
                grant=grant, practice=vera.practice, role="billing_specialist", origin=Origin.STAFF, by=None,
                now=timezone.now(),
            )  # fmt: skip
            return "joined"

        press = getattr(mandates, act)
        turn_by_turn(join, lambda press=press, row=row, maria=maria: pressed(press, row, maria.grant.account))
        assert Membership.objects.current().filter(mandate=row).count() == (2 if act == "agree" else 0)


def test_whoever_leaves_while_the_practice_agrees():
    for _ in range(5):
        vera, maria = vendor_person(), signer()
        row = asked(vera, maria.practice, now=timezone.now() - timedelta(minutes=1))

        def leave(vera=vera) -> bool:
            account = vera.grant.account
            return grants.end(account=account, portal_key=PORTAL, reason="left", by=None, now=timezone.now())

        turn_by_turn(leave, lambda row=row, maria=maria: pressed(mandates.agree, row, maria.grant.account))
        assert not Membership.objects.current().filter(mandate=row).exists()
