"""Proving that a person holds a phone: by a texted code, or by keying the code on the screen into a call (C9)."""

from datetime import datetime

import phonenumbers
from django.db import transaction

from identity import events
from identity.domain import codes, journal, outbox
from identity.domain.codes import Purpose
from identity.models import Challenge, PhoneDevice

Method = PhoneDevice.Method

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
    kind = KeypadCall if method == Method.CALL else TextCode
    outbox.enqueue(kind(account_id=device.user_id, device=device.pk, challenge=str(challenge.pk)), now=now)
    return challenge


def current_challenge(*, device: PhoneDevice, purpose: Purpose) -> Challenge | None:
    """The newest code of this number, if any was sent."""
    return codes.newest(account=device.user, purpose=purpose, target=device.number)


def confirm_by_code(*, device: PhoneDevice, typed: str, now: datetime) -> None:
    """Prove the phone by the texted code (S1-47). Raises codes.WrongCode or codes.CodeEnded."""
    _confirm(_check(device, "phone", Method.TEXT, typed, now), now=now)


def answer_call(*, challenge: Challenge, typed: str, now: datetime) -> None:
    """Take what was keyed into our call (S1-49): it proves the phone, or answers for a sign-in.

    Raises codes.WrongCode or codes.CodeEnded.
    """
    device = PhoneDevice.objects.select_related("user").get(user=challenge.account_id)
    purpose: Purpose = "phone" if challenge.purpose == "phone" else "second_factor"
    checked = _check(device, purpose, Method.CALL, typed, now)
    if checked.pk != challenge.pk:
        raise codes.CodeEnded
    if purpose == "phone":
        _confirm(checked, now=now)
    else:
        codes.use(checked, now=now)


def accept_sign_in_code(*, device: PhoneDevice, typed: str, now: datetime) -> None:
    """Use the texted code of a sign-in up. Raises codes.WrongCode or codes.CodeEnded."""
    codes.use(_check(device, "second_factor", Method.TEXT, typed, now), now=now)


def was_answered(challenge_id: str | None) -> bool:
    """Whether the code of this very call was keyed in: what a page asks that shows the code."""
    return (
        challenge_id is not None
        and Challenge.objects.filter(pk=challenge_id, channel=Method.CALL, used_at__isnull=False).exists()
    )


def _check(device: PhoneDevice, purpose: Purpose, channel: str, typed: str, now: datetime) -> Challenge:
    return codes.check(
        account=device.user, purpose=purpose, target=device.number, channel=channel, typed=typed, now=now
    )


@transaction.atomic
def _confirm(challenge: Challenge, *, now: datetime) -> None:
    # The number may have been changed since the code was compared: only under the lock it is certain.
    device = PhoneDevice.objects.select_for_update().get(user=challenge.account_id)
    if device.confirmed or not codes.is_for(challenge, device.number):
        raise codes.CodeEnded
    codes.use(challenge, now=now)
    device.confirmed, device.confirmed_at, device.method = True, now, challenge.channel
    device.save(update_fields=["confirmed", "confirmed_at", "method"])
    account = challenge.account
    journal.record(events.PhoneVerified(account=account, by=account, method=challenge.channel), now=now)


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
