"""Making the PDF of a form and the pictures of its pages. Loaded by the printing worker only."""

import hashlib
import logging
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accessforms.domain import printouts
from accessforms.models import Printout

logger = logging.getLogger(__name__)


def make(*, printout_id: int, now: datetime) -> None:
    """Make one waiting printout, if nobody else is at it."""
    if printout := printouts.claim(now=now, pk=printout_id):
        _make(printout, now=now)


def make_waiting(*, now: datetime) -> int:
    """Make all waiting printouts; returns how many were tried."""
    tried = 0
    while printout := printouts.claim(now=now):
        _make(printout, now=now)
        tried += 1
    return tried


def _make(printout: Printout, *, now: datetime) -> None:
    from accessforms.printing import document, pictures

    try:
        page = document.html_of(printout.submission, revision=printout.revision)
        printout.fingerprint = hashlib.sha256(f"{document.version()}\0{page}".encode()).hexdigest()
        if not default_storage.exists(printout.path):
            pdf = document.pdf_of(page, reference=printout.submission.reference, revision=printout.revision)
            default_storage.save(printout.path, ContentFile(pdf))
        with default_storage.open(printout.path) as stored:
            pages = pictures.store(stored.read(), printout=printout)
    except Exception as error:
        # Only the class: an error's text can hold what somebody typed.
        logger.warning("printing failed", extra={"error": type(error).__name__})
        printouts.mark_failed(printout=printout, problem=type(error).__name__, now=now)
    else:
        printouts.mark_ready(printout=printout, fingerprint=printout.fingerprint, pages=pages, now=now)
