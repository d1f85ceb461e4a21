"""Making the PDF of a form and the pictures of its pages. Loaded by the worker that prints only."""

import hashlib
import logging
from datetime import datetime

from accessforms.domain import printouts
from accessforms.models import Printout
from accessforms.printing import document, pictures
from identity.printing import files

logger = logging.getLogger(__name__)


def make(printout: Printout, *, now: datetime) -> None:
    """Make a claimed printout, and say to its queue how it went."""
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
