""" "This was not me": what it ends, takes back and brings back (policy: alerts).

Everything that later alerts tell is undone together, so one press answers all of them. Whatever it undoes may leave an
account with a mailbox only, and whoever reads a mailbox can press: then a mailbox alone resets no password.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from identity.accounts import addresses
from identity.codes import codes
from identity.factors import factors, second_factor
from identity.merging import merges
from identity.models import (
    Account,
    Factor,
    PhoneDevice,
    SecurityAlert,
    SecurityAnswer,
)
from identity.notices.alerts import AlertEnded, Kind, is_open, raise_alert
from identity.notices.messages import AlertMail
from identity.policy.realms import login_key
from identity.record import events, journal, outbox
from identity.recovery import factor_resets
from identity.sessions import devices, sessions

_WEAKENING = (Kind.FACTOR_REMOVED, Kind.FACTORS_RESET, Kind.PHONE_CHANGED, Kind.PRIMARY_CHANGED, Kind.ADDRESS_REMOVED)


def added_since(alert: SecurityAlert) -> list[Factor]:
    """The methods that "this was not me" takes back: those of the alert's moment and later."""
    return [
        device
        for method in second_factor.METHODS
        for device in method.model._default_manager.filter(user=alert.account, created_at__gte=alert.at)
    ]


@transaction.atomic
def secure(*, alert: SecurityAlert, now: datetime) -> None:
    """End sessions, codes and help-desk resets, forget devices, undo what was changed since the alert; the next sign-in
    proves the mailbox and sets a new password. Every address, also of the time before, is told. Raises AlertEnded.
    """
    account = Account.objects.select_for_update().get(pk=alert.account_id)
    alert = SecurityAlert.objects.get(pk=alert.pk)
    if not is_open(alert, now=now):
        raise AlertEnded
    later = list(SecurityAlert.objects.filter(account=account, at__gte=alert.at, answered_at=None).order_by("at"))
    SecurityAlert.objects.filter(account=account, answered_at=None).update(answered_at=now)
    for one in reversed(later):
        if one.kind == Kind.MERGED:
            merges.take_back(alert=one, now=now)
    account.refresh_from_db()
    taken_back = added_since(alert)
    for device in taken_back:
        factors.erase(device)
    _bring_phone_back(account, later)
    _bring_addresses_back(account, later, now=now)
    _bring_name_back(account, later)
    if any(one.kind == Kind.QUESTIONS_CHANGED for one in later):
        SecurityAnswer.objects.filter(account=account).delete()
    _end_everything(account, now=now)
    weakened = bool(taken_back) or any(one.kind in _WEAKENING for one in later)
    none_left = weakened and not second_factor.devices_of(account)
    account.refresh_from_db()
    Account.objects.filter(pk=account.pk).update(
        secured_at=now, factors_taken_back=account.factors_taken_back or none_left
    )
    journal.record(events.AccountSecured(account=account, alert=alert.kind), now=now)
    told = raise_alert(account=account, kind=Kind.SECURED, now=now)
    before = {one for row in (alert, *later) for one in row.told.split("\n")}
    _tell_too(told, before, now=now)


def _end_everything(account: Account, *, now: datetime) -> None:
    sessions.end_all(account=account, by=None, now=now)
    devices.end(account=account, device=None, by=None, now=now)
    factor_resets.cancel_open(account=account, reason="the account was secured", now=now)
    for purpose in ("access", "address", "link", "lost", "reset"):
        codes.end_all(account=account, purpose=purpose, now=now)


def _bring_phone_back(account: Account, later: list[SecurityAlert]) -> None:
    """The number of before all of it; it counts as old as the account, so that no other answer takes it back."""
    number = next((one.old_number for one in later if one.old_number), "")
    if number and not PhoneDevice.objects.filter(user=account, confirmed=True).exists():
        since = account.date_joined
        PhoneDevice.objects.create(
            user=account, name="phone", number=number, confirmed=True, confirmed_at=since, created_at=since
        )


def _bring_addresses_back(account: Account, later: list[SecurityAlert], *, now: datetime) -> None:
    """The primary address of before, the removed ones of before; what was added since goes, by its name."""
    added = {one.address for one in later if one.kind == Kind.ADDRESS_ADDED}
    former = next((one.address for one in later if one.kind == Kind.PRIMARY_CHANGED), "")
    gone = {one.address for one in later if one.kind == Kind.ADDRESS_REMOVED} | {former}
    for address in gone - added - {""}:
        EmailAddress.objects.get_or_create(user=account, email=address, defaults={"primary": False, "verified": True})
    if former and former not in added:
        row = EmailAddress.objects.get(user=account, email=former)
        addresses.set_primary(account=account, row=row, now=now)
    EmailAddress.objects.filter(user=account, email__in=added, primary=False).delete()
    account.refresh_from_db()


def _bring_name_back(account: Account, later: list[SecurityAlert]) -> None:
    """The ID of before, unless somebody has it by now."""
    name = next((one.what for one in later if one.kind == Kind.NAME_CHANGED), "")
    key = login_key(account.realm, name)
    if name and not Account.objects.filter(login_key=key).exists():
        Account.objects.filter(pk=account.pk).update(login_name=name, login_key=key)


def _tell_too(alert: SecurityAlert, others: set[str], *, now: datetime) -> None:
    """Those who were told of what is undone are told that it is."""
    told = alert.told.split("\n")
    more = sorted(others - set(told) - {""})
    alert.told, alert.answered_at = "\n".join(told + more), now  # it asks nothing
    alert.save(update_fields=["told", "answered_at"])
    for number in range(len(told), len(told) + len(more)):
        outbox.enqueue(AlertMail(account_id=alert.account_id, alert=str(alert.pk), number=number), now=now)
