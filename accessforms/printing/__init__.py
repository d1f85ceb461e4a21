"""Printing forms that wait for it: the queue's side, which weighs nothing. The worker that prints loads `making`."""

from collections.abc import Callable
from datetime import datetime

from accessforms.domain import printouts
from accessforms.models import Printout


def make(*, printout_id: int, now: datetime) -> None:
    """Make one waiting printout, if nobody else is at it."""
    if printout := printouts.QUEUE.claim(now=now, pk=printout_id):
        _make(printout, now=now)


def make_waiting(*, clock: Callable[[], datetime]) -> int:
    """Make all waiting printouts, each with its own lease; returns how many were tried."""
    tried = 0
    while printout := printouts.QUEUE.claim(now=clock()):
        _make(printout, now=clock())
        tried += 1
    return tried


def _make(printout: Printout, *, now: datetime) -> None:
    from accessforms.printing import making  # WeasyPrint: only once there is something to print

    making.make(printout, now=now)
