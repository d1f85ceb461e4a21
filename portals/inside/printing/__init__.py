"""Printing certificates that wait for it: the queue's side, which weighs nothing. The worker loads `making`."""

from collections.abc import Callable
from datetime import datetime

from portals.inside.domain import certificates
from portals.models import Certificate


def make(*, certificate_id: int, now: datetime) -> None:
    """Make one waiting certificate, if nobody else is at it."""
    if certificate := certificates.QUEUE.claim(now=now, pk=certificate_id):
        _make(certificate, now=now)


def make_waiting(*, clock: Callable[[], datetime]) -> int:
    """Make all waiting certificates, each with its own lease; returns how many were tried."""
    tried = 0
    while certificate := certificates.QUEUE.claim(now=clock()):
        _make(certificate, now=clock())
        tried += 1
    return tried


def _make(certificate: Certificate, *, now: datetime) -> None:
    from portals.inside.printing import making  # WeasyPrint: only once there is something to print

    making.make(certificate, now=now)
