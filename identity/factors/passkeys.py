"""Passkeys: allauth keeps the public key and checks the signature, a device row of ours makes it count as a factor."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator as WebAuthnCredential
from django.db import IntegrityError, transaction

from identity.factors import factors
from identity.keys.fields import keyed_hash
from identity.models import Account, PasskeyDevice
from identity.record import events, journal

MAX_PASSKEYS = 10


class TooManyPasskeys(Exception):
    """The account has as many as it may have."""


class KnownPasskey(Exception):
    """This passkey is set up already, for this account or another one."""


@transaction.atomic
def add(*, account: Account, name: str, credential: dict[str, Any], now: datetime) -> PasskeyDevice:
    """Store a passkey whose registration was checked. Raises TooManyPasskeys or KnownPasskey."""
    Account.objects.select_for_update().get(pk=account.pk)
    if PasskeyDevice.objects.filter(user=account).count() >= MAX_PASSKEYS:
        raise TooManyPasskeys
    row = WebAuthnCredential.objects.create(
        user=account,
        type=WebAuthnCredential.Type.WEBAUTHN,
        data={"name": name, "credential": credential},
        created_at=now,
    )
    key = keyed_hash("passkey", str(credential["id"]))
    try:
        with transaction.atomic():
            device = PasskeyDevice.objects.create(
                user=account, name=name, credential=row, credential_key=key, created_at=now
            )
    except IntegrityError as error:
        raise KnownPasskey from error
    factors.added(device, now=now)
    return device


def holder_of(credential_id: str) -> PasskeyDevice | None:
    """The device row of a passkey that somebody shows, by one indexed look-up; its owner may be inactive."""
    key = keyed_hash("passkey", credential_id)
    return PasskeyDevice.objects.select_related("user", "credential").filter(credential_key=key).first()


@transaction.atomic
def rename(*, device: PasskeyDevice, name: str, now: datetime) -> None:
    """Give a passkey another name, in both rows."""
    device.name = name
    device.save(update_fields=["name"])
    device.credential.data["name"] = name
    device.credential.save(update_fields=["data"])
    journal.record(events.PasskeyRenamed(account=device.user, by=device.user), now=now)
