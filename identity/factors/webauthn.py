"""The two ceremonies of passkeys, through allauth: making one, and showing one. Both ask for user verification."""

import struct
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from identity.allauth_seam import webauthn_ceremony
from identity.factors import factors, passkey_challenges, passkeys
from identity.models import Account, PasskeyDevice

# What the parsers of bytes and keys raise when strangers send them rubbish.
_NONSENSE = (ValidationError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, struct.error)


class PasskeyRefused(Exception):
    """The browser's answer does not fit the challenge, or belongs to no passkey of ours."""


def options_to_make(account: Account) -> dict[str, Any]:
    """What a browser needs to make a passkey; the challenge waits in the session."""
    return webauthn_ceremony.begin_registration(account, passwordless=True)


def check_made(credential: dict[str, Any]) -> None:
    """Check the answer to `options_to_make`. Raises PasskeyRefused."""
    try:
        webauthn_ceremony.parse_registration_response(credential)
        made = webauthn_ceremony.complete_registration(credential)
    except _NONSENSE as error:
        raise PasskeyRefused from error
    if not made.is_user_verified():
        raise PasskeyRefused


def options_to_show(account: Account) -> dict[str, Any]:
    """What a browser needs to show a passkey of an account; the challenge waits in the session."""
    return webauthn_ceremony.begin_authentication(account)


def ask(*, now: datetime) -> HttpResponse:
    """What a browser needs to show a passkey of whoever sits there; the challenge waits in the browser's own cookie."""
    response = JsonResponse(webauthn_ceremony.begin_authentication())
    passkey_challenges.write(response, webauthn_ceremony.get_state() or {}, now=now)
    webauthn_ceremony.clear_state()  # where allauth has put it: a stranger's session would become a row
    return response


def check_signs_in(request: HttpRequest, credential: dict[str, Any], *, now: datetime) -> PasskeyDevice:
    """The device of the passkey that answered `ask` in this browser. Raises PasskeyRefused, as `check_shown`."""
    webauthn_ceremony.set_state(passkey_challenges.take(request, now=now))  # `check_shown` takes it out again
    return check_shown(credential)


def check_shown(credential: dict[str, Any], *, account: Account | None = None) -> PasskeyDevice:
    """The device of the passkey that answered the challenge in the session; of this account, if one is given.

    Raises PasskeyRefused: for unknown passkeys, inactive accounts and false answers alike.
    """
    try:
        device = passkeys.holder_of(str(credential["id"]))
        if device is None or not device.user.is_active or (account is not None and device.user_id != account.pk):
            raise PasskeyRefused
        webauthn_ceremony.parse_authentication_response(credential)
        shown = webauthn_ceremony.complete_authentication(device.user, credential)
    except _NONSENSE as error:
        raise PasskeyRefused from error
    finally:
        webauthn_ceremony.clear_state()  # a challenge is answered once, well or badly
    if shown.pk != device.credential_id:
        raise PasskeyRefused
    factors.was_right(device, now=timezone.now())
    return device
