"""Recovery codes: ten, each good once, shown once; only keyed hashes are kept (policy: recovery codes)."""

import base64
import secrets
from datetime import datetime

from django.db import transaction

from identity.codes import codes
from identity.factors import factors
from identity.keys.fields import keyed_hash
from identity.models import Account, RecoveryCode, RecoveryDevice

COUNT = 10
LENGTH = 16  # characters of base32: 80 bits


@transaction.atomic
def make(*, account: Account, now: datetime) -> list[str]:
    """Make ten new codes; earlier ones stop working. Returns them for the one time they are shown."""
    Account.objects.select_for_update().get(pk=account.pk)
    RecoveryDevice.objects.filter(user=account).delete()
    device = RecoveryDevice.objects.create(user=account, name="recovery codes", created_at=now)
    made = [base64.b32encode(secrets.token_bytes(LENGTH * 5 // 8)).decode() for _ in range(COUNT)]
    RecoveryCode.objects.bulk_create(RecoveryCode(device=device, digest=_digest(device, code)) for code in made)
    factors.added(device, now=now)
    return made


def left(account: Account) -> int:
    """How many unused codes the account has."""
    return RecoveryCode.objects.filter(device__user=account, used_at=None).count()


def are_of(account: Account, shown: list[str]) -> bool:
    """Whether these are codes of the account, used or not: what is downloaded is what was made."""
    device = RecoveryDevice.objects.filter(user=account).first()
    if device is None or not shown:
        return False
    digests = {_digest(device, code) for code in shown}
    return RecoveryCode.objects.filter(device=device, digest__in=digests).count() == len(digests) == len(shown)


def accept(*, device: RecoveryDevice, typed: str, now: datetime) -> bool:
    """Use a code up; of parallel uses one succeeds. Raises factors.FactorPaused."""
    factors.begin_try(device, now=now)
    unused = RecoveryCode.objects.filter(device=device, digest=_digest(device, codes.plain(typed)), used_at=None)
    if not unused.update(used_at=now):
        factors.was_wrong(device, now=now)
        return False
    factors.was_right(device, now=now)
    return True


def _digest(device: RecoveryDevice, code: str) -> str:
    return keyed_hash(f"recovery {device.pk}", code)
