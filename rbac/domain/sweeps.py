"""Runs of the sweep over idle grants (policy: mass acts): planned, stopped where they would touch too many, released by
two, undone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from identity.jobs import mass_acts
from identity.jobs.by_two import ReleasedByTwo
from identity.models import Account
from identity.policy import lifecycle
from rbac import events, messages
from rbac.domain import bulk, idleness, pauses
from rbac.domain.bulk import Act, Done
from rbac.models import AccessGrant, SweepRun
from rbac.models.grants import AccessGrantQuerySet

State = SweepRun.State
CHUNK = 1_000  # grants a transaction: see `python -m tests.bench idle`


class SweepMachine(ReleasedByTwo[SweepRun]):
    """The life of a run."""

    model = SweepRun
    right = "rbac.run_sweeps"
    half, discarded, named = State.HALF_RELEASED, State.DISCARDED, "run"
    begins = frozenset({State.FROZEN, State.RUNNING})
    transitions = {
        State.FROZEN: frozenset({State.HALF_RELEASED, State.DISCARDED}),
        # To itself: the first release no longer counts when its author has lost the right; somebody else's takes over.
        State.HALF_RELEASED: frozenset({State.HALF_RELEASED, State.RUNNING, State.DISCARDED}),
        State.RUNNING: frozenset({State.DONE, State.UNDOING}),
        State.DONE: frozenset({State.UNDOING}),
        State.DISCARDED: frozenset(),
        State.UNDOING: frozenset({State.UNDONE}),
        State.UNDONE: frozenset(),
    }
    events = {
        State.FROZEN: events.SweepFrozen,
        State.HALF_RELEASED: events.SweepHalfReleased,
        State.RUNNING: events.SweepBegun,
        State.DONE: events.SweepDone,
        State.DISCARDED: events.SweepDiscarded,
        State.UNDOING: events.SweepUndoBegun,
        State.UNDONE: events.SweepUndone,
    }
    messages = {
        State.FROZEN: messages.SweepWaitsMail,
        State.HALF_RELEASED: messages.SweepWaitsMail,
        State.RUNNING: None,  # what it does is told to each person
        State.DONE: None,
        State.DISCARDED: None,
        State.UNDOING: None,
        State.UNDONE: None,
    }
    needs_reason = frozenset({State.DISCARDED, State.UNDOING})
    by_two = {State.RUNNING: "first_released_by"}

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        steps: dict[str, dict[str, Any]] = {
            State.HALF_RELEASED: {"first_released_by": by},
            State.RUNNING: {"released_by": by, "began_at": now},
            State.UNDOING: {"undone_by": by},
        }
        return {"state_since": now, **steps.get(to, {})}

    def facts(self, row: SweepRun, *, reason: str) -> dict[str, Any]:
        return {"account": None, "reason": reason}


MACHINE = SweepMachine()


class TooLate(Exception):
    """The run began too long ago to be undone as a whole."""


def most_allowed(active: int) -> int:
    """How many a run may touch by itself, warned or rested: 2 % of the active grants or 50, whichever is more."""
    return mass_acts.ENDING.of(active)


def plan(*, periods: Mapping[str, timedelta], now: datetime) -> SweepRun:
    """What a run would do now. Writes nothing: this is the dry run, too."""
    counts = idleness.count_due(periods=periods, as_of=now)
    to_suspend = sum(count for (_portal, days), count in counts.items() if days == 0)
    to_warn = sum(counts.values()) - to_suspend
    active = AccessGrant.objects.active().count()
    allowed = most_allowed(active)
    begins = to_suspend + to_warn <= allowed
    return SweepRun(
        as_of=now,
        periods={portal_key: int(period.total_seconds()) for portal_key, period in periods.items()},
        state=State.RUNNING if begins else State.FROZEN,
        state_since=now,
        began_at=now if begins else None,
        active=active,
        allowed=allowed,
        to_warn=to_warn,
        to_suspend=to_suspend,
    )


def start(*, periods: Mapping[str, timedelta], now: datetime) -> SweepRun | None:
    """Begin a run, or stop it before it began where it would touch too many, and tell the operators.

    A stopped run that nobody has released yet is planned anew. None while another one is under way or half released.
    """
    run = plan(periods=periods, now=now)
    try:
        with transaction.atomic():
            before = SweepRun.objects.select_for_update().filter(state__in=SweepRun.OPEN).first()
            if before is not None and before.state != State.FROZEN:
                return None
            if before is not None:
                MACHINE.move(before, to=State.DISCARDED, by=None, now=now, reason="planned anew")
            run.save()
            MACHINE.tell(run, by=None, now=now)
    except IntegrityError:
        return None  # another process was quicker
    return run


def can_undo(run: SweepRun, *, now: datetime) -> bool:
    """Whether a run's rests can still be undone as a whole."""
    if run.began_at is None or not MACHINE.can_move(run, to=State.UNDOING):
        return False
    return now < run.began_at + lifecycle.after("sweep_undo")


