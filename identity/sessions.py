"""Sessions in the database with a cache before it; what both hold is encrypted."""

import json
import logging
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.cached_db import SessionStore as CachedSessionStore
from django.utils.crypto import get_random_string

from identity.fields import InvalidToken, decrypt, encrypt

logger = logging.getLogger(__name__)


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

    def load(self) -> dict[str, Any]:
        sealed = self._cached()
        if sealed is None:
            session = self._get_session_from_db()  # type: ignore[attr-defined]
            if session is None:
                return {}
            sealed = session.session_data
            self._remember(sealed, self.get_expiry_age(expiry=session.expire_date))
        data: dict[str, Any] = self.decode(sealed)
        return data

    def save(self, must_create: bool = False) -> None:
        super(CachedSessionStore, self).save(must_create)
        self._remember(self.encode(self._session), self.get_expiry_age())

    def delete(self, session_key: str | None = None) -> None:
        """One statement: the row need not be read to be deleted."""
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=key).delete()
            self._cache.delete(self.cache_key_prefix + key)

    def _get_new_session_key(self) -> str:
        """160 random bits and more: nobody looks whether they are taken, the table's key would say so."""
        return get_random_string(32, VALID_KEY_CHARS)

    async def aload(self) -> dict[str, Any]:
        return await sync_to_async(self.load)()

    async def asave(self, must_create: bool = False) -> None:
        await sync_to_async(self.save)(must_create)

    def _cached(self) -> str | None:
        try:
            return self._cache.get(self.cache_key)
        except Exception:  # the table has it too
            logger.warning("session cache cannot be read")
            return None

    def _remember(self, sealed: str, seconds: int) -> None:
        try:
            self._cache.set(self.cache_key, sealed, seconds)
        except Exception:
            logger.warning("session cache cannot be written")
