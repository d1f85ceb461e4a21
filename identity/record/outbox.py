"""Messages: written with the change that causes them, delivered after it at least once, retried with pauses."""

import logging
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from django.db import transaction
from django.utils import translation

from identity.keys.fields import keyed_hash
from identity.models import Account, OutboxMessage
from identity.record import events, gateways, journal, kinds, transactions
from identity.record.gateways.wire import Rendered, Undeliverable
from identity.record.kinds import Kind
from identity.record.queue import LeasedQueue

logger = logging.getLogger(__name__)

# Transport, not policy: how long a relay may hold a row, and the pauses after a failed delivery. Every channel gives up
# within 10 s (config.settings.production, gateways); a code whose relay was killed waits no longer than the lease.
LEASE = timedelta(seconds=30)  # period: transport
PAUSES = [timedelta(seconds=s) for s in (30, 60, 300, 900, 3600, 7200, 14400, 28800)]  # period: transport


class Channel(StrEnum):
    MAIL = "mail"
    TEXT = "text"
    CALL = "voice"


KINDS: dict[str, type["Message"]] = {}


class Message(Kind, abstract=True):
    """One kind of message. Its fields are ids and keys; texts, links and codes are made when it is rendered.

    A subclass takes the channel of its base, and whether it is bulk: sent to many at once by a job, after whatever
    else is due.
    """

    channel: ClassVar[Channel] = Channel.MAIL
    is_bulk: ClassVar[bool] = False
    account_id: int

    def __init_subclass__(
        cls,
        *,
        channel: Channel | None = None,
        is_bulk: bool | None = None,
        stored_as: str = "",
        abstract: bool = False,
    ) -> None:
        super().__init_subclass__(stored_as=stored_as, abstract=abstract)
        cls.channel = channel or cls.channel
        cls.is_bulk = cls.is_bulk if is_bulk is None else is_bulk
        kinds.register(KINDS, cls)

    @property
    def dedupe_key(self) -> str:
        """Two messages with the same key are one message."""
        return f"{self.stored_as}:" + ":".join(str(value) for value in asdict(self).values())

    @abstractmethod
    def render(self, *, account: Account) -> Rendered | None:
        """The message in the reader's language, or None when there is no longer a reason to send it."""

    def send(self, *, account: Account) -> None:
        """Render it and hand it to its channel. Raises whatever the channel raises.

        However often it is handed over, it bears one name: whoever gets it twice sees it once (attack M10).
        """
        rendered = self.render(account=account)
        if rendered is not None:
            gateways.deliver(self.channel.value, rendered, keyed_hash("message", self.dedupe_key)[:32])


QUEUE = LeasedQueue(
    model=OutboxMessage,
    finished=OutboxMessage.State.SENT,
    given_up=OutboxMessage.State.GIVEN_UP,
    lease=LEASE,
    pauses=PAUSES,
    order=("is_bulk", "due_at", "pk"),  # whoever waits for a code comes first
)


def enqueue(message: Message, *, now: datetime) -> None:
    """Write a message into the caller's transaction and nudge the relay after its commit.

    Enqueuing the same message twice sends it once. A dead broker never fails the caller: the sweep of
    config.schedule finds the row within a minute. Raises TransactionManagementError outside a transaction.
    """
    transactions.check_open("outbox.enqueue")
    _row, created = OutboxMessage.objects.get_or_create(
        dedupe_key=message.dedupe_key,
        defaults={
            "kind": message.stored_as,
            "ids": asdict(message),
            "is_bulk": message.is_bulk,
            "created_at": now,
            "due_at": now,
        },
    )
    if created:
        QUEUE.wake()


_INSERTION = """
    INSERT INTO identity_outboxmessage (kind, ids, dedupe_key, state, is_bulk, attempts, created_at, due_at, problem)
    SELECT %s::text, jsonb_build_object({ids}), concat_ws(':', %s::text, {key}), %s::text, %s::boolean, 0,
        %s::timestamptz, %s::timestamptz, ''
    FROM {source}
    ON CONFLICT (dedupe_key) DO NOTHING
"""


def insertion(
    message: type[Message], *, source: str, expressions: Mapping[str, str], now: datetime
) -> tuple[str, list[Any]]:
    """The statement of PostgreSQL, and its parameters, that leaves what `enqueue` would for each row of `source`: part
    of a larger statement. `expressions` names every field as SQL. Nobody is nudged: the next run of the relay finds
    the rows."""
    names = [field.name for field in fields(message)]
    ids = ", ".join(f"'{name}', {expressions[name]}" for name in names)
    key = ", ".join(expressions[name] for name in names)
    kind, state = message.stored_as, OutboxMessage.State.WAITING.value
    return _INSERTION.format(ids=ids, key=key, source=source), [kind, kind, state, message.is_bulk, now, now]


class Outcome(StrEnum):
    """What became of the row that was due first."""

    NONE = "nothing was due"
    SENT = "sent"
    FAILED = "failed"


def drain(*, now: datetime) -> Outcome:
    """Deliver the message that is due first. Safe to run in any number of processes at once."""
    row = QUEUE.claim(now=now)
    return _deliver(row, now=now) if row else Outcome.NONE


def _deliver(row: OutboxMessage, *, now: datetime) -> Outcome:
    try:
        _send(row)
    except Exception as error:
        # Only the class is kept and logged: an error's text can hold an address or a number.
        logger.warning("outbox delivery failed", extra={"kind": row.kind, "error": type(error).__name__})
        QUEUE.failed(row, error=error, now=now, for_good=isinstance(error, Undeliverable))
        return Outcome.FAILED
    QUEUE.done(row, now=now)
    return Outcome.SENT


def _send(row: OutboxMessage) -> None:
    message = KINDS[row.kind](**row.ids)
    account = Account.objects.get(pk=message.account_id)
    with translation.override(account.language):
        message.send(account=account)


@transaction.atomic
def give_again(rows: Iterable[OutboxMessage], *, by: Account | None = None, now: datetime) -> int:
    """Put given-up messages back in the queue, each with its journal entry; returns how many."""
    given = 0
    for row in rows:
        if QUEUE.again(row, now=now):
            journal.record(events.MessageGivenAgain(account=None, by=by, about=row, message=row.kind), now=now)
            given += 1
    return given
