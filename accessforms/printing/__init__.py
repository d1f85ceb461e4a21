"""Making the PDF of a form and the pictures of its pages. Loaded by the printing worker only."""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime

from accessforms.domain import printouts
from accessforms.models import Printout

logger = logging.getLogger(__name__)


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
    from accessforms.printing import document, files, pictures

    try:
        page = document.html_of(printout)
        printout.fingerprint = hashlib.sha256(f"{document.version()}\0{page}".encode()).hexdigest()
        if (pdf := files.read(printout.path)) is None:
            pdf = document.pdf_of(page, reference=printout.submission.reference, revision=printout.revision)
            files.keep(printout.path, pdf)
        pages = pictures.store(pdf, printout=printout)
    except Exception as error:
        # Only the class: an error's text can hold what somebody typed.
        logger.warning("printing failed", extra={"error": type(error).__name__})
        printouts.QUEUE.failed(printout, error=error, now=now)
    else:
        printouts.QUEUE.done(printout, now=now, fingerprint=printout.fingerprint, pages=pages)
