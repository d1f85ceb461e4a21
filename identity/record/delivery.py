"""What becomes of a mail that left: what its provider reports, addresses that are stopped, links that were opened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from identity.keys.fields import keyed_hash
from identity.models import Account, OutboxMessage, SuppressedAddress
from identity.policy import lifecycle
from identity.policy.realms import email_key
from identity.record import events, journal
from identity.record.gateways.wire import AddressRefused, Undeliverable

Delivery, Cause = OutboxMessage.Delivery, SuppressedAddress.Cause

# Reports arrive twice and out of order: only a higher one is written. What was never handed over stands outside.
RANKS = ("", Delivery.ACCEPTED, Delivery.DEFERRED, Delivery.DELIVERED, Delivery.BOUNCED, Delivery.COMPLAINED)
FAILED = (Delivery.BOUNCED, Delivery.SUPPRESSED)  # it did not arrive
_STANDS = Q(lifted_at=None) | Q(lifted_at__lt=F("since"))

# What a row keeps as its mail is handed over. A report may have been quicker than we are: it stands.
HANDED_OVER = Case(When(delivery="", then=Value(Delivery.ACCEPTED)), default=F("delivery"))


class Suppressed(Undeliverable):
    """Mail to this address is stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a provider says of one mail: `provider_id` is its number there, `mark` what we gave along (see mark_of).

    `is_address` of a bounce: the address itself was refused, not this one mail.
    """

    provider_id: str
    delivery: str
    at: datetime
    is_address: bool = False
    mark: str = ""
    address: str = ""


def address_key(address: str) -> str:
    """The fingerprint by which an address is found: it stands in no row."""
    return keyed_hash("mail address", email_key(address))


def link_key(link: str) -> str:
    """The fingerprint of a mailed link, or of its path, which holds the token."""
    return keyed_hash("mail link", urlsplit(link).path)


def mark_of(row: OutboxMessage) -> str:
    """What goes along with a mail and comes back with each report: a report may be there before we know its number."""
    return f"{row.pk}-{row.attempts}"


# --- reports ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def report(told: Report, *, now: datetime) -> bool:
    """Write what the provider says of a mail, and stop its address where that was refused or complained; False when it
    is of no mail of ours, or no news. A moment that lies ahead is now."""
    row = _reported(told)
    at = min(told.at, now)
    if row is None or not _rise(row, told.delivery, at=at, provider_id=told.provider_id):
        return False
    key = row.address_key or (address_key(told.address) if told.address else "")
    if told.delivery == Delivery.BOUNCED:
        _bounced(row, key=key if told.is_address else "", at=at, now=now)
    elif told.delivery == Delivery.COMPLAINED and key:
        _stop(key, Cause.COMPLAINED, at=at)
    return True


def _reported(told: Report) -> OutboxMessage | None:
    """By its number; a mail that is being handed over has none yet, and is found by its mark."""
    found = OutboxMessage.objects.filter(provider_id=told.provider_id).first() if told.provider_id else None
    pk, _, attempts = told.mark.partition("-")
    if found is not None or not (pk.isdecimal() and attempts.isdecimal() and len(pk) < 19 and len(attempts) < 5):
        return found
    return OutboxMessage.objects.filter(pk=int(pk), attempts=int(attempts), provider_id="").first()


def _rise(row: OutboxMessage, to: str, *, at: datetime, provider_id: str) -> bool:
    """Of two reports at once the higher one stays."""
    changes: dict[str, Any] = {"delivery": to, "reported_at": at, "provider_id": provider_id or row.provider_id}
    if to == Delivery.DELIVERED:
        changes["delivered_at"] = at
    lower = RANKS[: RANKS.index(to)]
    return OutboxMessage.objects.filter(pk=row.pk, delivery__in=lower).update(**changes) > 0


@transaction.atomic
def refused(row: OutboxMessage, error: Undeliverable, *, now: datetime) -> None:
    """A mail that did not leave: its address is stopped, or the mail server refused it for ever, which is a bounce."""
    if isinstance(error, Suppressed):
        OutboxMessage.objects.filter(pk=row.pk).update(delivery=Delivery.SUPPRESSED, reported_at=now)
    elif _rise(row, Delivery.BOUNCED, at=now, provider_id=""):
        _bounced(row, key=row.address_key if isinstance(error, AddressRefused) else "", at=now, now=now)


def _bounced(row: OutboxMessage, *, key: str, at: datetime, now: datetime) -> None:
    if key:
        _stop(key, Cause.BOUNCED, at=at)
    account = Account.objects.filter(pk=row.ids.get("account_id")).first()
    journal.record(events.MailBounced(account=account, about=row, message=row.kind), now=now)


# --- addresses that are stopped ---------------------------------------------------------------------------------------
def _stop(key: str, cause: str, *, at: datetime) -> None:
    """An old report of an address that was lifted since changes nothing; a complaint outweighs a bounce."""
    row, created = SuppressedAddress.objects.get_or_create(address_key=key, defaults={"cause": cause, "since": at})
    if created:
        return
    news = Q(lifted_at__gte=F("since"), lifted_at__lt=at)
    if cause == Cause.COMPLAINED:
        news |= _STANDS & Q(cause=Cause.BOUNCED)
    SuppressedAddress.objects.filter(news, pk=row.pk).update(cause=cause, since=at)


def stopped(addresses: Iterable[str]) -> dict[str, str]:
    """Those of these addresses that are stopped, each with its cause."""
    keys = {address_key(address): address for address in addresses}
    rows = SuppressedAddress.objects.filter(_STANDS, address_key__in=keys).values_list("address_key", "cause")
    return {keys[key]: cause for key, cause in rows}


def stops(address: str) -> QuerySet[SuppressedAddress]:
    """The row that stops an address now; none where mail goes to it."""
    return SuppressedAddress.objects.filter(_STANDS, address_key=address_key(address))


def stopped_because(key: str) -> str:
    """What stops the address of this fingerprint; nothing for one that mail goes to."""
    causes = SuppressedAddress.objects.filter(_STANDS, address_key=key).values_list("cause", flat=True)
    return (causes.first() or "") if key else ""


def check_may_leave(key: str, *, is_security: bool) -> None:
    """Raise Suppressed where mail to this address is stopped: after a bounce all of it, after a complaint all but mails
    that keep an account safe."""
    cause = stopped_because(key)
    if cause == Cause.BOUNCED or (cause == Cause.COMPLAINED and not is_security):
        raise Suppressed


def lift(key: str, *, now: datetime) -> bool:
    """Somebody asks for mail to this address: a bounce is forgotten, at most once within the period `bounce_lift`.

    False when it still stands, or a complaint does; True when nothing is in the way.
    """
    rows = SuppressedAddress.objects.filter(_STANDS, address_key=key)
    if not rows.exists():
        return True
    rested = Q(lifted_at=None) | Q(lifted_at__lte=now - lifecycle.after("bounce_lift")) | Q(lifted_at__gt=now)
    return rows.filter(rested, cause=Cause.BOUNCED).update(lifted_at=now, since=_not_after(now)) > 0


def lift_proved(address: str, *, now: datetime) -> None:
    """Whoever reads this address has just proved it: whatever stopped it is over."""
    rows = SuppressedAddress.objects.filter(_STANDS, address_key=address_key(address))
    rows.update(lifted_at=now, since=_not_after(now))


def _not_after(now: datetime) -> Case:
    """What a wrong clock dated ahead began now (L12)."""
    return Case(When(since__gt=now, then=Value(now)), default=F("since"))


# --- links ------------------------------------------------------------------------------------------------------------
def opened(path: str, *, now: datetime) -> None:
    """The page behind a mailed link was asked for. The first time is kept, by its reader or by a robot; it uses nothing
    up and opens nothing."""
    OutboxMessage.objects.filter(link_key=link_key(path), first_opened_at=None).update(first_opened_at=now)


def failed_to(key: str) -> QuerySet[OutboxMessage]:
    """The mails to an address that did not arrive, newest first."""
    return OutboxMessage.objects.filter(address_key=key, delivery__in=FAILED).order_by("-pk")
