"""Requests that wait for a decision: which, and how many are before one (S2-20)."""

from django.db.models import Q

from accessforms.models import Submission
from portals import registry


def to_decide() -> Q:
    """Requests that wait for the desk: whose fax is here, and those that need none."""
    online = Q(state=Submission.State.SUBMITTED, portal_key__in=registry.without_paper())
    return Q(state=Submission.State.FAX_RECEIVED) | online


def before(submission: Submission) -> int:
    """How many requests for the same portal wait that were sent in earlier: why this one does."""
    if submission.submitted_at is None:
        return 0
    waiting = Submission.objects.in_portal(submission.portal_key).filter(state=Submission.State.SUBMITTED)
    return waiting.filter(submitted_at__lt=submission.submitted_at).count()
