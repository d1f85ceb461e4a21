"""portals' jobs: the daily sweep over access that nobody uses, and records of sign-ons that are over."""

from celery import shared_task
from django.utils import timezone

from portals import registry
from portals.domain import sign_ons
from rbac.domain import sweeps


@shared_task
def sweep_idle_accounts() -> None:
    """Plan the day's run; it begins within a minute, or waits for two people."""
    sweeps.start(periods=registry.idle_periods(), now=timezone.now())


@shared_task
def prune_sign_ons() -> None:
    """Delete the records of sign-ons that have been over for long."""
    sign_ons.prune(now=timezone.now())
