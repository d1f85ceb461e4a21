"""What hangs on the server's keys: encryption at rest (FIELD_KEYS), stored fingerprints to look such columns up by
(INDEX_KEY), and the seals of codes and links that are under way (SECRET_KEY and its fallbacks)."""

import hashlib
import hmac
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.crypto import constant_time_compare, salted_hmac


@lru_cache
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt_bytes(content: bytes) -> bytes:
    """Encrypt with the newest of FIELD_KEYS: base64 without a line break."""
    return _ring(settings.FIELD_KEYS).encrypt(content)


def decrypt_bytes(sealed: bytes) -> bytes:
    """Decrypt with any of FIELD_KEYS. Raises cryptography's InvalidToken when none fits."""
    return _ring(settings.FIELD_KEYS).decrypt(sealed)


def encrypt(text: str) -> str:
    """Text, as `encrypt_bytes`."""
    return encrypt_bytes(text.encode()).decode()


def decrypt(sealed: str) -> str:
    """Text, as `decrypt_bytes`."""
    return decrypt_bytes(sealed.encode()).decode()


def keyed_hash(purpose: str, text: str) -> str:
    """A fingerprint of a value that is stored for long, useless without INDEX_KEY: hex of 32 bytes."""
    return hmac.new(settings.INDEX_KEY.encode(), f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def seals(purpose: str, text: str) -> list[bytes]:
    """What proves that we made a code or a link, 32 bytes: today's, with which new ones are made, then those of former
    keys, which count as long as SECRET_KEY_FALLBACKS names them.

    Django's Signer was tried: two ways instead of one, and what 0.2.0 mailed would end (decision 0037).
    """
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac(purpose, text, secret=key, algorithm="sha256").digest() for key in keys]


def is_one_of(given: str, right: "list[str]") -> bool:
    """Whether it is one of these, each compared in constant time."""
    return sum(constant_time_compare(one, given) for one in right) > 0


class EncryptedTextField(models.TextField):
    """Text that lies encrypted in the database and reads as plain text in Python. It cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(str(value)) if value else ""

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str:
        return decrypt(value) if value else ""


class EncryptedJSONField(EncryptedTextField):
    """The same for what JSON can hold. Nothing in it can be searched."""

    _pyi_private_set_type: Any  # what django-stubs reads: neither is a text in Python
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(json.dumps(value, cls=DjangoJSONEncoder))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        text = super().from_db_value(value, expression, connection)
        return json.loads(text) if text else None

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: Any) -> Any:
        return self.value_from_object(obj)


__all__ = [
    "EncryptedJSONField",
    "EncryptedTextField",
    "InvalidToken",
    "decrypt",
    "decrypt_bytes",
    "encrypt",
    "encrypt_bytes",
    "is_one_of",
    "keyed_hash",
    "seals",
]
