"""Encryption at rest: one key ring, a text column that uses it, and keyed hashes to look such a column up by."""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """Encrypt with the newest of FIELD_KEYS."""
    return _ring(settings.FIELD_KEYS).encrypt(text.encode()).decode()


def decrypt(sealed: str) -> str:
    """Decrypt with any of FIELD_KEYS. Raises cryptography's InvalidToken when none fits."""
    return _ring(settings.FIELD_KEYS).decrypt(sealed.encode()).decode()


def keyed_hash(purpose: str, text: str) -> str:
    """A stable fingerprint of a value, useless without the server's key: hex of 32 bytes."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that lies encrypted in the database and reads as plain text in Python. It cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(str(value)) if value else ""

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str:
        return decrypt(value) if value else ""


__all__ = ["EncryptedTextField", "InvalidToken", "decrypt", "encrypt", "keyed_hash"]
