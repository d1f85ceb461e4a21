"""What will happen to access that nobody uses, day by day, if nobody comes back meanwhile (S3-19)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, ExpressionWrapper, F
from django.db.models.functions import TruncDate
from django.utils import timezone

from identity.policy import lifecycle
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


def make(*, periods: Mapping[str, timedelta], now: datetime) -> list[Forecast]:
    """A forecast for each portal, from today on; what is overdue counts for today. One query a portal."""
    today = timezone.localdate(now)
    *days, next_day = (today + timedelta(days=ahead) for ahead in range(lifecycle.after("idle_first_warning").days + 2))
    over = timezone.make_aware(datetime.combine(next_day, time.min))
    found = []
    for portal_key, period in periods.items():
        forecast = Forecast(portal_key, days)
        dates = {str(left): _date_before_the_end(period, left) for left in [*idleness.warning_days(), 0]}
        groups = (
            AccessGrant.objects.active()
            .in_portal(portal_key)
            .annotate(**dates)
            .filter(idle_from__lt=over - period + lifecycle.after("idle_first_warning"))
            .values("warned_days", *dates)
            .annotate(number=Count("pk"))
        )
        for group in groups:
            _add(forecast, group)
        found.append(forecast)
    return found


def _date_before_the_end(period: timedelta, left: int) -> TruncDate:
    """The date so many days before access rests. The period is added first: days are 24 hours, and a change of the
    clocks moves their end to another date."""
    moment = ExpressionWrapper(F("idle_from") + (period - timedelta(days=left)), output_field=DateTimeField())
    return TruncDate(moment)


def _add(forecast: Forecast, group: Mapping[str, Any]) -> None:
    """Count people who are warned, and whose access rests, on the same dates: the warnings that are not sent yet, and
    the rest."""
    today, warned_days, number = forecast.days[0], group["warned_days"], group["number"]
    forecast.suspended[max(group["0"], today)] += number
    left = [days for days in idleness.warning_days() if warned_days is None or days < warned_days]
    for days, following in zip(left, [*left[1:], 0], strict=True):
        if group[str(following)] > today:  # a warning that another has overtaken is not sent
            forecast.warned[max(group[str(days)], today)] += number
