"""PostgreSQL or Redis is away: which errors say so, and a breaker, so that nobody waits for what has just failed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import redis
from django.db import InterfaceError, OperationalError

RETRY_AFTER = "5"  # seconds, as the header says; transport, not policy
PAUSE, TRIAL = 1.0, 3.0  # seconds between two attempts at a part that is away, and for one attempt; transport
# Connection lost or refused, too many connections, shutting down or starting up; none: it never came to a server.
_AWAY = (None, "53300", "57P01", "57P02", "57P03")


def is_away(error: BaseException | None) -> bool:
    """Whether this error, or what it came from, says that the database or Redis does not answer."""
    while error is not None:
        if isinstance(error, redis.ConnectionError | redis.TimeoutError):
            return True
        if isinstance(error, OperationalError | InterfaceError) and isinstance(error.__cause__, psycopg.Error):
            state = error.__cause__.sqlstate
            return state in _AWAY or str(state).startswith("08")
        error = error.__cause__ or error.__context__
    return False


class Breaker:
    """After a failure everybody is refused at once, but for one attempt each PAUSE seconds; a success ends it.

    One for each part and process: twenty pages, or one page that asks a part five times, wait for one attempt.
    """

    def __init__(self, *failures: type[Exception], refused: Callable[[], Exception]) -> None:
        self._failures, self._refused = failures, refused
        self._closed_until: float | None = None
        self._lock = threading.Lock()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Around what asks the part. Raises `refused()` where it failed a moment ago, or somebody is just trying."""
        if self._closed_until is not None:
            with self._lock:
                if self._closed_until is not None and time.monotonic() < self._closed_until:
                    raise self._refused()
                self._closed_until = time.monotonic() + TRIAL
        try:
            yield
        except self._failures:
            self._closed_until = time.monotonic() + PAUSE
            raise
        except Exception:
            self._closed_until = None  # it answered: a server that was started anew knows no script of ours
            raise
        self._closed_until = None
