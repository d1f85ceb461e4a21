"""Rows that workers take one at a time: claimed for a lease, done outside the claim, tried again after pauses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F, Q, QuerySet

from identity.models import LeasedRow

WAITING = "waiting"
LOST = "worker lost"  # the problem of a row whose workers all died with it


def noop(*_about: object) -> None:
    """What a domain module calls after a commit until an app's ready() puts a task there: the domain knows no tasks,
    and the schedule finds whatever a lost nudge left behind."""


def free[M: models.Model](rows: QuerySet[M]) -> QuerySet[M]:
    """Lock these rows for the caller's transaction, without those that another worker holds. SQLite has one writer."""
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True)
    return rows


@dataclass(kw_only=True)
class LeasedQueue[R: LeasedRow]:
    """The rows of one table. Whoever claims one may take `lease`; then others may. `pauses` follow failures, and a row
    that failed once more, or was taken as often without an answer, is given up in sight of the desk."""

    model: type[R]
    finished: str
    given_up: str
    lease: timedelta
    pauses: Sequence[timedelta]
    order: tuple[str, ...] = ("due_at", "pk")
    nudge: Callable[..., object] = noop  # has a worker look at once; an AppConfig sets it

    def wake(self, *about: object) -> None:
        """Nudge a worker after the caller's commit. A dead broker never fails the caller."""
        transaction.on_commit(partial(self.nudge, *about), robust=True)

    @transaction.atomic
    def claim(self, *, now: datetime, pk: int | None = None) -> R | None:
        """Take the row that is due first, or that one, if it is due: one at a time, for each may take seconds."""
        due = self._rows.filter(state=WAITING, due_at__lte=now).order_by(*self.order)
        if pk is not None:
            due = due.filter(pk=pk)
        while (row := free(due).first()) is not None:
            row.attempts += 1
            if row.attempts <= len(self.pauses) + 1:
                self._rows.filter(pk=row.pk).update(due_at=now + self.lease, attempts=F("attempts") + 1)
                return row
            self._rows.filter(pk=row.pk).update(state=self.given_up, problem=LOST, done_at=now)
        return None

    def done(self, row: R, *, now: datetime, **changes: Any) -> bool:
        """The worker did it; False when the row is somebody else's by now, who says what became of it."""
        return self._ours(row).update(state=self.finished, done_at=now, problem="", **changes) > 0

    def failed(self, row: R, *, error: Exception, now: datetime, for_good: bool = False, **kept: Any) -> None:
        """Try again after a pause, or give up. Only the error's class is kept: its text can hold what people typed."""
        changes: dict[str, Any] = {"problem": type(error).__name__[:80], **kept}
        if for_good or row.attempts > len(self.pauses):
            changes |= {"state": self.given_up, "done_at": now}
        else:
            changes["due_at"] = now + self.pauses[row.attempts - 1]
        self._ours(row).update(**changes)

    def again(self, row: R, *, now: datetime, also: Q | None = None, **changes: Any) -> bool:
        """Put a given-up row back, or `also` one that ended so; False when it is neither."""
        ended = Q(state=self.given_up) | (Q(also, state=self.finished) if also else Q())
        mine = self._rows.filter(ended, pk=row.pk)
        return mine.update(state=WAITING, due_at=now, attempts=0, done_at=None, **changes) > 0

    @property
    def _rows(self) -> QuerySet[R]:
        return self.model._default_manager.all()

    def _ours(self, row: R) -> QuerySet[R]:
        """The row, as long as nobody claimed it after us."""
        return self._rows.filter(pk=row.pk, state=WAITING, attempts=row.attempts)
