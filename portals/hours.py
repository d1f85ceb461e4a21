"""Hours in which somebody answers, by the clock of where they sit: open now, or open when next (S4-16)."""

from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import count
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

MONDAY, THURSDAY, FRIDAY = 0, 3, 4
WEEKDAYS = frozenset(range(MONDAY, FRIDAY + 1))
# 5 U.S.C. 6103: month and day; month, day of the week and its number in the month.
ON_A_DAY = {(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)}
ON_A_WEEKDAY = {(1, MONDAY, 3), (2, MONDAY, 3), (9, MONDAY, 1), (10, MONDAY, 2), (11, THURSDAY, 4)}
LAST_WEEK_OF_MAY = range(25, 32)


def _shifted(day: date, days: int) -> date:
    return date.fromordinal(day.toordinal() + days)


def is_federal_holiday(day: date) -> bool:
    """Whether a day from Monday to Friday is a holiday of the United States: itself, or for one that falls on the
    Saturday after it or the Sunday before it."""
    kept = [day, *([_shifted(day, 1)] if day.weekday() == FRIDAY else [])]
    kept += [_shifted(day, -1)] if day.weekday() == MONDAY else []
    if any((one.month, one.day) in ON_A_DAY for one in kept):
        return True
    is_memorial_day = day.month == 5 and day.weekday() == MONDAY and day.day in LAST_WEEK_OF_MAY
    return is_memorial_day or (day.month, day.weekday(), (day.day + 6) // 7) in ON_A_WEEKDAY


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
        days = (_shifted(local.date(), ahead) for ahead in count(0 if local.time() < self.opens else 1))
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
