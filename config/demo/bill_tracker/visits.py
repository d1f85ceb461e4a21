"""Who is at the sample application: sessions in memory, gone when it stops."""

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

MOST = 1_000  # of visits and of remembered logout tokens: the oldest go first


@dataclass(slots=True)
class Attempt:
    """A sign-on that was begun here and has not come back yet."""

    state: str
    nonce: str
    verifier: str


@dataclass(slots=True)
class SignedOn:
    """What the provider said about somebody, and the tokens to ask again."""

    id_token: str
    claims: dict[str, Any]
    userinfo: dict[str, Any]
    access_token: str
    access_ends: float
    refresh_token: str
    refreshed: int = 0


@dataclass(slots=True)
class Visit:
    """One browser. `form_token` stands in every form: another site's form has none."""

    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    attempts: OrderedDict[str, Attempt] = field(default_factory=OrderedDict)
    signed_on: SignedOn | None = None

    def begin(self, attempt: Attempt) -> None:
        """Remember a sign-on; a browser may have a few under way, one a tab."""
        self.attempts[attempt.state] = attempt
        while len(self.attempts) > 5:
            self.attempts.popitem(last=False)


class Visits:
    """All visits. Every method takes the lock: requests run in threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._visits: OrderedDict[str, Visit] = OrderedDict()
        self._logout_tokens: OrderedDict[str, float] = OrderedDict()

    def find(self, key: str) -> Visit | None:
        """The visit of a cookie."""
        with self._lock:
            return self._visits.get(key)

    def open(self, *, instead_of: Visit | None = None) -> Visit:
        """A new visit. Whoever signs on gets one, so that nobody who knew the old cookie comes along."""
        visit = Visit()
        with self._lock:
            if instead_of is not None:
                self._visits.pop(instead_of.key, None)
            self._visits[visit.key] = visit
            while len(self._visits) > MOST:
                self._visits.popitem(last=False)
        return visit

    def end(self, visit: Visit) -> None:
        """Forget a visit."""
        with self._lock:
            self._visits.pop(visit.key, None)

    def end_all_of(self, *, sid: str, sub: str) -> int:
        """End the visits of a session at the provider or, where it names none, of a person; answers how many."""
        with self._lock:
            found = [
                key
                for key, visit in self._visits.items()
                if visit.signed_on is not None
                and (visit.signed_on.claims.get("sid") == sid if sid else visit.signed_on.claims.get("sub") == sub)
            ]
            for key in found:
                del self._visits[key]
        return len(found)

    def is_first(self, *, jti: str, until: float) -> bool:
        """Whether a logout token arrives for the first time. It is remembered as long as it is valid."""
        with self._lock:
            now = time.time()
            for old in [one for one, end in self._logout_tokens.items() if end < now]:
                del self._logout_tokens[old]
            if jti in self._logout_tokens:
                return False
            self._logout_tokens[jti] = until
            while len(self._logout_tokens) > MOST:
                self._logout_tokens.popitem(last=False)
            return True
