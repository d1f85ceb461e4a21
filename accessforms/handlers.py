"""What the forms do when something happens to a request: what it is found by is made anew with each sending."""

from datetime import datetime

from accessforms.domain import search
from accessforms.events import RequestSubmitted
from accessforms.models import Submission
from identity.record import journal


def keep_terms(event: RequestSubmitted, _now: datetime) -> None:
    """The desk finds what was sent in; drafts are nobody's business."""
    if isinstance(event.about, Submission):
        search.refresh(event.about)


journal.subscribe(RequestSubmitted, keep_terms)
