"""Doing something at the same moment on several threads, each with its own database connection."""

import threading
from collections.abc import Callable

from django.db import connections


def together(act: Callable[[], object], *, threads: int) -> list[object]:
    """Run `act` that many times at once; returns what each call answered."""
    barrier = threading.Barrier(threads)
    answers: list[object] = []

    def run() -> None:
        try:
            barrier.wait()
            answers.append(act())
        finally:
            connections.close_all()

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return answers


def turn_by_turn(*acts: Callable[[], object]) -> list[object]:
    """Each act once, all at the same moment; what each answered."""
    turns, lock = iter(acts), threading.Lock()

    def run() -> object:
        with lock:
            mine = next(turns)
        return mine()

    return together(run, threads=len(acts))
