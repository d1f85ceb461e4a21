"""portals' jobs: the daily sweep over access that nobody uses."""

from celery import shared_task
from django.utils import timezone

from portals import registry
from rbac.domain import sweeps


@shared_task
def sweep_idle_accounts() -> None:
    """Plan the day's run; it begins within a minute, or waits for two people."""
    sweeps.start(periods=registry.idle_periods(), now=timezone.now())
