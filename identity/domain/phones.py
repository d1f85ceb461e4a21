"""Proving that a person holds a phone: by a texted code, or by keying the code on the screen into a call (C9)."""

from datetime import datetime

import phonenumbers
from django.db import transaction

from identity import events
from identity.domain import codes, journal, outbox
from identity.domain.codes import Purpose
from identity.models import Challenge, PhoneDevice

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


class AlreadyConfirmed(Exception):
    """The phone was proved; another one takes its place only with access to this one (S4-36)."""


def normalise(*, country: str, typed: str) -> str:
    """E.164 of what was typed, spaces, dashes and brackets ignored. Raises NumberRefused (policy: phones)."""
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException as error:
        raise NumberRefused from error
    known = phonenumbers.is_valid_number(number) and phonenumbers.region_code_for_number(number) in PLUS_ONE
    if not known or phonenumbers.number_type(number) not in _REACHABLE:
        raise NumberRefused
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@transaction.atomic
def send_code(*, device: PhoneDevice, method: str, purpose: Purpose, now: datetime) -> Challenge:
    """Text a code, or call and ask for the code on the screen (S1-47, S1-49). Raises codes.TooManySendings."""
    from identity.messages import KeypadCall, TextCode

    challenge = codes.issue(account=device.user, purpose=purpose, target=device.number, channel=method, now=now)
    kind = KeypadCall if method == PhoneDevice.Method.CALL else TextCode
    outbox.enqueue(kind(account_id=device.user_id, device=device.pk, challenge=str(challenge.pk)), now=now)
    return challenge


def current_challenge(*, device: PhoneDevice, purpose: Purpose) -> Challenge | None:
    """The newest code of this number, if any was sent."""
    return codes.newest(account=device.user, purpose=purpose, target=device.number)


def confirm_by_code(*, device: PhoneDevice, typed: str, now: datetime) -> None:
    """Prove the phone by the texted code (S1-47). Raises codes.WrongCode or codes.CodeEnded."""
    challenge = codes.check(account=device.user, purpose="phone", target=device.number, typed=typed, now=now)
    _confirm(challenge, device=device, now=now)


def confirm_by_keypad(*, challenge: Challenge, typed: str, now: datetime) -> None:
    """Prove the phone by what was keyed into our call (S1-49). Raises codes.WrongCode or codes.CodeEnded."""
    device = PhoneDevice.objects.get(user=challenge.account_id)
    checked = codes.check(account=challenge.account, purpose="phone", target=device.number, typed=typed, now=now)
    if checked.pk != challenge.pk:
        raise codes.CodeEnded
    _confirm(checked, device=device, now=now)


@transaction.atomic
def _confirm(challenge: Challenge, *, device: PhoneDevice, now: datetime) -> None:
    codes.use(challenge, now=now)
    PhoneDevice.objects.filter(pk=device.pk).update(
        confirmed=True,
        confirmed_at=now,
        method=PhoneDevice.Method.TEXT if challenge.channel == "text" else "call",
    )
    journal.record(events.PhoneVerified(account=device.user, by=device.user, method=challenge.channel), now=now)


def accept_sign_in_code(*, device: PhoneDevice, typed: str, now: datetime) -> None:
    """Use the texted or keyed code of a sign-in up. Raises codes.WrongCode or codes.CodeEnded."""
    challenge = codes.check(account=device.user, purpose="second_factor", target=device.number, typed=typed, now=now)
    codes.use(challenge, now=now)


@transaction.atomic
def change_unconfirmed(*, device: PhoneDevice, number: str, now: datetime) -> None:
    """Replace a number that was never proved (S1-48). Raises AlreadyConfirmed."""
    locked = PhoneDevice.objects.select_for_update().get(pk=device.pk)
    if locked.confirmed:
        raise AlreadyConfirmed
    locked.number = number
    locked.save(update_fields=["number", "number_key"])
    journal.record(events.PhoneChanged(account=device.user, by=device.user), now=now)
