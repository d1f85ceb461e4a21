"""Telling applicants, once, that their request is not decided in the days that its form promises, and why (S2-20)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from accessforms import events, messages
from accessforms.models import Submission
from identity.jobs import mass_acts
from identity.record import journal, outbox


def tell(*, now: datetime) -> int:
    """Tell of what is late since the last run; answers how many were told. Too many at once wait for two people
    (policy: mass acts)."""
    waiting = Submission.objects.filter(state=Submission.State.SUBMITTED)
    late = mass_acts.admitted(
        kind=gettext_noop("tell of late requests"),
        rows=lambda moment: waiting.filter(_untold(moment)).order_by("due_at"),
        active=waiting,
        limit=mass_acts.ENDING,
        now=now,
    )
    return sum(_tell_one(submission, now=now) for submission in list(late.select_related("account")))


def _untold(now: datetime) -> Q:
    return Q(due_at__lte=now, late_told_at=None)


@transaction.atomic
def _tell_one(submission: Submission, *, now: datetime) -> bool:
    """By compare-and-set: of two runs one tells, and nobody of what was decided meanwhile."""
    rows = Submission.objects.filter(_untold(now), pk=submission.pk, state=Submission.State.SUBMITTED)
    if not rows.update(late_told_at=now):
        return False
    where = {"reference": submission.reference, "portal_key": submission.portal_key}
    journal.record(events.RequestLate(account=submission.account, by=None, about=submission, **where), now=now)
    mail = messages.RequestLateMail(
        account_id=submission.account_id, reference=submission.reference, version=submission.version
    )
    outbox.enqueue(mail, now=now)
    return True
