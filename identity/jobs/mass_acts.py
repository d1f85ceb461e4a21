"""Jobs that end, expire or prune touch few rows at a time; what would touch more is stopped until two people release it
(policy: mass acts; attack H6).

The sweep over idle grants has a life of its own (rbac.domain.sweeps: it can be undone); its limit stands here too.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from identity.jobs.by_two import ReleasedByTwo
from identity.models import Account, MassAct
from identity.notices.messages import MassActWaitsMail
from identity.record import events

State = MassAct.State


class MassActMachine(ReleasedByTwo[MassAct]):
    """The life of a stopped act."""

    model = MassAct
    right = "identity.release_mass_acts"
    half, discarded, named = State.HALF_RELEASED, State.DISCARDED, "act"
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


MACHINE = MassActMachine()


class Limit(NamedTuple):
    """How many rows one run may touch by itself: a share of what is active, or a number, whichever is more."""

    percent: int
    at_least: int

    def of(self, active: int) -> int:
        return max(active * self.percent // 100, self.at_least)


ENDING, PRUNING = Limit(2, 50), Limit(10, 1_000)


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
def settle(*, kind: str, to: str, now: datetime) -> None:
    """The cause of a stopped act is gone: it is done, or discarded."""
    for act in MassAct.objects.filter(kind=kind, state__in=MassAct.OPEN):
        MACHINE.move(act, to=to, by=None, now=now)
