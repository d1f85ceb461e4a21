"""Secrets of applications: random, long, made by us, and so kept under a fast hash.

Argon2 slows down whoever guesses what a person chose. 256 random bits cannot be guessed, and an application sends its
secret with each call. A constraint keeps this form out of people's passwords (Account.password is Argon2id).
"""

import secrets
from hashlib import sha256
from hmac import compare_digest

_FORM = "machine_sha256$"


def make() -> str:
    """A new secret, shown once: 43 characters, 256 bits."""
    return secrets.token_urlsafe(32)


def stored(secret: str) -> str:
    """What is kept of it."""
    return _FORM + sha256(secret.encode()).hexdigest()


def matches(secret: str, kept: str) -> bool:
    """Whether it is the secret of which `kept` is the stored form. As much work for a client that is unknown."""
    return compare_digest(stored(secret), kept or _FORM)
