"""The alarm over files that nobody looks at: a worker is missing, or their storage is away (period file_waiting)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

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
