"""What all second factors share: counting wrong tries in rows, and telling the owner what was added or removed."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from identity.models import Account, AuthenticatorDevice, Factor, PasskeyDevice, PhoneDevice
from identity.models.alerts import SecurityAlert
from identity.notices import alerts
from identity.policy import lifecycle
from identity.policy.realms import REALMS
from identity.record import events, journal
from identity.sessions import devices

WRONG_PER_DAY = 20
WRONG_IN_A_ROW = 100


class FactorPaused(Exception):
    """Twenty wrong tries within a day: another method has to be used until tomorrow."""


class LastFactor(Exception):
    """It is the last method beside the password, and whoever removes it did not say to know that."""


class NeedsFactor(Exception):
    """Staff always keep a second factor."""


class NeedsPhone(NeedsFactor):
    """Everybody in this realm keeps a phone; it can be changed (C7, S4-36)."""


def is_paused(device: Factor, *, now: datetime) -> bool:
    """Whether the factor takes no code today, or none ever again (policy: tries)."""
    is_today = device.wrong_since is not None and abs(now - device.wrong_since) < lifecycle.after("wrong_factors")
    return device.wrong_in_row >= WRONG_IN_A_ROW or (device.wrong_today >= WRONG_PER_DAY and is_today)


def begin_try(device: Factor, *, now: datetime) -> None:
    """Count a try before it is compared, so that parallel guesses cannot share one. Raises FactorPaused."""
    today = lifecycle.counted("wrong_since", "wrong_factors", now=now)
    counted = (
        _rows(device)
        .filter(~today | Q(wrong_since=None) | Q(wrong_today__lt=WRONG_PER_DAY), wrong_in_row__lt=WRONG_IN_A_ROW)
        .update(
            wrong_today=Case(When(today, then=F("wrong_today") + 1), default=Value(1)),
            wrong_since=Case(When(today, then=F("wrong_since")), default=Value(now)),
            wrong_in_row=F("wrong_in_row") + 1,
        )
    )
    if not counted:
        raise FactorPaused


def take_back(device: Factor) -> None:
    """The try that was counted was none: there was no living code to compare with."""
    _rows(device).filter(wrong_today__gt=0, wrong_in_row__gt=0).update(
        wrong_today=F("wrong_today") - 1, wrong_in_row=F("wrong_in_row") - 1
    )


def was_right(device: Factor, *, now: datetime) -> None:
    """The try that was counted was a right one."""
    today = Q(wrong_today__gt=0)
    _rows(device).update(
        wrong_today=Case(When(today, then=F("wrong_today") - 1), default=Value(0)), wrong_in_row=0, last_used_at=now
    )


def was_wrong(device: Factor, *, now: datetime) -> None:
    """The try was a wrong one: the hundredth in a row disables the factor, and its owner is told."""
    device.refresh_from_db(fields=["wrong_in_row"])
    if device.wrong_in_row == WRONG_IN_A_ROW:
        with transaction.atomic():
            kind = kind_of(device)
            journal.record(events.FactorDisabled(account=device.user, method=kind), now=now)
            alerts.raise_alert(account=device.user, kind=SecurityAlert.Kind.FACTOR_DISABLED, what=kind, now=now)


def kind_of(device: Factor) -> str:
    """How records and messages name a method: phone, authenticator, recovery or passkey."""
    return device._meta.model_name.removesuffix("device")


def added(device: Factor, *, now: datetime) -> None:
    """Record in the caller's transaction that a method was set up, and tell its owner."""
    account, kind = device.user, kind_of(device)
    devices.ask_again(account)
    Account.objects.filter(pk=account.pk, factors_taken_back=True).update(factors_taken_back=False)
    journal.record(events.FactorAdded(account=account, by=account, method=kind), now=now)
    alerts.raise_alert(account=account, kind=SecurityAlert.Kind.FACTOR_ADDED, what=kind, now=now)


def is_last(device: Factor) -> bool:
    """Whether only the password, and perhaps recovery codes, would be left without this method."""
    kept = (PasskeyDevice, AuthenticatorDevice, PhoneDevice)
    return isinstance(device, kept) and not any(
        model._default_manager.filter(user=device.user, confirmed=True)
        .exclude(pk=device.pk if isinstance(device, model) else None)
        .exists()
        for model in kept
    )


def needs_phone(device: Factor) -> bool:
    """Whether this is a phone that its realm asks of everybody."""
    return isinstance(device, PhoneDevice) and REALMS[device.user.realm].needs_phone


@transaction.atomic
def remove(*, device: Factor, knows: bool, now: datetime) -> None:
    """Remove a method; `knows` says that the person was told if it is the last one.

    Raises NeedsFactor for staff, NeedsPhone where everybody has one, and LastFactor for a last one that nobody meant to
    remove.
    """
    account = Account.objects.select_for_update().get(pk=device.user_id)  # of two removals one is the last
    last = is_last(device)
    if needs_phone(device):
        raise NeedsPhone
    if last and account.is_staff:
        raise NeedsFactor
    if last and not knows:
        raise LastFactor
    kind, number = kind_of(device), getattr(device, "number", "")
    erase(device)
    devices.ask_again(account)
    journal.record(events.FactorRemoved(account=account, by=account, method=kind), now=now)
    alerts.raise_alert(account=account, kind=SecurityAlert.Kind.FACTOR_REMOVED, what=kind, old_number=number, now=now)


def erase(device: Factor) -> None:
    """Delete the rows of a method, a passkey's public key with it."""
    credential = getattr(device, "credential", None)
    device.delete()
    if credential is not None:
        credential.delete()


def _rows(device: Factor) -> Any:
    return type(device)._default_manager.filter(pk=device.pk)
