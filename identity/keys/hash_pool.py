"""Threads of their own for password hashing: as many as cores, a short queue, and an honest "too busy" beyond it.

Without it a storm of sign-ins takes every thread and every core, and no other page is answered. The hash runs in few
threads that stay, because each thread that ever hashed keeps its 19 MiB (glibc's arenas).
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.conf import settings

DEADLINE = 2.0  # seconds in the queue; transport, not policy


class Busy(Exception):
    """All places and the whole queue are taken; the answer is 503 and a short pause."""


def _step_back() -> None:
    """Other pages come first: on Linux each thread has a priority of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


class HashPool:
    """`width` hashes at a time, and as many attempts waiting."""

    def __init__(self, width: int) -> None:
        self.places = 2 * width
        self._places = threading.BoundedSemaphore(self.places)
        self._threads = ThreadPoolExecutor(width, thread_name_prefix="hash", initializer=_step_back)

    @contextmanager
    def admit(self) -> Iterator[None]:
        """A place in the queue, held over limits, look-ups and the hash. Raises Busy at once when there is none."""
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            yield
        finally:
            self._places.release()

    def run[T](self, hashing: Callable[..., T], *arguments: object) -> T:
        """Do the work in one of the threads. Raises Busy when its turn does not come within DEADLINE seconds."""
        work = self._threads.submit(hashing, *arguments)
        try:
            return work.result(DEADLINE)
        except TimeoutError as error:
            work.cancel()
            raise Busy from error


pool = HashPool(max(1, (os.cpu_count() or 1) // settings.WEB_PROCESSES))
