"""Making the PDF of a certificate: one tagged page, in the language of whom it is for. Loaded by the worker that prints
only."""

import hashlib
import logging
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from identity.policy import zones
from identity.printing import files, layout
from portals import registry
from portals.inside.domain import certificates
from portals.models import Certificate

logger = logging.getLogger(__name__)
STYLE = "portals/print/certificate.css"


def make(certificate: Certificate, *, now: datetime) -> None:
    """Make a claimed certificate, and say to its queue how it went."""
    try:
        page = html_of(certificate)
        certificate.fingerprint = hashlib.sha256(f"{layout.css(STYLE)}\0{page}".encode()).hexdigest()
        if files.read(certificate.path) is None:
            files.keep(certificate.path, layout.laid_out(page, style=STYLE))
    except Exception as error:
        # Only the class: an error's text can hold a name.
        logger.warning("printing failed", extra={"error": type(error).__name__})
        certificates.QUEUE.failed(certificate, error=error, now=now)
    else:
        certificates.QUEUE.done(certificate, now=now, fingerprint=certificate.fingerprint)


def html_of(certificate: Certificate) -> str:
    """The page that is laid out: who, which course, when, until when, and where anybody confirms it."""
    version, account = certificate.attempt.version, certificate.attempt.account
    portal = registry.get(version.course.portal_key)
    with translation.override(account.language), timezone.override(zones.of_realm(account.realm)):
        shown = {
            "certificate": certificate,
            "version": version,
            "account": account,
            "portal": portal,
            "language": account.language,
            "confirm_at": settings.PUBLIC_URL + reverse("confirm_certificate", args=[portal.key]),
        }
        return render_to_string("portals/print/certificate.html", shown)
