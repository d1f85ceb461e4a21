"""How far a session has got with proving its person's other ID: its name, its password, its second step, the choices.

It lies in the session, with the epochs of both accounts: a password that is changed meanwhile ends it.
"""

from datetime import UTC, datetime
from typing import Any, cast

from django.http import HttpRequest

from identity.merging import merges
from identity.merging.merges import MergeConsent
from identity.models import Account, AccountRequest

_KEY = "merge"


def begin(request: HttpRequest, *, typed: str) -> None:
    """Another ID was named; whatever was proved before is forgotten."""
    request.session[_KEY] = {"typed": typed}


def forget(request: HttpRequest) -> None:
    """It is over, well or badly."""
    request.session.pop(_KEY, None)


def state(request: HttpRequest) -> dict[str, Any]:
    """What the session holds of it."""
    return cast(dict[str, Any], request.session.get(_KEY, {}))


def typed(request: HttpRequest) -> str:
    """The name or address of the other ID, as it was typed."""
    return str(state(request).get("typed", ""))


def password_shown(request: AccountRequest, other: Account, *, now: datetime) -> None:
    """The other ID's password was right."""
    own = request.user
    proof = MergeConsent(
        own=own.pk, own_epoch=own.session_epoch, other=other.pk, other_epoch=other.session_epoch, at=now
    )
    request.session[_KEY] = {"typed": typed(request), "password": _packed(proof)}


def keep(request: HttpRequest, proof: MergeConsent) -> None:
    """Password and second step were right."""
    request.session[_KEY] = {"typed": typed(request), "proof": _packed(proof)}


def choose(request: HttpRequest, *, survivor: int, choices: dict[str, int]) -> None:
    """What the person chose."""
    state(request).update(survivor=survivor, choices=choices)
    request.session.modified = True


def chosen(request: HttpRequest) -> tuple[int, dict[str, int]]:
    """Which account stays (0: not chosen yet), and the clashes' choices."""
    return state(request).get("survivor", 0), state(request).get("choices", {})


def kept(request: HttpRequest) -> MergeConsent | None:
    """The whole proof, however old."""
    return _unpacked(state(request).get("proof"))


def other(request: AccountRequest, *, now: datetime) -> Account | None:
    """The account whose password was shown, while that holds."""
    return _account(request, _unpacked(state(request).get("password")), now=now)


def proved_other(request: AccountRequest, *, now: datetime) -> Account | None:
    """The account that was wholly proved, while that holds."""
    return _account(request, kept(request), now=now)


def _account(request: AccountRequest, proof: MergeConsent | None, *, now: datetime) -> Account | None:
    result = Account.objects.filter(pk=proof.other, is_active=True).first() if proof else None
    if proof is None or result is None:
        return None
    try:
        merges.check_proof(proof, own=request.user, other=result, now=now)
    except merges.MergeRefused:
        return None
    return result


def _packed(proof: MergeConsent) -> list[float]:
    return [proof.own, proof.own_epoch, proof.other, proof.other_epoch, proof.at.timestamp()]


def _unpacked(packed: Any) -> MergeConsent | None:
    if not packed:
        return None
    own, own_epoch, theirs, other_epoch, at = packed
    return MergeConsent(
        own=own, own_epoch=own_epoch, other=theirs, other_epoch=other_epoch, at=datetime.fromtimestamp(at, tz=UTC)
    )
