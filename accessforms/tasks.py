"""accessforms' jobs: printing, in a queue of its own, expiry of requests that nobody faxed, and word of late ones."""

from celery import shared_task
from django.utils import timezone

from accessforms import printing
from accessforms.domain import late, submissions
from identity.jobs import clock


@shared_task
def print_form(*, printout_id: int) -> None:
    """Make one PDF."""
    printing.make(printout_id=printout_id, now=timezone.now())


@shared_task
def print_waiting_forms() -> int:
    """Make whatever a lost nudge left behind."""
    return printing.make_waiting(clock=timezone.now)


@shared_task
def expire_unfaxed() -> int:
    """Expire requests that were never faxed."""
    now = timezone.now()
    return submissions.expire_unfaxed(now=now) if clock.is_trusted(now=now) else 0


@shared_task
def tell_of_late() -> int:
    """Tell applicants whose request is not decided in time."""
    now = timezone.now()
    return late.tell(now=now) if clock.is_trusted(now=now) else 0
