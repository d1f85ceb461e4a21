"""Tokens of links: derived from the server's key, never stored; a token names its row and proves that we made it."""

import base64
import hashlib
import hmac
from uuid import UUID

from django.conf import settings


def seal(pk: UUID, text: str) -> str:
    """The token of a row; `text` says what it is for and binds it to whom it was made for."""
    mac = hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).digest()
    return f"{pk.hex}-{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def pk_of(token: str) -> UUID:
    """The row that a token names, genuine or not; the id of no row for what is no token."""
    try:
        return UUID(token.partition("-")[0])
    except ValueError:
        return UUID(int=0)
