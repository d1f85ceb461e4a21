"""The one authentication backend: a login name or an address, within one realm, one hash an attempt."""

import base64
from functools import cache
from typing import Any, cast

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import get_hasher, is_password_usable
from django.http import HttpRequest
from django.utils.crypto import get_random_string

from identity.domain import accounts
from identity.hash_pool import pool
from identity.hashers import OwaspArgon2
from identity.models import Account
from identity.realms import OHID


class RealmBackend(ModelBackend):
    """Resolves what was typed and compares the password; unknown, inactive and wrong all cost one hash."""

    def authenticate(  # type: ignore[override]
        self,
        request: HttpRequest | None,
        username: str = "",
        password: str = "",
        realm: str = OHID.key,
        **_: Any,
    ) -> Account | None:
        """The account, or None. Raises hash_pool.Busy."""
        if not username or not password:
            return None
        account = accounts.find_for_sign_in(realm=realm, typed=username)
        usable = account is not None and account.is_active and is_password_usable(account.password)
        right = _is_right(password, account.password if account and usable else _nobodys_password())
        if not account or not usable or not right:
            return None
        if get_hasher().must_update(account.password):  # the parameters were raised: one more hash, once
            accounts.rehash(account=account, password=password)
        return account


def _is_right(password: str, encoded: str) -> bool:
    """One hash and no more: Django's own check_password adds work for hashes of other parameters."""
    return bool(pool.run(get_hasher().verify, password, encoded))


@cache
def _nobodys_password() -> str:
    """A hash that no password has, with today's parameters, written without computing one: the first unknown name
    of a process must not cost two."""
    hasher = cast(OwaspArgon2, get_hasher())
    salt, digest = (base64.b64encode(text.encode()).decode().rstrip("=") for text in map(get_random_string, (22, 32)))
    return f"argon2$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${digest}"
