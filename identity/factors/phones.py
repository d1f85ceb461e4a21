"""Proving that a person holds a phone: by a texted code, a spoken one, or by keying the code on the screen into a
call (C9)."""

from datetime import datetime
from typing import Any

import phonenumbers
from django.db import transaction

from identity.codes import codes, spending
from identity.codes.codes import Purpose
from identity.factors import factors
from identity.models import Account, Challenge, PhoneDevice
from identity.models.alerts import SecurityAlert
from identity.notices import alerts
from identity.notices.messages import KeypadCall, SpokenCode, TextCode
from identity.policy import lifecycle
from identity.record import events, journal, outbox, transactions
from identity.sessions import devices

Method = PhoneDevice.Method
TYPED = (Method.TEXT.value, Method.SPOKEN.value)  # the code is heard or read, and typed on the page
ACCOUNTS_PER_NUMBER = 3
NUMBERS_PER_DAY = 5

# The countries and territories that share +1 (C28): the list behind the country-code field.
PLUS_ONE = (
    "US", "CA", "PR", "VI", "GU", "AS", "MP", "AG", "AI", "BB", "BM", "BS", "DM", "DO", "GD", "JM", "KN", "KY",
    "LC", "MS", "SX", "TC", "TT", "VC", "VG",
)  # fmt: skip
_REACHABLE = {
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    phonenumbers.PhoneNumberType.VOIP,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
}


class NumberRefused(Exception):
    """Not a number that a person of a +1 country can be reached at; toll and premium numbers are refused too."""


class HasExtension(NumberRefused):
    """A code can be sent to a number, not to an extension of it: dropping it would call the switchboard (T12)."""


class TooManyNumbers(Exception):
    """The account was sent codes at five numbers within a day."""


class NumberInUse(Exception):
    """Three accounts have proved this number; only who holds it is told (policy: phones)."""


class AlreadyConfirmed(Exception):
    """The phone was proved; another one takes its place only with access to this one (S4-36)."""


def normalise(*, country: str, typed: str) -> str:
    """E.164 of what was typed, spaces, dashes and brackets ignored.

    Raises NumberRefused, or HasExtension (policy: phones).
    """
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException as error:
        raise NumberRefused from error
    known = phonenumbers.is_valid_number(number) and phonenumbers.region_code_for_number(number) in PLUS_ONE
    if not known or phonenumbers.number_type(number) not in _REACHABLE:
        raise NumberRefused
    if number.extension:
        raise HasExtension
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@transaction.atomic
def add(*, account: Account, number: str, now: datetime, replacing: bool = False) -> PhoneDevice:
    """Give an account this number to prove (S1-48): its first one, or with `replacing` one that takes the place of the
    proved one once it is proved itself (S4-36; the caller has asked for a proof by the old one).

    Raises AlreadyConfirmed when there is a proved one that is not to be replaced.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    if not replacing and proved(account) is not None:
        raise AlreadyConfirmed
    device = waiting(account)
    if device is not None:
        change_unconfirmed(device=device, number=number, now=now)
        device.refresh_from_db()
        return device
    return PhoneDevice.objects.create(user=account, name="phone", number=number, confirmed=False, created_at=now)


def first(account: Account) -> PhoneDevice | None:
    """The proved number, else the one that waits."""
    return PhoneDevice.objects.filter(user=account).order_by("-confirmed").first()


def waiting(account: Account) -> PhoneDevice | None:
    """The number that waits for its proof."""
    return PhoneDevice.objects.select_related("user").filter(user=account, confirmed=False).first()


def proved(account: Account) -> PhoneDevice | None:
    """The number that the person proved to hold."""
    return PhoneDevice.objects.select_related("user").filter(user=account, confirmed=True).first()


@transaction.atomic
def send_code(*, device: PhoneDevice, method: str, purpose: Purpose, now: datetime) -> Challenge:
    """Text a code, or call: to say it, or to ask for the one on the screen (S1-47, S1-49, S4-10).

    Raises codes.TooManySendings, TooManyNumbers or spending.SpendLimitReached.
    """
    if purpose == "phone":
        Account.objects.select_for_update().get(pk=device.user_id)  # one number at a time
        _check_numbers(device, now=now)
    challenge = codes.issue(account=device.user, purpose=purpose, target=device.number, channel=method, now=now)
    spending.spend(channel=method, now=now)
    kind: Any = {Method.TEXT.value: TextCode, Method.CALL.value: KeypadCall, Method.SPOKEN.value: SpokenCode}[method]
    outbox.enqueue(kind(account_id=device.user_id, device=device.pk, challenge=str(challenge.pk)), now=now)
    return challenge


def _check_numbers(device: PhoneDevice, *, now: datetime) -> None:
    within = lifecycle.counted("sent_at", "phone_additions", now=now)
    recent = Challenge.objects.filter(within, account=device.user, purpose="phone")
    others = recent.exclude(target_key=codes.target_key("phone", device.number))
    if others.values("target_key").distinct().count() >= NUMBERS_PER_DAY:
        raise TooManyNumbers


def current_challenge(*, device: PhoneDevice, purpose: Purpose) -> Challenge | None:
    """The newest code of this number, if any was sent."""
    return codes.newest(account=device.user, purpose=purpose, target=device.number)


def confirm_by_code(*, device: PhoneDevice, typed: str, now: datetime) -> None:
    """Prove the phone by the texted or spoken code (S1-47). Raises codes.WrongCode, CodeEnded or NumberInUse."""
    _confirm(_check(device, "phone", TYPED, typed, now), now=now)


def answer_call(*, challenge: Challenge, typed: str, now: datetime) -> None:
    """Take what was keyed into our call (S1-49): it proves the phone, or answers for a sign-in.

    Raises codes.WrongCode, codes.CodeEnded, NumberInUse or factors.FactorPaused.
    """
    device = (waiting if challenge.purpose == "phone" else proved)(challenge.account)
    if device is None:  # removed or proved while it rang
        raise codes.CodeEnded
    if challenge.purpose == "phone":
        checked = _check(device, "phone", (Method.CALL,), typed, now)
        if checked.pk != challenge.pk:
            raise codes.CodeEnded
        _confirm(checked, now=now)
    else:
        _accept(device, (Method.CALL,), typed, now=now, only=challenge)


def accept_sign_in_code(*, device: PhoneDevice, typed: str, now: datetime) -> None:
    """Use the texted or spoken code of a sign-in up.

    Raises codes.WrongCode, codes.CodeEnded or factors.FactorPaused.
    """
    _accept(device, TYPED, typed, now=now)


def _accept(
    device: PhoneDevice, channels: tuple[str, ...], typed: str, *, now: datetime, only: Challenge | None = None
) -> None:
    factors.begin_try(device, now=now)
    try:
        checked = _check(device, "second_factor", channels, typed, now)
        if only is not None and checked.pk != only.pk:
            raise codes.CodeEnded
        codes.use(checked, now=now)
    except codes.WrongCode:
        factors.was_wrong(device, now=now)
        raise
    except codes.CodeEnded:
        factors.take_back(device)
        raise
    factors.was_right(device, now=now)


def redeem_answer(*, challenge_id: str | None, device: PhoneDevice, purpose: Purpose, now: datetime) -> bool:
    """Whether the code of this very call was keyed in, to this phone, for this purpose, while it lived: then the page
    that shows the code goes on, once."""
    if challenge_id is None:
        return False
    answered = Challenge.objects.filter(
        pk=challenge_id,
        account=device.user_id,
        purpose=purpose,
        target_key=codes.target_key(purpose, device.number),
        channel=Method.CALL,
        used_at__isnull=False,
        expires_at__gt=now,
        redeemed_at=None,
    )
    return bool(answered.update(redeemed_at=now))


def _check(device: PhoneDevice, purpose: Purpose, channels: tuple[str, ...], typed: str, now: datetime) -> Challenge:
    return codes.check(
        account=device.user, purpose=purpose, target=device.number, channels=channels, typed=typed, now=now
    )


def answered_by(device: PhoneDevice) -> str:
    """How the code came that this phone's owner answered last: "text", "call" or "spoken"."""
    answered = Challenge.objects.filter(account=device.user_id, channel__in=Method.values, used_at__isnull=False)
    return answered.order_by("-used_at").values_list("channel", flat=True).first() or ""


