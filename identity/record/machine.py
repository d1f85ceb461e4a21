"""The life of a row in states: what leads where, what a step records, sends and needs, and the one way to take it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model

from identity.models import Account
from identity.record import journal, outbox, transactions
from identity.record.journal import Event
from identity.record.outbox import AnyMessage


class NotPossible(Exception):
    """The row is no longer where this step begins, or somebody was quicker: `current` says where it is."""

    def __init__(self, current: Model) -> None:
        super().__init__(str(current.pk))
        self.current: Any = current  # a row of the machine's model: whoever catches it knows which


class Stale(NotPossible):
    """The row changed after the page that was acted on had been opened."""


class ReasonMissing(Exception):
    """This step says why, for whoever looks it up later."""


class SamePerson(Exception):
    """This step is the second of two, and of two different people."""


class Machine[M: Model](ABC):
    """A table a question; every table names every state, and a test walks all machines."""

    model: type[M]
    field = "state"
    version = "version"  # the field that `seen` is compared with
    compared: tuple[str, ...] = ()  # columns that nobody may have changed either, since the row was read
    begins: frozenset[str]
    transitions: Mapping[str, frozenset[str]]
    events: Mapping[str, type[Event]]  # a state in which a row begins may be silent, in both
    messages: Mapping[str, type[AnyMessage] | None]
    # A step (from, to) that says something else than the state it leads to, with its message.
    steps: ClassVar[Mapping[tuple[str, str], tuple[type[Event], type[AnyMessage] | None]]] = {}
    needs_reason: frozenset[str] = frozenset()  # of people: a job needs none
    by_two: ClassVar[Mapping[str, str]] = {}  # state -> the field that names who took the step before

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        """What every step writes beside the state."""
        return {}

    @abstractmethod
    def facts(self, row: M, *, reason: str) -> dict[str, Any]:
        """What the event of the state says: `account`, whom it concerns, and its own fields."""

    def message_ids(self, row: M, *, by: Account | None) -> Iterable[dict[str, Any]]:
        """The ids of each message of the state, a reader each."""
        return ()

    def can_move(self, row: M, *, to: str) -> bool:
        """Whether a step leads to this state from where the row is."""
        return to in self.transitions[getattr(row, self.field)]

    def check_can_move(self, row: M, *, to: str, seen: int | None = None) -> None:
        """Raise NotPossible where no step leads there, Stale where the row is not the one that was seen."""
        if not self.can_move(row, to=to):
            raise NotPossible(row)
        if seen is not None and getattr(row, self.version) != seen:
            raise Stale(row)

    def check_reason(self, *, to: str, reason: str) -> None:
        """Raise ReasonMissing where this state needs a reason and none is given."""
        if to in self.needs_reason and not reason.strip():
            raise ReasonMissing

    def check_second(self, row: M, *, to: str, by: Account | None) -> None:
        """Raise SamePerson for whoever took the step before, where two different people are needed."""
        first = self.by_two.get(to)
        if first and by is not None and getattr(row, f"{first}_id") == by.pk:
            raise SamePerson

    def move(
        self,
        row: M,
        *,
        to: str,
        by: Account | None,
        now: datetime,
        seen: int | None = None,
        reason: str = "",
        **changes: Any,
    ) -> M:
        """Take one step by compare-and-set, within the caller's transaction: of two who press at once, one wins.

        Raises SamePerson, ReasonMissing, NotPossible or Stale (house: a state machine is a table).
        """
        transactions.check_open("Machine.move")
        self.check_second(row, to=to, by=by)
        if by is not None:
            self.check_reason(to=to, reason=reason)
        self.check_can_move(row, to=to, seen=seen)
        as_read = {name: getattr(row, name) for name in (self.field, *self.compared)}
        written = {self.field: to, **self.stamps(to=to, by=by, now=now, reason=reason.strip()), **changes}
        if not self.model._default_manager.filter(pk=row.pk, **as_read).update(**written):
            row.refresh_from_db()
            raise NotPossible(row)
        row.refresh_from_db(fields=list(written))  # what else was read with the row stays read
        self.tell(row, by=by, now=now, reason=reason, left=as_read[self.field])
        return row

    def try_move(self, row: M, *, to: str, by: Account | None, now: datetime, reason: str = "") -> bool:
        """The same in a transaction of its own, for a job that goes over many rows: answers whether the step was taken,
        or somebody was quicker since the row was read. Raises SamePerson or ReasonMissing."""
        try:
            with transaction.atomic():
                self.move(row, to=to, by=by, now=now, reason=reason)
        except NotPossible:
            return False
        return True

    def tell(self, row: M, *, by: Account | None, now: datetime, reason: str = "", left: str = "") -> None:
        """The event and the messages of the state that a row has just reached, the first one too, or of its step from
        the state that it `left`: within the caller's transaction."""
        self.tell_all([row], by=by, now=now, reason=reason, left=left)

    def tell_all(
        self, rows: Iterable[M], *, by: Account | None, now: datetime, reason: str = "", left: str = ""
    ) -> None:
        """The same of several rows, in as many statements as of one."""
        told: list[Event] = []
        sent: list[AnyMessage] = []
        for row in rows:
            state = getattr(row, self.field)
            event, message = self.steps.get((left, state), (self.events.get(state), self.messages.get(state)))
            if event:
                told.append(event(by=by, about=row, **self.facts(row, reason=reason.strip())))
            if message:
                sent += [message(**ids) for ids in self.message_ids(row, by=by)]
        journal.record_all(told, now=now)
        outbox.enqueue_all(sent, now=now)
