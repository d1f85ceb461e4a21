"""identity's jobs: the outbox relay and the pruning of old records."""

import time

from celery import shared_task
from django.utils import timezone

from identity.domain import outbox, retention

BUDGET = 40.0  # seconds of one run: below the broker's visibility time-out, which would start a second one


@shared_task
def drain_outbox() -> None:
    """Deliver every due message, a batch at a time, each with its own clock."""
    end = time.monotonic() + BUDGET
    while outbox.drain(now=timezone.now()).claimed and time.monotonic() < end:
        pass


@shared_task
def prune() -> None:
    """Delete what has outlived its period in the table of periods."""
    retention.prune(now=timezone.now())
