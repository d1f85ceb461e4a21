"""Hours in which somebody answers, by the clock of where they sit: open now, or open when next (S4-16)."""

from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import count
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

from identity.policy.lifecycle.business import FRIDAY, MONDAY, is_federal_holiday, shifted

WEEKDAYS = frozenset(range(MONDAY, FRIDAY + 1))


@dataclass(frozen=True, slots=True)
class Availability:
    """Hours as they stand at one moment."""

    words: str | Promise
    is_open: bool
    changes_at: datetime  # when they close, or open next; in their zone


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """From when to when on which days, in which zone; not on federal holidays. `words` are what a page says of it."""

    words: str | Promise
    zone: str
    days: frozenset[int] = WEEKDAYS  # Monday is 0
    opens: time
    closes: time

    def is_open(self, *, now: datetime) -> bool:
        """Whether somebody answers now: at the first moment yes, at the last no more."""
        local = now.astimezone(ZoneInfo(self.zone))
        return self._is_kept(local.date()) and self.opens <= local.time() < self.closes

    def opens_next(self, *, now: datetime) -> datetime:
        """The next moment after now at which they open, in their zone."""
        zone = ZoneInfo(self.zone)
        local = now.astimezone(zone)
        days = (shifted(local.date(), ahead) for ahead in count(0 if local.time() < self.opens else 1))
        return datetime.combine(next(day for day in days if self._is_kept(day)), self.opens, tzinfo=zone)

    def closes_next(self, *, now: datetime) -> datetime:
        """While they are open: when they close, in their zone."""
        zone = ZoneInfo(self.zone)
        return datetime.combine(now.astimezone(zone).date(), self.closes, tzinfo=zone)

    def availability(self, *, now: datetime) -> Availability:
        """What a page shows of them."""
        if self.is_open(now=now):
            return Availability(self.words, True, self.closes_next(now=now))
        return Availability(self.words, False, self.opens_next(now=now))

    def _is_kept(self, day: date) -> bool:
        return day.weekday() in self.days and not is_federal_holiday(day)
