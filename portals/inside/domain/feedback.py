"""Feedback on a portal's pages: given, and deleted in time (S3-09)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from identity.governance import retention
from identity.models import Account
from identity.policy import lifecycle
from identity.record import journal
from portals import events
from portals.models import Feedback
from portals.spec import PortalSpec

MAX_LENGTH = 2000  # characters


@transaction.atomic
def give(*, portal: PortalSpec, page: str, text: str, by: Account | None, now: datetime) -> Feedback:
    """Keep what somebody says about a page (S3-09). `by` is nobody where they did not want to be named: then no row and
    no entry of the journal says who it was."""
    given = Feedback.objects.create(portal_key=portal.key, account=by, page=page, text=text.strip(), created_at=now)
    said = events.FeedbackGiven(account=by, by=by, about=given, portal_key=portal.key, page=page)
    journal.record(said, now=now)
    return given


def prune(*, now: datetime) -> None:
    """Delete what is older than the period `feedback`, within the limit of pruning (policy: mass acts)."""
    retention.delete(
        gettext_noop("prune feedback"),
        lambda moment: Feedback.objects.filter(created_at__lte=lifecycle.over_before("feedback", now=moment)),
        now=now,
    )
