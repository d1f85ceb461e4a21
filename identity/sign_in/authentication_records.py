"""What a session has proved: which methods, how long ago. allauth's authentication records hold it."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.http import HttpRequest

from identity.allauth_seam import (
    clear_authentication_records,
    clear_login,
    get_authentication_records,
    record_authentication,
)
from identity.factors import phones
from identity.models import Account, Factor, PhoneDevice, RememberedDevice
from identity.policy import lifecycle
from identity.sessions import devices
from identity.sign_in import login_intent
from identity.tenancy import FactorNeeds

MAILBOX = devices.MAILBOX
HELD = "held"  # the kept form that this session may go on with
RESET = "reset"  # where a session keeps the password reset that its browser has begun
STRONG = ("passkey", "authenticator", "phone", "recovery")


def begin_anew(request: HttpRequest) -> None:
    """What an earlier, unfinished sign-in in this browser proved does not count for the one that begins."""
    clear_login(request)
    clear_authentication_records(request)
    login_intent.forget_skip(request)
    request.session.pop(RESET, None)


def record_device(request: HttpRequest, account: Account, device: Factor, kind: str) -> None:
    """A second factor was shown; of a phone also whether it was texted or called."""
    channel = phones.answered_by(device) if isinstance(device, PhoneDevice) else ""
    record_authentication(request, account, method="mfa", type=kind, id=device.persistent_id, channel=channel)


def record_password(request: HttpRequest, account: Account) -> None:
    """The password was chosen or typed in this session."""
    record_authentication(request, account, method="password")


def record_mailbox(request: HttpRequest, account: Account) -> None:
    """A mailed code was typed, or the sign-up that this very browser holds was completed."""
    record_authentication(request, account, method=MAILBOX)


def record_remembered(request: HttpRequest, account: Account, device: RememberedDevice) -> None:
    """The second step was skipped on a remembered device."""
    record_authentication(request, account, method="remembered", type=device.proved_by)


class Shown(NamedTuple):
    """One proof of this session: "password", "mailbox", or a kind of second factor; a phone's channel; when."""

    kind: str
    channel: str
    at: datetime


def shown(request: HttpRequest, account: Account) -> list[Shown]:
    """Everything that was shown in this session, oldest first. A remembered device shows nothing."""
    found = []
    for record in get_authentication_records(request, account):
        kind = record["type"] if record["method"] == "mfa" else record["method"]
        if record["method"] != "remembered":
            found.append(Shown(kind, record.get("channel", ""), datetime.fromtimestamp(record["at"], tz=UTC)))
    return sorted(found, key=lambda one: one.at)


def kinds(request: HttpRequest, account: Account, *, with_remembered: bool) -> set[str]:
    """The methods proved in this session beside the password; those of a remembered device where they count."""
    result = set()
    for record in get_authentication_records(request, account):
        if record["method"] == "mfa" or (record["method"] == "remembered" and with_remembered):
            result.add(record["type"])
        elif record["method"] == MAILBOX:
            result.add(MAILBOX)
    return result


def device_shown(request: HttpRequest, account: Account) -> str | None:
    """The persistent id of the second factor shown last, if any was."""
    shown = [record["id"] for record in get_authentication_records(request, account) if record["method"] == "mfa"]
    return shown[-1] if shown else None


def taken(account: Account, needs: FactorNeeds) -> frozenset[str]:
    """The methods that a tenant takes of this account: never a mailed code under `nist` (policy: access code)."""
    return needs.factors - {MAILBOX} if account.profile == "nist" else needs.factors


def satisfy(request: HttpRequest, account: Account, needs: FactorNeeds) -> bool:
    """Whether what was proved is enough for a tenant. A recovery code stands for what it recovers."""
    proved = kinds(request, account, with_remembered=needs.remembers)
    return bool(proved & taken(account, needs)) or "recovery" in proved


def is_fresh(request: HttpRequest, account: Account, *, has_factors: bool, now: datetime) -> bool:
    """Whether the last proof in this session is younger than a sensitive act asks for: of the best that the account
    has, a second factor, else the password."""
    wanted = "mfa" if has_factors else "password"
    return _is_young(request, account, method=wanted, kind="", now=now)


def is_fresh_by(request: HttpRequest, account: Account, *, kind: str, now: datetime) -> bool:
    """Whether a proof by this kind of second factor is that young (S4-36: the old phone)."""
    return _is_young(request, account, method="mfa", kind=kind, now=now)


def _is_young(request: HttpRequest, account: Account, *, method: str, kind: str, now: datetime) -> bool:
    times = [
        record["at"]
        for record in get_authentication_records(request, account)
        if record["method"] == method and kind in ("", record.get("type"))
    ]
    return now.timestamp() - max(times, default=0.0) < lifecycle.after("fresh_sign_in").total_seconds()
