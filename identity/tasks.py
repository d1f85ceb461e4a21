"""identity's jobs: the outbox relay and the pruning of old records."""

from celery import shared_task
from django.utils import timezone

from identity.domain import outbox, retention


@shared_task
def drain_outbox() -> int:
    """Deliver every due message."""
    return outbox.drain(now=timezone.now())


@shared_task
def prune() -> None:
    """Delete what has outlived its period in the table of periods."""
    retention.prune(now=timezone.now())
