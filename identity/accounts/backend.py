"""The one authentication backend: one hash an attempt, whatever is true."""

import base64
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import get_hasher, is_password_usable
from django.http import HttpRequest
from django.utils.crypto import get_random_string

from identity.accounts import accounts
from identity.keys.hash_pool import pool
from identity.keys.hashers import OwaspArgon2
from identity.models import Account


class RealmBackend(ModelBackend):
    """Compares a password; unknown, inactive and wrong all cost one hash."""

    def authenticate(  # type: ignore[override]
        self,
        request: HttpRequest | None,
        password: str = "",
        candidate: Account | None = None,
        besides: Callable[[], None] | None = None,
        **_: Any,
    ) -> Account | None:
        """The candidate (see accounts.find_for_sign_in), if this is its password. Raises hash_pool.Busy.

        `besides` is work that every attempt of the realm does in the same turn of the pool (C34).
        """
        if not password:
            return None
        usable = candidate is not None and candidate.is_active and is_password_usable(candidate.password)
        right = _is_right(password, candidate.password if candidate and usable else _nobodys_password(), besides)
        if not candidate or not usable or not right:
            return None
        if get_hasher().must_update(candidate.password):  # the parameters were raised: one more hash, once
            accounts.rehash(account=candidate, password=password)
        return candidate


def _is_right(password: str, encoded: str, besides: Callable[[], None] | None) -> bool:
    """One hash and no more: Django's own check_password adds work for hashes of other parameters."""

    def work() -> bool:
        if besides is not None:
            besides()
        return bool(get_hasher().verify(password, encoded))

    return pool.run(work)


@cache
def _nobodys_password() -> str:
    """A hash that no password has, with today's parameters, written without computing one: the first unknown name
    of a process must not cost two."""
    hasher = cast(OwaspArgon2, get_hasher())
    salt, digest = (base64.b64encode(text.encode()).decode().rstrip("=") for text in map(get_random_string, (22, 32)))
    return f"argon2$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${digest}"
