"""enrollment's jobs: invitations, hand-overs, mandates, reviews and administrator requests that are over, practices
that need a word."""

from celery import shared_task
from django.utils import timezone

from enrollment.domain import (
    administrator_decisions,
    administrator_requests,
    invitations,
    practice_health,
    practice_inquiries,
    reviews,
)
from identity.jobs import clock
from rbac.domain import hand_overs, mandate_inquiries, mandates


@shared_task
def lapse_invitations() -> int:
    """Write which invitations have lapsed, and tell who invited; at use they have already."""
    now = timezone.now()
    return invitations.lapse_due(now=now) if clock.is_trusted(now=now) else 0


@shared_task
def lapse_hand_overs() -> int:
    """Write which hand-overs have lapsed, and tell both; at use they have already."""
    now = timezone.now()
    return hand_overs.lapse_due(now=now) if clock.is_trusted(now=now) else 0


@shared_task
def end_mandates() -> int:
    """Write which mandates nobody answered, end those whose last day has passed (at use they have ended already), and
    delete what was asked for longer than a day."""
    now = timezone.now()
    if not clock.is_trusted(now=now):
        return 0
    return mandates.lapse_due(now=now) + mandates.end_past(now=now) + mandate_inquiries.forget_old(now=now)


@shared_task
def warn_practices() -> int:
    """Tell administrators and the desk before nobody runs a practice's users."""
    now = timezone.now()
    return practice_health.warn_due(now=now) if clock.is_trusted(now=now) else 0


@shared_task
def review_practices() -> int:
    """End the reviews that nobody answered, remind of those that end soon, open those that are due."""
    now = timezone.now()
    return reviews.go_on(now=now) if clock.is_trusted(now=now) else 0


@shared_task
def end_administrator_requests() -> int:
    """Delete what nobody confirmed, expire what nobody corrected; at use they have ended already."""
    now = timezone.now()
    if not clock.is_trusted(now=now):
        return 0
    return administrator_requests.delete_unproved(now=now) + administrator_requests.expire_returned(now=now)


@shared_task
def tell_administrators() -> int:
    """Tell those who run a practice that somebody asks for it too."""
    return administrator_decisions.tell_administrators(now=timezone.now())


@shared_task
def pass_on_practice_inquiries() -> int:
    """Tell the administrators of practices who asks to be invited."""
    return practice_inquiries.pass_on_all(now=timezone.now())


@shared_task
def forget_practice_inquiries() -> int:
    """Delete questions to practices whose days are over."""
    now = timezone.now()
    return practice_inquiries.forget_old(now=now) if clock.is_trusted(now=now) else 0
