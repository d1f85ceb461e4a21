"""Messages: written with the change that causes them, delivered after it at least once, retried with pauses."""

import logging
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Q
from django.utils import translation

from identity.keys.fields import keyed_hash
from identity.models import Account, MutedMessage, OutboxMessage
from identity.record import delivery, events, gateways, journal, kinds, transactions
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


KINDS: dict[str, type["AnyMessage"]] = {}


class NotOptional(Exception):
    """A message that keeps an account safe cannot be turned off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who reads a message: the owner of an account, or whoever reads the address that a row of the sender's app holds.

    `tenant` is the key of the portal in whose name it is written, empty for the ID itself: the brand sends it.
    """

    address: str
    language: str
    tenant: str = ""
    account: Account | None = None


class AnyMessage(Kind, abstract=True):
    """One kind of message, to anybody. Its fields are ids and keys; text, link and code are made when it is rendered.

    `title` is what the desk calls it. A subclass takes the channel of its base, whether it is bulk (sent to many at
    once by a job, after whatever else is due), whether it keeps an account safe (a code, a warning: not even a
    complaint stops it) and whether its reader may turn it off (`optional`: never what keeps an account safe, what a
    rule asks for, or what somebody waits for an answer to; decision 0057).

    To the owner of an account goes a Message; what goes to the address of a row says whose that is.
    """

    title: ClassVar[kinds.Text] = ""
    channel: ClassVar[Channel] = Channel.MAIL
    is_bulk: ClassVar[bool] = False
    is_security: ClassVar[bool] = False
    optional: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        *,
        title: kinds.Text = "",
        channel: Channel | None = None,
        is_bulk: bool | None = None,
        is_security: bool | None = None,
        optional: bool | None = None,
        stored_as: str = "",
        abstract: bool = False,
    ) -> None:
        super().__init_subclass__(stored_as=stored_as, abstract=abstract)
        cls.title = title
        cls.channel = channel or cls.channel
        cls.is_bulk = cls.is_bulk if is_bulk is None else is_bulk
        cls.is_security = cls.is_security if is_security is None else is_security
        cls.optional = cls.optional if optional is None else optional
        if cls.optional and cls.is_security:
            raise NotOptional(cls.__name__)
        kinds.register(KINDS, cls)

    @property
    def dedupe_key(self) -> str:
        """Two messages with the same key are one message."""
        return f"{self.stored_as}:" + ":".join(str(value) for value in asdict(self).values())

    @abstractmethod
    def recipient(self) -> Recipient | None:
        """Who reads it, as the rows say now; None when nobody is left to read it."""

    @abstractmethod
    def render_for(self, recipient: Recipient) -> Rendered | None:
        """The message in the reader's language, or None when there is no longer a reason to send it."""

    def hand_over(self, rendered: Rendered, *, row: OutboxMessage) -> None:
        """Give it to its channel and let the row know what reports will name. Raises delivery.Suppressed, or whatever
        the channel raises.

        However often it is handed over, it bears one name: whoever gets it twice sees it once (attack M10).
        """
        if self.channel is Channel.MAIL:
            row.address_key = delivery.address_key(rendered.to)
            row.link_key = delivery.link_key(rendered.link) if rendered.link else ""
            delivery.check_may_leave(row.address_key, is_security=self.is_security)
        name = keyed_hash("message", self.dedupe_key)[:32]
        row.provider_id = gateways.deliver(self.channel.value, rendered, name, delivery.mark_of(row))


class Message(AnyMessage, abstract=True):
    """One kind of message to the owner of an account."""

    account_id: int

    def recipient(self) -> Recipient:
        """The owner; mails go to the primary address unless they say another one."""
        account = Account.objects.get(pk=self.account_id)
        return Recipient(address=account.email, language=account.language, account=account)

    def render_for(self, recipient: Recipient) -> Rendered | None:
        """The message that `render` makes."""
        assert recipient.account is not None
        return self.render(account=recipient.account)

    @abstractmethod
    def render(self, *, account: Account) -> Rendered | None:
        """The message in its owner's language, or None when there is no longer a reason to send it."""


QUEUE = LeasedQueue(
    model=OutboxMessage,
    finished=OutboxMessage.State.SENT,
    given_up=OutboxMessage.State.GIVEN_UP,
    lease=LEASE,
    pauses=PAUSES,
    order=("is_bulk", "due_at", "pk"),  # whoever waits for a code comes first
)


def enqueue(message: AnyMessage, *, now: datetime) -> None:
    """Write a message into the caller's transaction and nudge the relay after its commit.

    Enqueuing the same message twice sends it once. A dead broker never fails the caller: the sweep of
    config.schedule finds the row within a minute. Raises TransactionManagementError outside a transaction.
    """
    enqueue_all([message], now=now)


