"""Recording what happened, in the transaction in which it happened, and telling the apps that react to it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from identity.domain import transactions
from identity.models import Account, JournalEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened to an account or an object. Further fields of a subclass are facts: keys and reasons.

    `account` is whom it concerns, `by` who did it (None: the system or a stranger), `about` the object, if any.
    """

    account: Account | None
    by: Account | None = None
    about: models.Model | None = None

    title: ClassVar[Any] = ""

    def facts(self) -> dict[str, Any]:
        """The fields that a subclass added."""
        own = {field.name for field in fields(Event)}
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in own}


KINDS: dict[str, type[Event]] = {}
_handlers: dict[type[Event], list[Callable[[Event, datetime], None]]] = {}


def kind_of(event: type[Event]) -> str:
    """The stored name of an event class: `identity.AccountCreated`. Never a Python path."""
    return f"{event.__module__.split('.')[0]}.{event.__name__}"


def register[E: type[Event]](event: E) -> E:
    """Class decorator: makes an event known, so that histories can name it."""
    KINDS[kind_of(event)] = event
    return event


def subscribe(event: type[Event], handler: Callable[[Any, datetime], None]) -> None:
    """Call `handler(event, now)` in the transaction of every such event. A handler only writes rows."""
    _handlers.setdefault(event, []).append(handler)


def has_handlers(event: type[Event]) -> bool:
    """Whether somebody reacts to such events: then they are recorded one by one, never in bulk."""
    return bool(_handlers.get(event))


def record(event: Event, *, now: datetime) -> JournalEntry:
    """Write one event and run its handlers, all inside the caller's transaction.

    Raises TransactionManagementError outside a transaction: an event without its change would be a lie.
    """
    transactions.check_open("journal.record")
    entry = JournalEntry.objects.create(
        at=now,
        kind=kind_of(type(event)),
        account=event.account,
        by=event.by,
        object_kind=event.about._meta.label_lower if event.about else "",
        object_id=str(event.about.pk) if event.about else "",
        facts=event.facts(),
    )
    for handler in _handlers.get(type(event), []):
        handler(event, now)
    return entry


def history(*, of: models.Model) -> models.QuerySet[JournalEntry]:
    """What happened to an account or an object, newest first, with who did it."""
    entries = JournalEntry.objects.select_related("by").order_by("-at", "-pk")
    if isinstance(of, Account):
        return entries.filter(account=of)
    return entries.filter(object_kind=of._meta.label_lower, object_id=str(of.pk))


def history_of_all(model: type[models.Model], pks: Collection[str]) -> models.QuerySet[JournalEntry]:
    """What happened to several objects of a kind, newest first, with who did it to whom."""
    entries = JournalEntry.objects.select_related("by", "account").order_by("-at", "-pk")
    return entries.filter(object_kind=model._meta.label_lower, object_id__in=pks)


def title_of(entry: JournalEntry) -> str:
    """What a page calls this entry, in the reader's language."""
    event = KINDS.get(entry.kind)
    return str(event.title) if event else entry.kind
