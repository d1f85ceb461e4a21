"""How many requests one person may have, and how long an answer usually takes."""

from datetime import datetime
from statistics import median_high

from django.db.models import Count, Q

from accessforms.models import Submission
from identity.policy import lifecycle
from portals import registry

State = Submission.State
ENOUGH_TO_SAY = 10


class TooMany(Exception):
    """The person has as many requests as one may have, waiting or within a day."""

    def __init__(self, most: int, *, of_today: bool) -> None:
        super().__init__(most)
        self.most, self.of_today = most, of_today


def check_can_send(submission: Submission, *, now: datetime) -> None:
    """Raise TooMany where the person may not send in one more: each is a queue row, a print and a mail (M11).

    Windows cannot overtake each other: there is one draft a portal, and the caller holds its row.
    """
    form = registry.get(submission.portal_key).access_form
    assert form is not None
    others = Submission.objects.of(submission.account_id).in_portal(submission.portal_key).exclude(pk=submission.pk)
    counted = others.aggregate(
        open=Count("pk", filter=Q(state__in=[State.SUBMITTED, State.FAX_RECEIVED, State.RETURNED])),
        of_today=Count("pk", filter=lifecycle.counted("submitted_at", "request_count", now=now)),
    )
    if counted["open"] >= form.most_open:
        raise TooMany(form.most_open, of_today=False)
    if counted["of_today"] >= form.most_a_day:
        raise TooMany(form.most_a_day, of_today=True)


def usual_days(portal_key: str) -> int | None:
    """Within how many days half of the newest decided requests were answered; None while there are too few."""
    decided = Submission.objects.in_portal(portal_key).filter(
        state__in=[State.APPROVED, State.DENIED], submitted_at__isnull=False
    )
    times = list(decided.order_by("-submitted_at").values_list("submitted_at", "state_since")[:ENOUGH_TO_SAY])
    if len(times) < ENOUGH_TO_SAY:
        return None
    return max(1, median_high((done - sent).days + 1 for sent, done in times if sent))
