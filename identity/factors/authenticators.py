"""Authenticator apps (TOTP): a shared secret, codes of six digits that change every 30 seconds (S1-51..53)."""

import base64
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from django.db import transaction
from django.utils.crypto import constant_time_compare
from django_otp.oath import hotp

from identity.codes import codes
from identity.factors import factors
from identity.models import Account, AuthenticatorDevice
from identity.policy import lifecycle

DIGITS = 6
STEPS_EITHER_SIDE = 1  # clocks of phones are seldom exact


class WrongCode(Exception):
    """The first code of a new authenticator was not right: its secret was not stored."""


def new_secret() -> str:
    """160 random bits in base32, as apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def address_of(secret: str, *, account: Account, issuer: str) -> str:
    """The otpauth: address that the QR code holds."""
    label = quote(f"{issuer}:{account.login_name}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"


def set_up(*, account: Account, secret: str, typed: str, now: datetime) -> AuthenticatorDevice:
    """Store the authenticator once its first code proves that the app has the secret; it replaces an earlier one.

    Raises WrongCode. The same code does not sign in afterwards.
    """
    step = _step_of(secret, typed, now=now, newer_than=0)
    if step is None:
        raise WrongCode
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        AuthenticatorDevice.objects.filter(user=account).delete()
        device = AuthenticatorDevice.objects.create(
            user=account, name="authenticator", secret=secret, last_step=step, created_at=now
        )
        factors.added(device, now=now)
    return device


def accept(*, device: AuthenticatorDevice, typed: str, now: datetime) -> bool:
    """Use a code up: right, and newer than the newest one used. Of parallel uses one succeeds.

    Raises factors.FactorPaused.
    """
    factors.begin_try(device, now=now)
    step = _step_of(device.secret, typed, now=now, newer_than=device.last_step)
    newer = AuthenticatorDevice.objects.filter(pk=device.pk, last_step__lt=step) if step else None
    if newer is None or not newer.update(last_step=step):
        factors.was_wrong(device, now=now)
        return False
    factors.was_right(device, now=now)
    return True


def _step_of(secret: str, typed: str, *, now: datetime, newer_than: int) -> int | None:
    """The 30-second step whose code was typed, one either side of now, if it is newer than a used one."""
    current = int(now.timestamp() // lifecycle.after("authenticator_step").total_seconds())
    key = base64.b32decode(secret)
    right = None
    for step in range(current - STEPS_EITHER_SIDE, current + STEPS_EITHER_SIDE + 1):
        code = f"{hotp(key, step, DIGITS):0{DIGITS}d}"
        if constant_time_compare(code, codes.plain(typed)) and step > newer_than:
            right = step
    return right
