"""Feedback on a portal's pages: given, and deleted in time (S3-09)."""

import re
from datetime import datetime

from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_noop

from identity.governance import retention
from identity.models import Account
from identity.policy import lifecycle
from identity.record import journal
from portals import events
from portals.models import Feedback
from portals.spec import PortalSpec

MAX_LENGTH = 2000  # characters
_PART = re.compile(r"<(?:\w+:)?(?P<name>\w+)>")  # of the pattern of an address


@transaction.atomic
def give(*, portal: PortalSpec, page: str, text: str, by: Account | None, now: datetime) -> Feedback:
    """Keep what somebody says about a page (S3-09). `by` is nobody where they did not want to be named: then no row and
    no entry of the journal says who it was, nor does the page."""
    if by is None:
        page = _of_anybody(page)
    given = Feedback.objects.create(portal_key=portal.key, account=by, page=page, text=text.strip(), created_at=now)
    said = events.FeedbackGiven(account=by, by=by, about=given, portal_key=portal.key, page=page)
    journal.record(said, now=now)
    return given


def _of_anybody(page: str) -> str:
    """Which page it is, without the numbers and keys in its path: those of a message, an attempt or a practice say
    whose it is. Nothing for a path of no page."""
    try:
        found = resolve(page)
    except Resolver404:
        return ""
    known = {name: str(value) for name, value in found.kwargs.items() if name == "portal_key"}
    return "/" + _PART.sub(lambda part: known.get(part["name"], "…"), found.route)


def prune(*, now: datetime) -> None:
    """Delete what is older than the period `feedback`, within the limit of pruning (policy: mass acts)."""
    retention.delete(
        gettext_noop("prune feedback"),
        lambda moment: Feedback.objects.filter(created_at__lte=lifecycle.over_before("feedback", now=moment)),
        now=now,
    )
