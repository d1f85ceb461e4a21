"""Jobs that end, expire or prune touch few rows at a time; what would touch more is stopped until two people release it
(policy: mass acts; attack H6).

The sweep over idle grants has a life of its own (rbac.domain.sweeps: it can be undone); its limit stands here too.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from identity.accounts.backend import RealmBackend
from identity.models import Account, MassAct
from identity.notices.messages import MassActWaitsMail
from identity.record import events
from identity.record.machine import Machine

State = MassAct.State
RIGHT = "identity.release_mass_acts"


class MassActMachine(Machine[MassAct]):
    """The life of a stopped act."""

    model = MassAct
    compared = ("first_released_by_id",)
    begins = frozenset({State.FROZEN})
    transitions = {
        State.FROZEN: frozenset({State.HALF_RELEASED, State.DISCARDED}),
        # To itself: the first release no longer counts when its author has lost the right.
        State.HALF_RELEASED: frozenset({State.HALF_RELEASED, State.RELEASED, State.DISCARDED}),
        State.RELEASED: frozenset({State.DONE, State.DISCARDED}),
        State.DONE: frozenset(),
        State.DISCARDED: frozenset(),
    }
    events = {
        State.FROZEN: events.MassActFrozen,
        State.HALF_RELEASED: events.MassActHalfReleased,
        State.RELEASED: events.MassActReleased,
        State.DONE: events.MassActDone,
        State.DISCARDED: events.MassActDiscarded,
    }
    messages = {
        State.FROZEN: MassActWaitsMail,
        State.HALF_RELEASED: MassActWaitsMail,
        State.RELEASED: None,
        State.DONE: None,
        State.DISCARDED: None,
    }
    needs_reason = frozenset({State.DISCARDED})
    by_two = {State.RELEASED: "first_released_by"}

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        releases: dict[str, dict[str, Any]] = {
            State.HALF_RELEASED: {"first_released_by": by},
            State.RELEASED: {"released_by": by},
        }
        return {"state_since": now, **releases.get(to, {})}

    def facts(self, row: MassAct, *, reason: str) -> dict[str, Any]:
        return {"account": None, "kind": row.kind, "reason": reason}

    def message_ids(self, row: MassAct, *, by: Account | None) -> Iterable[dict[str, Any]]:
        """Whoever may release it, but for who has just done so."""
        for operator in RealmBackend().with_perm(RIGHT).filter(is_staff=True):
            if operator != by:
                yield {"account_id": operator.pk, "act": row.pk, "state": str(row.state)}


MACHINE = MassActMachine()


class Limit(NamedTuple):
    """How many rows one run may touch by itself: a share of what is active, or a number, whichever is more."""

    percent: int
    at_least: int

    def of(self, active: int) -> int:
        return max(active * self.percent // 100, self.at_least)


ENDING, PRUNING = Limit(2, 50), Limit(10, 1_000)


class MayNotRelease(Exception):
    """This account does not hold, or no longer holds, the right to release stopped jobs."""


def may_release(account: Account) -> bool:
    """Whether the account may look at and release stopped jobs."""
    return account.is_active and account.is_staff and account.has_perm(RIGHT)


def admit(
    *, kind: str, due: Callable[[datetime], int], active: Callable[[], int], limit: Limit, now: datetime
) -> datetime | None:
    """As of which moment a job may act: now where it touches few, the moment that two people have released, or None.

    `due` counts the rows that would be touched as of a moment. A stopped act that is small again is discarded.
    """
    with transaction.atomic():
        act = MassAct.objects.select_for_update().filter(kind=kind, state__in=MassAct.OPEN).first()
        if act is not None and act.state == State.RELEASED:
            MACHINE.move(act, to=State.DONE, by=None, now=now)
            return min(act.as_of, now)
        if act is not None and act.state == State.HALF_RELEASED:
            return None  # what the first of two has looked at stays as it is
        counted, of = due(now), active()
        if counted <= limit.of(of):
            if act is not None:
                MACHINE.move(act, to=State.DISCARDED, by=None, now=now, reason="small again")
            return now
    if act is None:
        freeze(kind=kind, counted=counted, active=of, allowed=limit.of(of), now=now)
    else:
        MassAct.objects.filter(pk=act.pk, state=State.FROZEN).update(counted=counted, active=of, as_of=now)
    return None


def admitted[M: Model](
    *, kind: str, rows: Callable[[datetime], QuerySet[M]], active: QuerySet[Any], limit: Limit, now: datetime
) -> QuerySet[M]:
    """The rows that a job may touch, of those that are over as of a moment; none while they wait for two people."""
    as_of = admit(
        kind=kind, due=lambda moment: rows(moment).count(), active=lambda: active.count(), limit=limit, now=now
    )
    return rows(as_of) if as_of else rows(now).none()


def freeze(*, kind: str, counted: int, active: int, allowed: int, now: datetime) -> MassAct | None:
    """Stop an act and tell the operators; None where another process was quicker."""
    act = MassAct(kind=kind, as_of=now, state_since=now, counted=counted, active=active, allowed=allowed)
    try:
        with transaction.atomic():
            act.save()
            MACHINE.tell(act, by=None, now=now)
    except IntegrityError:
        return None
    return act


@transaction.atomic
def release(*, act: MassAct, by: Account, now: datetime) -> MassAct:
    """Let a stopped act happen at the job's next run: the first of two people, then the second.

    Raises MayNotRelease, SamePerson, or NotPossible when somebody was quicker.
    """
    _check_may_release(by)
    first = act.first_released_by
    if act.state == State.HALF_RELEASED and first is not None and may_release(Account.objects.get(pk=first.pk)):
        return MACHINE.move(act, to=State.RELEASED, by=by, now=now)
    return MACHINE.move(act, to=State.HALF_RELEASED, by=by, now=now)


@transaction.atomic
def discard(*, act: MassAct, by: Account, reason: str, now: datetime) -> MassAct:
    """Take a stopped act off the list; the job plans anew. Raises MayNotRelease, ReasonMissing or NotPossible."""
    _check_may_release(by)
    return MACHINE.move(act, to=State.DISCARDED, by=by, now=now, reason=reason)


@transaction.atomic
def settle(*, kind: str, to: str, now: datetime) -> None:
    """The cause of a stopped act is gone: it is done, or discarded."""
    for act in MassAct.objects.filter(kind=kind, state__in=MassAct.OPEN):
        MACHINE.move(act, to=to, by=None, now=now)


def _check_may_release(account: Account) -> None:
    if not may_release(Account.objects.get(pk=account.pk)):
        raise MayNotRelease
