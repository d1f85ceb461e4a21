"""Agree against end, and against whoever joins the vendor in the same moment. On PostgreSQL: SQLite has one writer at a
time."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from identity.models import JournalEntry
from identity.record.machine import NotPossible
from rbac.domain import grants, mandate_inquiries, mandates, memberships
from rbac.models import Mandate, MandateInquiry, Membership, Origin
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


def test_both_sides_end_it_in_the_same_moment():
    """S3-10: it ends once, told once, whoever pressed first."""
    vera, maria = vendor_person(), signer()
    row = agreed(vera, maria, now=timezone.now() - timedelta(minutes=1))
    sides = [(mandates.give_up, vera.grant.account), (mandates.end, maria.grant.account)] * 4
    answers = turn_by_turn(*(lambda act=act, by=by: pressed(act, row, by) for act, by in sides))
    assert Counter(answers) == {"ended": 1, "too late": 7}
    assert not Membership.objects.current().filter(mandate=row).exists()
    assert JournalEntry.objects.filter(kind="rbac.MandateEnded").count() == 1


def test_the_limit_of_a_day_holds_in_all_windows_at_once():
    """S2-16, M3: of eight windows with ten tax IDs each, three fit."""
    vera = vendor_person()

    def ask(window: int) -> str:
        tins = [(f"91{window:02}{number:05}", "EIN") for number in range(10)]
        try:
            mandate_inquiries.ask(
                vendor=vera.practice, portal_key=PORTAL, tins=tins, roles=["billing_specialist"],
                by=vera.grant.account, now=timezone.now(),
            )  # fmt: skip
        except mandate_inquiries.TooManyToday:
            return "too many"
        return "asked"

    answers = Counter(turn_by_turn(*(lambda window=window: ask(window) for window in range(8))))
    assert answers == {"asked": 3, "too many": 5}
    assert MandateInquiry.objects.count() == 30


def test_two_workers_pass_on_what_waits_once():
    vera, maria = vendor_person(), signer()
    tin = (maria.practice.tins.get().digits, "EIN")
    now = timezone.now()
    mandate_inquiries.ask(
        vendor=vera.practice,
        portal_key=PORTAL,
        tins=[tin],
        roles=["billing_specialist"],
        by=vera.grant.account,
        now=now,
    )
    done = turn_by_turn(*(lambda: mandate_inquiries.pass_on_all(now=timezone.now()) for _ in range(4)))
    assert sum(done) == 1
    assert Mandate.objects.count() == 1


@pytest.mark.parametrize("act", ["suspend", "change_role"])
def test_something_in_the_vendor_while_the_practice_ends(act):
    """No membership is left behind an ended mandate, and nobody waits for the other for ever."""
    for _ in range(5):
        vera, maria = vendor_person(), signer()
        row = agreed(vera, maria, now=timezone.now() - timedelta(minutes=1))

        def change(vera=vera) -> str:
            more = {"role": "billing_specialist", "market": "CA"} if act == "change_role" else {}
            getattr(memberships, act)(membership=vera, by=None, now=timezone.now(), **more)
            return "done"

        turn_by_turn(change, lambda row=row, maria=maria: pressed(mandates.end, row, maria.grant.account))
        assert not Membership.objects.current().filter(mandate=row).exists()
