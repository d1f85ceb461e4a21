"""Whether what somebody typed proves a second factor, whichever it is."""

from datetime import datetime

from django.db import transaction

from identity.codes import codes
from identity.factors import authenticators, phones, recovery_codes
from identity.models import AuthenticatorDevice, Factor, PhoneDevice, RecoveryDevice


@transaction.atomic
def accept(device: Factor, *, typed: str, now: datetime) -> bool:
    """Whether the code is this factor's and unused; it is used up. A passkey signs, it has no code.

    Raises factors.FactorPaused.
    """
    match device:
        case PhoneDevice():
            try:
                phones.accept_sign_in_code(device=device, typed=typed, now=now)
            except codes.CodeRefused:
                return False
            return True
        case AuthenticatorDevice():
            return authenticators.accept(device=device, typed=typed, now=now)
        case RecoveryDevice():
            return recovery_codes.accept(device=device, typed=typed, now=now)
        case _:
            return False
