"""Places for password hashing: as many at once as cores, a short queue, and an honest "too busy" beyond it.

Without it a storm of sign-ins takes every thread and every core, and no other page is answered.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

DEADLINE = 2.0  # seconds in the queue; transport, not policy


class Busy(Exception):
    """All places and the whole queue are taken; the answer is 503 and a short pause."""


class HashPool:
    """`width` hashes at a time, and twice as many waiting."""

    def __init__(self, width: int) -> None:
        self._admitted = threading.BoundedSemaphore(3 * width)
        self._hashing = threading.BoundedSemaphore(width)

    @contextmanager
    def admit(self) -> Iterator[None]:
        """A place in the queue, held over limits, look-ups and the hash. Raises Busy at once when there is none."""
        if not self._admitted.acquire(blocking=False):
            raise Busy
        try:
            yield
        finally:
            self._admitted.release()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A core to hash on. Raises Busy after DEADLINE seconds."""
        if not self._hashing.acquire(timeout=DEADLINE):
            raise Busy
        try:
            yield
        finally:
            self._hashing.release()


pool = HashPool(max(1, (os.cpu_count() or 1) // settings.WEB_PROCESSES))
