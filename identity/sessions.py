"""Sessions in the database with a cache before it; what the table holds is encrypted."""

import json
from typing import Any

from django.contrib.sessions.backends.cached_db import SessionStore as CachedSessionStore

from identity.fields import InvalidToken, decrypt, encrypt


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
    """Django's cached store; the cache holds the same sealed text as the table, not the plain session."""

    cache_key_prefix = "session."
    _cache: Any
    _session: dict[str, Any]

    def load(self) -> dict[str, Any]:
        sealed = self._cache.get(self.cache_key) if self.session_key else None
        if sealed is not None:
            return self.decode(sealed)
        session = self._get_session_from_db()  # type: ignore[attr-defined]
        if session is None:
            self._session_key = None
            return {}
        data: dict[str, Any] = self.decode(session.session_data)
        self._cache.set(self.cache_key, session.session_data, self.get_expiry_age(expiry=session.expire_date))
        return data

    def save(self, must_create: bool = False) -> None:
        super(CachedSessionStore, self).save(must_create)
        self._cache.set(self.cache_key, self.encode(self._session), self.get_expiry_age())
