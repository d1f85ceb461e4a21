"""Alerts about an account, and "this was not me", which secures it and takes back what was changed (policy: alerts)."""

from datetime import datetime

from allauth.account.models import EmailAddress
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

Kind = SecurityAlert.Kind
# A sign-in is told to the primary address; whatever changes the account is told to every address and the phone.
_ONE_MAIL = (Kind.NEW_DEVICE, Kind.DEVICE_COPIED)


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
    old_address: str = "",
) -> SecurityAlert:
    """Tell the owner by mail, and by text when something changed; within the caller's transaction.

    `old_number` and `old_address` were just removed or replaced: they are told as well. Call it before an address
    becomes one of the account's, else the newcomer is told of itself.
    """
    from identity.messages import AlertMail, AlertText

    alert = SecurityAlert.objects.create(
        account=account, kind=kind, what=what, place=place, old_number=old_number, old_address=old_address, at=now
    )
    told = [0]  # the primary address; the others by their keys
    if kind not in _ONE_MAIL:
        others = EmailAddress.objects.filter(user=account, verified=True).exclude(email=account.email)
        told += others.values_list("pk", flat=True)
        outbox.enqueue(AlertText(account_id=account.pk, alert=str(alert.pk)), now=now)
    for address in told:
        outbox.enqueue(AlertMail(account_id=account.pk, alert=str(alert.pk), address=address), now=now)
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
    """ "This was not me": end sessions, forget devices, take back methods and addresses that came since, bring back the
    number and the addresses that went; the next sign-in proves the mailbox and sets a new password. Raises AlertEnded.
    """
    from identity import second_factor
    from identity.domain import devices, factors, merges, sessions

    if not SecurityAlert.objects.filter(pk=alert.pk, answered_at=None).update(answered_at=now):
        raise AlertEnded
    if alert.kind == SecurityAlert.Kind.MERGED:
        merges.take_back(alert=alert, now=now)
    account = Account.objects.select_for_update().get(pk=alert.account_id)
    taken_back = added_since(alert)
    for device in taken_back:
        factors.erase(device)
    for later in SecurityAlert.objects.filter(account=account, at__gte=alert.at).order_by("-at"):
        _take_back(later, account=account, now=now)
    sessions.end_all(account=account, by=None, now=now)
    devices.end(account=account, device=None, by=None, now=now)
    none_left = bool(taken_back) and not second_factor.devices_of(account)
    Account.objects.filter(pk=account.pk).update(
        secured_at=now, methods_taken_back=account.methods_taken_back or none_left
    )
    journal.record(events.AccountSecured(account=account, alert=alert.kind), now=now)


def _take_back(alert: SecurityAlert, *, account: Account, now: datetime) -> None:
    """Undo what one alert told: newest first, so that the oldest state is what remains."""
    from identity.domain import addresses

    if alert.old_number and not PhoneDevice.objects.filter(user=account, confirmed=True).exists():
        PhoneDevice.objects.create(
            user=account, name="phone", number=alert.old_number, confirmed=True, confirmed_at=now, created_at=now
        )
    if alert.old_address:
        row, _created = EmailAddress.objects.get_or_create(
            user=account, email=alert.old_address, defaults={"primary": False, "verified": True}
        )
        if alert.kind == Kind.PRIMARY_CHANGED:
            addresses.set_primary(account=account, row=row, now=now)
    if alert.kind == Kind.ADDRESS_ADDED:
        EmailAddress.objects.filter(user=account, pk=alert.what, primary=False).delete()
