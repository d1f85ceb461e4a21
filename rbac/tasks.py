"""rbac's jobs: the work of runs that have begun, a slice at a time, the notices of a grid that changes, and asking
practices for mandates."""

import time

from celery import shared_task
from django.utils import timezone

from identity.jobs import clock
from rbac.domain import grid_notices, mandate_inquiries, sweeps

BUDGET = 40.0  # seconds of one slice: below the broker's visibility time-out, which would start a second one


@shared_task
def go_on_with_sweeps() -> None:
    """Go on where the last slice ended, or was killed."""
    end = time.monotonic() + BUDGET
    for _changed in sweeps.go_on(clock=timezone.now):
        if time.monotonic() > end:
            break


@shared_task
def tell_of_grids() -> None:
    """Tell whoever loses something by a version of the grid, some days before it holds."""
    if clock.is_trusted(now=(now := timezone.now())):
        grid_notices.tell(now=now)


@shared_task
def pass_on_mandates() -> int:
    """Ask the practices whose tax IDs vendors have typed."""
    return mandate_inquiries.pass_on_all(now=timezone.now())
