"""Administrator requests decided, proved and taken at the same moment: one wins. On PostgreSQL: SQLite has one writer at
a time."""

from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from enrollment.domain import administrator_decisions, administrator_requests
from enrollment.models import AdministratorRequest, Invitation
from identity.models import JournalEntry
from identity.record.machine import NotPossible
from rbac.domain.hand_overs import NoNumberOnFile
from rbac.models import Practice, PracticeTin
from tests.conftest import make_staff
from tests.steps.administrator_requests import PORTAL, asked, submitted
from tests.together import together

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks"),
    pytest.mark.django_db(transaction=True),
]
REFUSED = (NotPossible, NoNumberOnFile)


@pytest.fixture(autouse=True)
def _alone(monkeypatch, transactional_db):
    from portals.apps import _make_queues

    monkeypatch.setattr("identity.record.outbox.QUEUE.nudge", lambda: None)
    _make_queues()


@pytest.fixture
def agent(transactional_db):
    return make_staff("pat.services", "service desk", (PORTAL,))


def turn_by_turn(*acts):
    """Each act once, all at the same moment; what each answered."""
    waiting = list(acts)

    def run():
        try:
            waiting.pop()()
        except REFUSED as refused:
            return type(refused).__name__
        return "done"

    return Counter(together(run, threads=len(acts)))


def decide(pk: int, to: str, agent):
    def act():
        row = AdministratorRequest.objects.get(pk=pk)
        administrator_decisions.decide(
            request=row, to=to, by=agent, now=timezone.now(), seen=row.version, reason="Because."
        )

    return act


@pytest.mark.parametrize("round_", range(5))
def test_one_request_is_decided_once(agent, round_):
    row = submitted()
    answers = turn_by_turn(*(decide(row.pk, to, agent) for to in ("approved", "denied", "returned", "approved")))
    assert answers == {"done": 1, "NotPossible": 3}
    row.refresh_from_db()
    sent = Invitation.objects.filter(kind="administrator").count()
    assert sent == (2 if row.state == "approved" else 0)
    assert PracticeTin.objects.count() == Practice.objects.count() == (1 if row.state == "approved" else 0)


@pytest.mark.parametrize("round_", range(5))
def test_of_two_requests_for_one_tax_id_one_gets_the_practice(agent, round_):
    """D-25: the second one meets the administrators who are invited by then, and a number on file that is new."""
    rows = [submitted(), submitted(secondary=None), submitted(practice_name="Another name")]
    answers = turn_by_turn(*(decide(row.pk, "approved", agent) for row in rows))
    assert answers == {"done": 1, "NoNumberOnFile": 2}
    assert Practice.objects.count() == 1
    assert AdministratorRequest.objects.filter(state="approved").count() == 1


def test_a_mailbox_is_proved_once():
    """The link pressed twice, and beside the code."""
    row = asked()

    def prove():
        found = AdministratorRequest.objects.get(pk=row.pk)
        administrator_requests.prove(request=found, proof=None, now=timezone.now())

    assert turn_by_turn(*[prove] * 6) == {"done": 1, "NotPossible": 5}
    assert JournalEntry.objects.filter(kind="enrollment.AdministratorRequestProved").count() == 1


def test_a_withdrawal_against_an_approval(agent):
    """One outcome: nobody is invited by a request that was taken back."""
    for _ in range(5):
        row = submitted(tin=f"39{AdministratorRequest.objects.count():07}")

        def withdraw(pk=row.pk):
            administrator_requests.withdraw(request=AdministratorRequest.objects.get(pk=pk), now=timezone.now())

        assert turn_by_turn(withdraw, decide(row.pk, "approved", agent)) == {"done": 1, "NotPossible": 1}
        row.refresh_from_db()
        invited = Invitation.objects.filter(origin_key=row.number).count()
        assert (row.state, invited) in {("approved", 2), ("withdrawn", 0)}


def test_one_of_several_colleagues_takes_it(agent):
    others = [make_staff(f"colleague{n}", "service desk", (PORTAL,)) for n in range(3)]
    row = submitted()

    def take(by):
        return lambda: administrator_decisions.take(request=row, by=by, now=timezone.now())

    assert turn_by_turn(*(take(by) for by in (agent, *others))) == {"done": 1, "NotPossible": 3}


def test_who_runs_the_practice_is_told_once_by_parallel_jobs():
    submitted()
    now = timezone.now()
    assert sum(together(lambda: administrator_decisions.tell_administrators(now=now), threads=4)) == 1
