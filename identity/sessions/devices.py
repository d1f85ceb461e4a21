"""Remembered devices: one account in one browser, told by a cookie that is derived, rotates, and is worth nothing
once it was used (S0-30; policy: remembered device)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from identity.keys.fields import is_one_of, seals
from identity.models import Account, RememberedDevice
from identity.models.alerts import SecurityAlert
from identity.notices import alerts
from identity.policy import lifecycle
from identity.record import events, journal

ON_ITS_WAY = timedelta(seconds=60)  # period: transport; a button pressed twice, an answer that was lost
MAILBOX = "mailbox"  # the method of accounts with nothing stronger


@dataclass(frozen=True, slots=True)
class Presented:
    """A genuine cookie value: which row it belongs to, and how often it had rotated when it was given out."""

    device: UUID
    generation: int


def value_of(device: RememberedDevice) -> str:
    """The cookie's value for the row as it is now; never stored."""
    return _sealed(device.pk, device.generation)[0]


def parse(value: str) -> Presented | None:
    """What a cookie says, if we made it."""
    try:
        pk, generation, _mac = value.split(".")
        presented = Presented(UUID(hex=pk), int(generation))
    except ValueError:
        return None
    return presented if is_one_of(value, _sealed(presented.device, presented.generation)) else None


def _sealed(pk: UUID, generation: int) -> list[str]:
    text = f"{pk.hex}.{generation}"
    return [f"{text}.{mac.hex()[:40]}" for mac in seals("remembered device", text)]


def find(presented: list[Presented], *, now: datetime) -> list[RememberedDevice]:
    """The rows behind these cookies that still count, in one query.

    A value that was replaced since means that somebody holds a copy: both are worth nothing from now on, and the
    owner is told. Only one that was replaced a moment ago may still be on its way: it merely counts for nothing.
    """
    if not presented:
        return []
    generations = {one.device: one.generation for one in presented}
    rows = _living(now).filter(pk__in=generations)
    result = []
    for row in rows:
        if row.generation == generations[row.pk]:
            result.append(row)
        elif row.generation != generations[row.pk] + 1 or now - row.last_seen_at > ON_ITS_WAY:
            _copied(row, now=now)
    return result


def _living(now: datetime) -> "QuerySet[RememberedDevice]":
    return RememberedDevice.objects.filter(ended_at=None, last_seen_at__gt=now - lifecycle.after("known_device"))


@transaction.atomic
def _copied(device: RememberedDevice, *, now: datetime) -> None:
    if RememberedDevice.objects.filter(pk=device.pk, ended_at=None).update(ended_at=now):
        journal.record(events.DeviceCopied(account=device.account), now=now)
        alerts.raise_alert(
            account=device.account,
            kind=SecurityAlert.Kind.DEVICE_COPIED,
            what=device.browser,
            place=device.place,
            now=now,
        )


def skips(device: RememberedDevice, *, now: datetime) -> bool:
    """Whether this device still spares the second step."""
    return device.skips_until is not None and now < device.skips_until


@transaction.atomic(savepoint=False)
def seen(
    *, account: Account, device: RememberedDevice | None, browser: str, place: str, is_new_account: bool, now: datetime
) -> RememberedDevice:
    """A sign-in was completed in this browser: rotate its row, or begin one and alert the owner.

    Of two sign-ins with the same cookie at the same moment one rotates it; the other begins a row of its own.
    """
    if device is not None:
        rotated = RememberedDevice.objects.filter(pk=device.pk, ended_at=None, generation=device.generation).update(
            generation=device.generation + 1, last_seen_at=now, browser=browser, place=place
        )
        if rotated:
            device.generation += 1
            return device
    row = RememberedDevice.objects.create(
        account=account, browser=browser, place=place, first_seen_at=now, last_seen_at=now
    )
    if not is_new_account:
        alerts.raise_alert(account=account, kind=SecurityAlert.Kind.NEW_DEVICE, what=browser, place=place, now=now)
    return row


@transaction.atomic(savepoint=False)
def skip_next_time(*, device: RememberedDevice, proved_by: str, now: datetime) -> None:
    """ "Skip this step next time" (S0-30): for 30 days, in this browser. `proved_by` is the method it stands for."""
    until = now + lifecycle.after("remembered_device", device.account.profile)
    RememberedDevice.objects.filter(pk=device.pk).update(skips_until=until, proved_by=proved_by)
    journal.record(events.DeviceRemembered(account=device.account, by=device.account), now=now)


def for_account(account: Account, *, now: datetime) -> "QuerySet[RememberedDevice]":
    """The devices that count, last used first."""
    return _living(now).filter(account=account).order_by("-last_seen_at")


def ask_again(account: Account) -> None:
    """The account's methods have changed: what the old ones proved spares no further step."""
    RememberedDevice.objects.filter(account=account).update(skips_until=None)


@transaction.atomic
def end(*, account: Account, device: UUID | None, by: Account | None, now: datetime) -> int:
    """Forget one device of the account, or all of them; returns how many. `by` is empty for an alert's answer."""
    rows = RememberedDevice.objects.filter(account=account, ended_at=None)
    ended = (rows.filter(pk=device) if device else rows).update(ended_at=now)
    if ended:
        journal.record(events.DevicesForgotten(account=account, by=by, count=ended), now=now)
    return ended