@transaction.atomic
def _confirm(challenge: Challenge, *, now: datetime) -> None:
    # The number may have been changed since the code was compared: only under the lock it is certain.
    Account.objects.select_for_update().get(pk=challenge.holder_id)
    rows = PhoneDevice.objects.select_for_update().filter(user=challenge.account_id)
    numbers = {row.confirmed: row for row in rows}
    device, old = numbers.get(False), numbers.get(True)
    if device is None or not codes.is_for(challenge, device.number):
        raise codes.CodeEnded
    transactions.lock(codes.target_key("phone", device.number))  # other accounts may prove it at this moment (M3)
    if PhoneDevice.objects.filter(number_key=device.number_key, confirmed=True).count() >= ACCOUNTS_PER_NUMBER:
        raise NumberInUse
    codes.use(challenge, now=now)
    if old is not None:
        old.delete()
    device.confirmed, device.confirmed_at, device.created_at, device.method = True, now, now, challenge.channel
    device.save(update_fields=["confirmed", "confirmed_at", "created_at", "method"])
    account = challenge.account
    journal.record(events.PhoneVerified(account=account, by=account, method=challenge.channel), now=now)
    if old is not None:  # both numbers and every address are told
        journal.record(events.PhoneChanged(account=account, by=account), now=now)
        devices.ask_again(account)
        kind = SecurityAlert.Kind.PHONE_CHANGED
        alerts.raise_alert(account=account, kind=kind, old_number=old.number, now=now)
    elif account.last_login is not None:  # not the one proved at sign-up: the account's owner is told
        factors.added(device, now=now)


@transaction.atomic
def change_unconfirmed(*, device: PhoneDevice, number: str, now: datetime) -> None:
    """Replace a number that was never proved (S1-48); its codes end. Raises AlreadyConfirmed."""
    locked = PhoneDevice.objects.select_for_update().get(pk=device.pk)
    if locked.confirmed:
        raise AlreadyConfirmed
    locked.number = number
    locked.save(update_fields=["number", "number_key"])
    codes.end_all(account=device.user, purpose="phone", now=now)
    journal.record(events.PhoneChanged(account=device.user, by=device.user), now=now)
