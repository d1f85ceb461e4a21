"""The daily limit of what texts and calls cost, all accounts together: beyond it other methods are offered."""

import logging
from datetime import datetime

from django.conf import settings
from django.db.models import F

from identity.models import DailySpend

logger = logging.getLogger(__name__)

CENTS = {"text": 1, "call": 2, "spoken": 2}  # rounded up from the price lists of large providers


class SpendLimitReached(Exception):
    """No further text or call today; the page says so and offers what else there is."""


def spend(*, channel: str, now: datetime) -> None:
    """Count one text or call against the UTC day, in the caller's transaction. Raises SpendLimitReached."""
    cents = CENTS[channel]
    row, _created = DailySpend.objects.get_or_create(day=now.date())
    room = DailySpend.objects.filter(pk=row.pk, cents__lte=settings.PHONE_CENTS_PER_DAY - cents)
    if not room.update(cents=F("cents") + cents):
        logger.error("texts and calls have reached the daily limit", extra={"cents": settings.PHONE_CENTS_PER_DAY})
        raise SpendLimitReached


def is_open(*, now: datetime) -> bool:
    """Whether a text can still be sent today."""
    return not DailySpend.objects.filter(
        day=now.date(), cents__gt=settings.PHONE_CENTS_PER_DAY - CENTS["text"]
    ).exists()