@transaction.atomic
def undo(*, run: SweepRun, by: Account, reason: str, now: datetime) -> SweepRun:
    """Stop a run if it is under way, and give back all that still rests because of it (policy: mass acts).

    `go_on` does the work. Raises MayNotRelease, ReasonMissing, TooLate, or NotPossible.
    """
    MACHINE.check_may(by)
    MACHINE.check_reason(to=State.UNDOING, reason=reason)
    if MACHINE.can_move(run, to=State.UNDOING) and not can_undo(run, now=now):
        raise TooLate
    return MACHINE.move(run, to=State.UNDOING, by=by, now=now, reason=reason)


def go_on(*, clock: Callable[[], datetime]) -> Iterator[int]:
    """Work on the runs that are under way; yields how many grants each chunk changed, after its commit.

    Whoever stops listening, or is killed, loses nothing: the next call goes on where the chunks ended.
    """
    for run in SweepRun.objects.filter(state__in=SweepRun.AT_WORK).select_related("undone_by").order_by("pk"):
        undoing = run.state == State.UNDOING
        for counter, act in _undoing(run) if undoing else _sweeping(run, as_of=min(run.as_of, clock())):
            reached = None
            while (done := _chunk(run, counter, act, reached=reached, now=clock())).number:
                yield done.number
                reached = done.reached
        # Nothing where an operator undoes it, or another worker has finished it.
        MACHINE.try_move(run, to=State.UNDONE if undoing else State.DONE, by=run.undone_by, now=clock())


type Work = Iterator[tuple[str, Callable[..., Act]]]


def _sweeping(run: SweepRun, *, as_of: datetime) -> Work:
    periods = {portal_key: timedelta(seconds=seconds) for portal_key, seconds in run.periods.items()}
    for stage in idleness.stages(periods=periods, as_of=as_of):
        yield "warned" if stage.days else "suspended", partial(idleness.act_of, stage, run=run)


def _undoing(run: SweepRun) -> Work:
    yield "restored", partial(idleness.act_of_undoing, run)


@transaction.atomic
def _chunk(run: SweepRun, counter: str, act: Callable[..., Act], *, reached: datetime | None, now: datetime) -> Done:
    """One chunk in a transaction of its own, no more than the plan says; nothing once the run's state has changed.

    The run's row is locked first: an undo waits for the chunk and then knows of it.
    """
    current = SweepRun.objects.select_for_update().get(pk=run.pk)
    room = {"warned": current.to_warn - current.warned, "suspended": current.to_suspend - current.suspended}
    most = min(CHUNK, room.get(counter, CHUNK))
    if current.state != run.state or most <= 0:
        return Done(0, None)
    wanted = act(now=now)
    if reached is not None:
        wanted = replace(wanted, due=wanted.due.filter(idle_from__gte=reached))  # what lies before it is done
    resting = _locked(wanted.due, most=most) if counter == "restored" else {}
    if resting:
        wanted = replace(wanted, due=wanted.due.filter(pk__in=resting))
    done = bulk.do(wanted, most=most, now=now)
    pauses.note_all(resting.items(), now=now)
    if done.number:
        SweepRun.objects.filter(pk=run.pk).update(**{counter: F(counter) + done.number})
    return done


def _locked(due: AccessGrantQuerySet, *, most: int) -> dict[int, datetime]:
    """Grants that are about to come back, none that is in use this moment, and since when each has rested."""
    rows = due.order_by("idle_from").select_for_update(skip_locked=True, no_key=True)
    return {pk: since for pk, since in rows.values_list("pk", "suspended_at")[:most] if since is not None}
