"""Sessions in the database with a cache before it; what both hold is encrypted."""

import json
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, UpdateError
from django.contrib.sessions.backends.cached_db import SessionStore as CachedSessionStore
from django.db import DatabaseError, OperationalError
from django.utils.crypto import get_random_string

from identity.keys.fields import InvalidToken, decrypt, encrypt


class EncryptedSerializer:
    """JSON, encrypted: allauth keeps addresses and names in the session while a sign-in is under way."""

    def dumps(self, data: Any) -> bytes:
        return encrypt(json.dumps(data, separators=(",", ":"))).encode()

    def loads(self, sealed: bytes) -> Any:
        try:
            return json.loads(decrypt(sealed.decode()))
        except InvalidToken:
            return {}  # keys were changed: the person signs in again


class SessionStore(CachedSessionStore):
    """Django's cached store, except that the cache holds the same sealed text as the table, not the plain session."""

    cache_key_prefix = "session."
    _cache: Any
    _session: dict[str, Any]
    _is_new = False

    def load(self) -> dict[str, Any]:
        sealed = self._cache.get(self.cache_key)
        if sealed is None:
            session = self._get_session_from_db()  # type: ignore[attr-defined]
            if session is None:
                return {}
            sealed = session.session_data
            self._cache.set(self.cache_key, sealed, self.get_expiry_age(expiry=session.expire_date))
        data: dict[str, Any] = self.decode(sealed)
        return data

    def create(self) -> None:
        """A new id, written once, at the end of the request: signing in would else write the session twice."""
        self._session_key = self._get_new_session_key()
        self._is_new = self.modified = True

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
        row = self.create_model_instance(self._get_session(no_load=must_create or self._is_new))  # type: ignore[attr-defined]
        try:
            row.save(force_insert=must_create or self._is_new, force_update=not (must_create or self._is_new))
        except OperationalError:  # the database is away: that is another answer
            raise
        except DatabaseError as error:  # ended in another request meanwhile
            raise UpdateError from error
        self._is_new = False
        self._cache.set(self.cache_key, row.session_data, self.get_expiry_age())

    def delete(self, session_key: str | None = None) -> None:
        """One statement: the row need not be read to be deleted."""
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=key).delete()
            self._cache.delete(self.cache_key_prefix + key)  # where it fails, idle clock and row say that it is over

    def _get_new_session_key(self) -> str:
        """160 random bits and more: nobody looks whether they are taken, the table's key would say so."""
        return get_random_string(32, VALID_KEY_CHARS)

    async def aload(self) -> dict[str, Any]:
        return await sync_to_async(self.load)()

    async def asave(self, must_create: bool = False) -> None:
        await sync_to_async(self.save)(must_create)
