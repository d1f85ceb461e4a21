"""enrollment's jobs: invitations that nobody accepted in their days."""

from celery import shared_task
from django.utils import timezone

from enrollment.domain import invitations
from identity.jobs import clock


@shared_task
def lapse_invitations() -> int:
    """Write which invitations have lapsed, and tell who invited; at use they have already."""
    now = timezone.now()
    return invitations.lapse_due(now=now) if clock.is_trusted(now=now) else 0
