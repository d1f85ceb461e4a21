"""Recording what happened, in the transaction in which it happened, and telling the apps that react to it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from identity.models import Account, JournalEntry
from identity.record import kinds, transactions
from identity.record.kinds import Kind, Text

KINDS: dict[str, type["Event"]] = {}


class Event(Kind, abstract=True):
    """Something that happened to an account or an object. Further fields of a subclass are facts: keys and reasons.

    `account` is whom it concerns, `by` who did it (None: the system or a stranger), `about` the object, if any;
    `title` is what histories call it.
    """

    account: Account | None
    by: Account | None = None
    about: models.Model | None = None

    title: ClassVar[Text] = ""

    def __init_subclass__(cls, *, title: Text = "", stored_as: str = "", abstract: bool = False) -> None:
        super().__init_subclass__(stored_as=stored_as, abstract=abstract)
        cls.title = title
        kinds.register(KINDS, cls)

    def facts(self) -> dict[str, Any]:
        """The fields that a subclass added."""
        return {name: getattr(self, name) for name in fact_names(type(self))}


class HandlersWaiting(Exception):
    """Somebody reacts to such events: they are recorded one by one, never in bulk."""


def fact_names(event: type[Event]) -> list[str]:
    """The fields that a kind of event has beside those of every event."""
    own = {field.name for field in fields(Event)}
    return [field.name for field in fields(event) if field.name not in own]


_handlers: dict[type[Event], list[Callable[[Event, datetime], None]]] = {}


def subscribe(event: type[Event], handler: Callable[[Any, datetime], None]) -> None:
    """Call `handler(event, now)` in the transaction of every such event. A handler only writes rows."""
    _handlers.setdefault(event, []).append(handler)


def record(event: Event, *, now: datetime) -> JournalEntry:
    """Write one event and run its handlers, all inside the caller's transaction.

    Raises TransactionManagementError outside a transaction: an event without its change would be a lie.
    """
    return record_all([event], now=now)[0]


def record_all(events: Sequence[Event], *, now: datetime) -> list[JournalEntry]:
    """The same of several events, in as many statements as of one."""
    transactions.check_open("journal.record")
    entries = JournalEntry.objects.bulk_create(
        JournalEntry(
            at=now,
            kind=event.stored_as,
            account=event.account,
            by=event.by,
            object_kind=event.about._meta.label_lower if event.about else "",
            object_id=str(event.about.pk) if event.about else "",
            facts=event.facts(),
        )
        for event in events
    )
    for event in events:
        for handler in _handlers.get(type(event), []):
            handler(event, now)
    return entries


_INSERTION = """
    INSERT INTO identity_journalentry (at, kind, account_id, by_id, object_kind, object_id, facts)
    SELECT %s::timestamptz, %s::text, {account_id}, %s::bigint, %s::text, ({object_id})::text,
        jsonb_build_object({facts})
    FROM {source}
"""


def insertion(
    event: type[Event],
    *,
    source: str,
    expressions: Mapping[str, str],
    about: type[models.Model],
    by: Account | None,
    now: datetime,
) -> tuple[str, list[Any]]:
    """The statement of PostgreSQL, and its parameters, that leaves what `record` would for each row of `source`: part
    of a larger statement. `expressions` names account_id, object_id and every fact as SQL.

    Raises HandlersWaiting: no handler would be called.
    """
    if _handlers.get(event):
        raise HandlersWaiting(event.stored_as)
    facts = ", ".join(f"'{name}', {expressions[name]}" for name in fact_names(event))
    text = _INSERTION.format(
        account_id=expressions["account_id"], object_id=expressions["object_id"], facts=facts, source=source
    )
    return text, [now, event.stored_as, by.pk if by else None, about._meta.label_lower]


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
