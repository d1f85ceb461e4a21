"""Alerts about an account, and "this was not me", which secures it (policy: alerts)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare

from identity import events, lifecycle, links
from identity.domain import journal, outbox
from identity.models import (
    Account,
    AuthenticatorDevice,
    Factor,
    PasskeyDevice,
    PhoneDevice,
    RecoveryDevice,
    SecurityAlert,
)


class AlertEnded(Exception):
    """Answered already, or older than ten days."""


def raise_alert(
    *,
    account: Account,
    kind: str,
    now: datetime,
    what: str = "",
    place: str = "",
    old_number: str = "",
    addresses: Iterable[int] = (0,),
) -> SecurityAlert:
    """Tell the owner by mail, and by text when a sign-in method changed; within the caller's transaction.

    `old_number` is a phone that was just removed: it is told as well. `addresses` are the ids of those that are told; 0
    is the primary one, whichever it is.
    """
    from identity.messages import AlertMail, AlertText

    alert = SecurityAlert.objects.create(
        account=account, kind=kind, what=what, place=place, old_number=old_number, at=now
    )
    for address in addresses:
        outbox.enqueue(AlertMail(account_id=account.pk, alert=str(alert.pk), address=address), now=now)
    if kind not in (SecurityAlert.Kind.NEW_DEVICE, SecurityAlert.Kind.DEVICE_COPIED):
        outbox.enqueue(AlertText(account_id=account.pk, alert=str(alert.pk)), now=now)
    return alert


def token_of(alert: SecurityAlert) -> str:
    """The secret part of the mail's link: derived, never stored."""
    return links.seal(alert.pk, f"security alert\0{alert.pk.hex}\0{alert.account_id}")


def find(token: str, *, now: datetime) -> SecurityAlert:
    """The alert of a link. Raises AlertEnded."""
    alert = SecurityAlert.objects.select_related("account").filter(pk=links.pk_of(token)).first()
    if alert is None or not constant_time_compare(token_of(alert), token) or not is_open(alert, now=now):
        raise AlertEnded
    return alert


def is_open(alert: SecurityAlert, *, now: datetime) -> bool:
    """Whether the alert can still be answered."""
    return alert.answered_at is None and now < alert.at + lifecycle.after("alert_answer")


def added_since(alert: SecurityAlert) -> list[Factor]:
    """The methods that "this was not me" takes back: those of the alert's moment and later."""
    kinds: tuple[type[Factor], ...] = (PasskeyDevice, AuthenticatorDevice, PhoneDevice, RecoveryDevice)
    return [
        device
        for model in kinds
        for device in model._default_manager.filter(user=alert.account, created_at__gte=alert.at)
    ]


@transaction.atomic
def secure(*, alert: SecurityAlert, now: datetime) -> None:
    """ "This was not me": end sessions, forget devices, take back the methods added since; the next sign-in proves
    the mailbox and sets a new password. A merge is undone first. Raises AlertEnded.
    """
    from identity.domain import devices, factors, merges, sessions

    if not SecurityAlert.objects.filter(pk=alert.pk, answered_at=None).update(answered_at=now):
        raise AlertEnded
    if alert.kind == SecurityAlert.Kind.MERGED:
        merges.take_back(alert=alert, now=now)
    account = Account.objects.select_for_update().get(pk=alert.account_id)
    for device in added_since(alert):
        factors.erase(device)
    sessions.end_all(account=account, by=None, now=now)
    devices.end(account=account, device=None, by=None, now=now)
    Account.objects.filter(pk=account.pk).update(secured_at=now)
    journal.record(events.AccountSecured(account=account, alert=alert.kind), now=now)
