"""Files that wait for too long: for a worker, who is missing, or their storage is away (period file_waiting), or to be
sent with a message (period file_unsent)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from identity.files import stored
from identity.jobs import mass_acts
from identity.models import StoredFile, Ticket
from identity.notices import tickets
from identity.policy import lifecycle

State = StoredFile.State


@transaction.atomic
def alarm(*, now: datetime) -> Ticket | None:
    """Tell the desk of files that have waited too long, all in one ticket, each of them once (policy: scans)."""
    over = now - lifecycle.after("file_waiting")
    waiting = StoredFile.objects.filter(state=State.WAITING, deleted_at=None, alarmed_at=None, created_at__lte=over)
    found = waiting.update(alarmed_at=now)
    if not found:
        return None
    text = gettext(
        "Files that people sent wait to be checked: %(count)s, for longer than %(time)s. Until then nobody can open "
        "them. An operator looks whether the worker of the queue “pdf” runs and the storage answers."
    )
    told = {"count": found, "time": lifecycle.humanize_duration(lifecycle.after("file_waiting"))}
    return tickets.open(account=None, topic=Ticket.Topic.OTHER, text=text % told, by=None, now=now)


def delete_unsent(*, now: datetime) -> int:
    """Delete what stands in no message after its period, one transaction each; returns how many. Too many at once wait
    for two people (policy: mass acts). A file that is sent meanwhile stays."""
    over = mass_acts.admitted(
        kind=gettext_noop("delete unsent files"),
        rows=lambda moment: StoredFile.objects.loose().filter(
            deleted_at=None, created_at__lte=lifecycle.over_before("file_unsent", now=moment)
        ),
        active=StoredFile.objects.filter(deleted_at=None),
        limit=mass_acts.PRUNING,
        now=now,
    )
    return sum(_delete_one(file, now=now) for file in list(over))


def _delete_one(file: StoredFile, *, now: datetime) -> bool:
    try:
        stored.delete(file=file, by=None, now=now)
    except stored.InUse:
        return False
    return True