def enqueue_all(messages: Sequence[AnyMessage], *, now: datetime) -> None:
    """The same of several messages, in as many statements as of one: which of them are there already, the database
    says as it writes them. A nudge too many finds nothing to do."""
    if messages:
        transactions.check_open("outbox.enqueue")
        rows = [OutboxMessage(**_row(message, now=now)) for message in messages]
        OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
        QUEUE.wake()


def _row(message: AnyMessage, *, now: datetime) -> dict[str, Any]:
    return {
        "dedupe_key": message.dedupe_key,
        "kind": message.stored_as,
        "ids": asdict(message),
        "is_bulk": message.is_bulk,
        "created_at": now,
        "due_at": now,
    }


_INSERTION = """
    INSERT INTO identity_outboxmessage (kind, ids, dedupe_key, state, is_bulk, attempts, created_at, due_at, problem,
        provider_id, address_key, link_key, delivery)
    SELECT %s::text, jsonb_build_object({ids}), concat_ws(':', %s::text, {key}), %s::text, %s::boolean, 0,
        %s::timestamptz, %s::timestamptz, '', '', '', '', ''
    FROM {source}
    ON CONFLICT (dedupe_key) DO NOTHING
"""


def insertion(
    message: type[AnyMessage], *, source: str, expressions: Mapping[str, str], now: datetime
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
        became = _hand_over(row)
    except Exception as error:
        # Only the class is kept and logged: an error's text can hold an address or a number.
        logger.warning("outbox delivery failed", extra={"kind": row.kind, "error": type(error).__name__})
        for_good = isinstance(error, Undeliverable)
        QUEUE.failed(row, error=error, now=now, for_good=for_good, **_known_by(row))
        if isinstance(error, Undeliverable) and row.address_key:
            delivery.refused(row, error, now=now)
        return Outcome.FAILED
    QUEUE.done(row, now=now, delivery=became, **_known_by(row))
    return Outcome.SENT


def _hand_over(row: OutboxMessage) -> Any:
    """What became of it: unneeded where there is no longer a reason to send it or nobody to read it, muted where its
    reader turned this kind off, whoever wrote the row."""
    message = KINDS[row.kind](**row.ids)
    if (recipient := message.recipient()) is None:
        return delivery.Delivery.UNNEEDED
    if message.optional and recipient.account and MutedMessage.objects.holds_back(recipient.account, row.kind):
        return delivery.Delivery.MUTED
    with translation.override(recipient.language):
        rendered = message.render_for(recipient)
        if rendered is not None:
            message.hand_over(rendered, row=row)
    return delivery.Delivery.UNNEEDED if rendered is None else delivery.HANDED_OVER


def _known_by(row: OutboxMessage) -> dict[str, str]:
    """What reports and openings will name."""
    return {"provider_id": row.provider_id, "address_key": row.address_key, "link_key": row.link_key}


MAX_AGAIN = 20  # mails to one address, of one press
_ENDED_BAD = Q(delivery=delivery.Delivery.BOUNCED)
_UNSENT: dict[str, Any] = {"delivery": "", "provider_id": "", "reported_at": None, "delivered_at": None}


@transaction.atomic
def give_again(rows: Iterable[OutboxMessage], *, by: Account | None = None, now: datetime) -> int:
    """Put messages that did not arrive back in the queue, each with its journal entry; returns how many.

    A bounce of the address is lifted, at most once an hour (see delivery.lift): what it still holds back is left.
    """
    given = 0
    for row in rows:
        if row.address_key and not delivery.lift(row.address_key, now=now):
            continue
        if QUEUE.again(row, now=now, also=_ENDED_BAD, **_UNSENT):
            journal.record(events.MessageGivenAgain(account=None, by=by, about=row, message=row.kind), now=now)
            given += 1
    if given:
        QUEUE.wake()
    return given


def is_failed(row: OutboxMessage) -> bool:
    """Whether it did not arrive, so that it can be sent again."""
    has_left = row.state == OutboxMessage.State.SENT
    return row.state == OutboxMessage.State.GIVEN_UP or (has_left and row.delivery == delivery.Delivery.BOUNCED)


@transaction.atomic
def give_again_to(*, account: Account, address: str, now: datetime) -> bool:
    """The owner of an account wants mail to one of their addresses tried again: the newest mails that did not arrive.

    False when that was tried a short while ago and bounced, or after a complaint.
    """
    key = delivery.address_key(address)
    if not delivery.lift(key, now=now):
        return False
    failed = [row for row in delivery.failed_to(key)[:MAX_AGAIN] if row.ids.get("account_id") == account.pk]
    give_again(failed, by=account, now=now)
    return True
