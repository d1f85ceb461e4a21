"""The two ceremonies of passkeys, through allauth: making one, and showing one. Both ask for user verification."""

import struct
from typing import Any

from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from identity.domain import factors, passkeys
from identity.models import Account, PasskeyDevice

# What the parsers of bytes and keys raise when strangers send them rubbish.
_NONSENSE = (ValidationError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, struct.error)


class PasskeyRefused(Exception):
    """The browser's answer does not fit the challenge, or belongs to no passkey of ours."""


def options_to_make(account: Account) -> dict[str, Any]:
    """What a browser needs to make a passkey; the challenge waits in the session."""
    return auth.begin_registration(account, passwordless=True)


def check_made(credential: dict[str, Any]) -> None:
    """Check the answer to `options_to_make`. Raises PasskeyRefused."""
    try:
        auth.parse_registration_response(credential)
        made = auth.complete_registration(credential)
    except _NONSENSE as error:
        raise PasskeyRefused from error
    if not made.is_user_verified():
        raise PasskeyRefused


def options_to_show(account: Account | None = None) -> dict[str, Any]:
    """What a browser needs to show a passkey: of an account, or of whoever sits there."""
    return auth.begin_authentication(account)


def check_shown(request: HttpRequest, credential: dict[str, Any], *, account: Account | None = None) -> PasskeyDevice:
    """The device of the passkey that answered `options_to_show`; of this account, if one is given.

    Raises PasskeyRefused: for unknown passkeys, inactive accounts and false answers alike.
    """
    try:
        device = passkeys.holder_of(str(credential["id"]))
        if device is None or not device.user.is_active or (account is not None and device.user_id != account.pk):
            raise PasskeyRefused
        auth.parse_authentication_response(credential)
        shown = auth.complete_authentication(device.user, credential)
    except _NONSENSE as error:
        raise PasskeyRefused from error
    finally:
        auth.clear_state()  # a challenge is answered once, well or badly
    if shown.pk != device.credential_id:
        raise PasskeyRefused
    factors.was_right(device, now=timezone.now())
    return device
