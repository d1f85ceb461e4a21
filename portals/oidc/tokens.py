"""Codes and tokens of a sign-on: derived from its row and the server's key, never stored (as all our codes are)."""

import base64
import binascii
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from identity.keys.fields import is_one_of, seals

_NUMBER_BYTES, _ID_BYTES = 5, 16


class Kind(StrEnum):
    """What a token is for; one of another kind is never taken."""

    CODE = "c"
    ACCESS = "a"
    REFRESH = "r"


class Token(NamedTuple):
    """What a genuine token says. `number`: the second it ends for an access token, the generation for a refresh
    token, 0 for a code."""

    oidc_session: UUID
    number: int


def make(kind: Kind, oidc_session: UUID, number: int = 0) -> str:
    """The text that goes to the application."""
    facts = oidc_session.bytes + number.to_bytes(_NUMBER_BYTES)
    return kind + base64.urlsafe_b64encode(facts + _seals(kind, facts)[0]).decode().rstrip("=")


def parse(kind: Kind, text: str) -> Token | None:
    """What a text says that we made; None for anything else. Whether it still counts, its row says."""
    if not text.startswith(kind) or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    facts, seal = raw[: _ID_BYTES + _NUMBER_BYTES], raw[_ID_BYTES + _NUMBER_BYTES :]
    if not is_one_of(seal.hex(), [mac.hex() for mac in _seals(kind, facts)]):
        return None
    return Token(UUID(bytes=facts[:_ID_BYTES]), int.from_bytes(facts[_ID_BYTES:]))


def _seals(kind: Kind, facts: bytes) -> list[bytes]:
    return seals("sign-on token", f"{kind}{facts.hex()}")
