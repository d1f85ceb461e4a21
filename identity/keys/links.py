"""Tokens of links: derived from the server's key, never stored; a token names its row and proves that we made it."""

import base64
from uuid import UUID

from identity.keys.fields import is_one_of, seals


def seal(pk: UUID, text: str) -> str:
    """The token of a row; `text` says what it is for and binds it to whom it was made for."""
    return _tokens(pk, text)[0]


def is_genuine(token: str, pk: UUID, text: str) -> bool:
    """Whether this is the token of that row and text, made with today's key or a former one that still counts."""
    return is_one_of(token, _tokens(pk, text))


def _tokens(pk: UUID, text: str) -> list[str]:
    return [f"{pk.hex}-{base64.urlsafe_b64encode(mac).decode().rstrip('=')}" for mac in seals("link", text)]


def pk_of(token: str) -> UUID:
    """The row that a token names, genuine or not; the id of no row for what is no token."""
    try:
        return UUID(token.partition("-")[0])
    except ValueError:
        return UUID(int=0)
