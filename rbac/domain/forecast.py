"""What will happen to access that nobody uses, day by day, if nobody comes back meanwhile (S3-19)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from identity import lifecycle
from rbac.domain import idleness
from rbac.models import AccessGrant


@dataclass(slots=True)
class Forecast:
    """One portal: how many are warned and how many begin to rest on each day, the first day first."""

    portal_key: str
    days: list[date]
    warned: Counter[date] = field(default_factory=Counter)
    suspended: Counter[date] = field(default_factory=Counter)

    def rows(self) -> list[tuple[date, int, int]]:
        """Day, warned, suspended."""
        return [(day, self.warned[day], self.suspended[day]) for day in self.days]


def of(*, periods: Mapping[str, timedelta], now: datetime) -> list[Forecast]:
    """A forecast for each portal, from today on; what is overdue counts for today. One query a portal."""
    today = timezone.localdate(now)
    days = [today + timedelta(days=ahead) for ahead in range(lifecycle.after("idle_first_warning").days + 1)]
    found = []
    for portal_key, period in periods.items():
        forecast = Forecast(portal_key, days)
        known = now + (days[-1] - today) - period + lifecycle.after("idle_first_warning")
        groups = (
            AccessGrant.objects.active()
            .in_portal(portal_key)
            .filter(idle_from__lte=known)
            .values_list(TruncDate("idle_from"), "warned_days")
            .annotate(number=Count("pk"))
        )
        for begun, warned_days, number in groups:
            _add(forecast, end=begun + period, warned_days=warned_days, number=number)
        found.append(forecast)
    return found


def _add(forecast: Forecast, *, end: date, warned_days: int | None, number: int) -> None:
    """Count people whose access rests on the day `end`: the warnings before it that are not sent yet, and the rest."""
    today = forecast.days[0]
    forecast.suspended[max(end, today)] += number
    left = [days for days in idleness.warning_days() if warned_days is None or days < warned_days]
    for days, following in zip(left, [*left[1:], 0], strict=True):
        if end - timedelta(days=following) > today:  # a warning that another has overtaken is not sent
            forecast.warned[max(end - timedelta(days=days), today)] += number
