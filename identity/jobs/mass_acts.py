"""Jobs that end, expire or prune touch few rows at a time; what would touch more is stopped until two people release it
(policy: mass acts; attack H6).

The sweep over idle grants has a life of its own (rbac.domain.sweeps: it can be undone); its limit stands here too.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from identity.accounts.backend import RealmBackend
from identity.models import Account, MassAct
from identity.notices.messages import MassActWaitsMail
from identity.record import events, journal, outbox

State = MassAct.State
TRANSITIONS: dict[str, frozenset[str]] = {
    State.FROZEN: frozenset({State.HALF_RELEASED, State.DISCARDED}),
    # To itself: the first release no longer counts when its author has lost the right.
    State.HALF_RELEASED: frozenset({State.HALF_RELEASED, State.RELEASED, State.DISCARDED}),
    State.RELEASED: frozenset({State.DONE, State.DISCARDED}),
    State.DONE: frozenset(),
    State.DISCARDED: frozenset(),
}
EVENTS: dict[str, type[events.MassActEvent]] = {
    State.FROZEN: events.MassActFrozen,
    State.HALF_RELEASED: events.MassActHalfReleased,
    State.RELEASED: events.MassActReleased,
    State.DONE: events.MassActDone,
    State.DISCARDED: events.MassActDiscarded,
}
RIGHT = "identity.release_mass_acts"

MESSAGES: dict[str, type[MassActWaitsMail] | None] = {
    State.FROZEN: MassActWaitsMail,
    State.HALF_RELEASED: MassActWaitsMail,
    State.RELEASED: None,
    State.DONE: None,
    State.DISCARDED: None,
}


class Limit(NamedTuple):
    """How many rows one run may touch by itself: a share of what is active, or a number, whichever is more."""

    percent: int
    at_least: int

    def of(self, active: int) -> int:
        return max(active * self.percent // 100, self.at_least)


ENDING, PRUNING = Limit(2, 50), Limit(10, 1_000)


class MayNotRelease(Exception):
    """This account does not hold, or no longer holds, the right to release stopped jobs."""


class SamePerson(Exception):
    """A job is released by two different people."""


class ReasonMissing(Exception):
    """Discarding needs a reason for those who look it up later."""


class NotPossible(Exception):
    """The act is no longer in a state from which this step leads: somebody was quicker."""


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
            _transition(act, to=State.DONE, by=None, now=now)
            return min(act.as_of, now)
        if act is not None and act.state == State.HALF_RELEASED:
            return None  # what the first of two has looked at stays as it is
        counted, of = due(now), active()
        if counted <= limit.of(of):
            if act is not None:
                _transition(act, to=State.DISCARDED, by=None, now=now, reason="small again")
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
            _tell(act, by=None, now=now)
    except IntegrityError:
        return None
    return act


def release(*, act: MassAct, by: Account, now: datetime) -> MassAct:
    """Let a stopped act happen at the job's next run: the first of two people, then the second.

    Raises MayNotRelease, SamePerson, or NotPossible when somebody was quicker.
    """
    _check_may_release(by)
    first = act.first_released_by
    if act.state == State.HALF_RELEASED and first is not None and may_release(Account.objects.get(pk=first.pk)):
        if first.pk == by.pk:
            raise SamePerson
        return _transition(act, to=State.RELEASED, by=by, now=now, changes={"released_by": by})
    return _transition(act, to=State.HALF_RELEASED, by=by, now=now, changes={"first_released_by": by})


def discard(*, act: MassAct, by: Account, reason: str, now: datetime) -> MassAct:
    """Take a stopped act off the list; the job plans anew. Raises MayNotRelease, ReasonMissing or NotPossible."""
    _check_may_release(by)
    if not reason.strip():
        raise ReasonMissing
    return _transition(act, to=State.DISCARDED, by=by, now=now, reason=reason)


def settle(*, kind: str, to: str, now: datetime) -> None:
    """The cause of a stopped act is gone: it is done, or discarded."""
    for act in MassAct.objects.filter(kind=kind, state__in=MassAct.OPEN):
        _transition(act, to=to, by=None, now=now)


def _check_may_release(account: Account) -> None:
    if not may_release(Account.objects.get(pk=account.pk)):
        raise MayNotRelease


@transaction.atomic
def _transition(
    act: MassAct,
    *,
    to: str,
    by: Account | None,
    now: datetime,
    changes: dict[str, Any] | None = None,
    reason: str = "",
) -> MassAct:
    """Move one step by compare-and-set on the state and the first release: of two who press at once, one wins."""
    if to not in TRANSITIONS[act.state]:
        raise NotPossible
    seen = MassAct.objects.filter(pk=act.pk, state=act.state, first_released_by=act.first_released_by)
    if not seen.update(state=to, state_since=now, **(changes or {})):
        raise NotPossible
    act.refresh_from_db()
    _tell(act, by=by, now=now, reason=reason.strip())
    return act


def _tell(act: MassAct, *, by: Account | None, now: datetime, reason: str = "") -> None:
    """The event of the state that an act has just reached, and a mail to whoever may release it."""
    journal.record(EVENTS[act.state](account=None, by=by, about=act, kind=act.kind, reason=reason), now=now)
    if message := MESSAGES[act.state]:
        for operator in RealmBackend().with_perm(RIGHT).filter(is_staff=True):
            if operator != by:
                outbox.enqueue(message(account_id=operator.pk, act=act.pk, state=str(act.state)), now=now)
