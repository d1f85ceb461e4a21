"""Whether the clock can be believed: jobs that end, warn or delete ask before they act (attack H6; policy: mass acts).

Each job that acts leaves a mark. A clock that is more than a day from the last one has jumped, or nothing has run for a
day: both wait for two people.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop

from identity.jobs import mass_acts
from identity.models import ClockMark, JournalEntry, MassAct

KIND = gettext_noop("the clock jumped")
JUMP = timedelta(days=1)  # period: transport


def is_trusted(*, now: datetime) -> bool:
    """Whether jobs may act as of now; moves the mark. A jump is told to the operators once.

    After two people have released it, the moment that they looked at is the new mark.
    """
    mark = _mark(now)
    if abs(now - mark) <= JUMP:
        if MassAct.objects.filter(kind=KIND, state__in=MassAct.OPEN).exists():
            mass_acts.settle(kind=KIND, to=MassAct.State.DISCARDED, now=now)
        _move(max(now, mark))
        return True
    with transaction.atomic():
        act = MassAct.objects.select_for_update().filter(kind=KIND, state__in=MassAct.OPEN).first()
        if act is not None and act.state == MassAct.State.RELEASED and abs(now - act.state_since) <= JUMP:
            mass_acts.settle(kind=KIND, to=MassAct.State.DONE, now=now)
            _move(now)
            return True
    if act is None:
        mass_acts.freeze(kind=KIND, counted=abs(now - mark).days, active=0, allowed=JUMP.days, now=now)
    return False


@transaction.atomic
def believe(*, now: datetime) -> None:
    """Take the clock for right, however far it is from the last mark. Only for the demo, which is off for days and has
    nobody to ask: its start calls this."""
    mass_acts.settle(kind=KIND, to=MassAct.State.DISCARDED, now=now)
    _move(now)


def _mark(now: datetime) -> datetime:
    """The last mark; before there was one, the newest thing that happened; at the very beginning, now."""
    found = ClockMark.objects.values_list("at", flat=True).first()
    return found or JournalEntry.objects.order_by("-pk").values_list("at", flat=True).first() or now


def _move(at: datetime) -> None:
    ClockMark.objects.update_or_create(pk=1, defaults={"at": at})
