"""Business days: Monday to Friday but for the federal holidays of the United States."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

MONDAY, THURSDAY, FRIDAY = 0, 3, 4
# 5 U.S.C. 6103: month, day and the first year; month, day of the week and its number in the month.
ON_A_DAY = ((1, 1, 0), (6, 19, 2021), (7, 4, 0), (11, 11, 0), (12, 25, 0))
ON_A_WEEKDAY = {(1, MONDAY, 3), (2, MONDAY, 3), (9, MONDAY, 1), (10, MONDAY, 2), (11, THURSDAY, 4)}
LAST_WEEK_OF_MAY = range(25, 32)
CLOSE = time(17)  # a day's work ends; the same date in every state and territory but those west of the date line


def shifted(day: date, days: int) -> date:
    """The day that is so many days later, or before."""
    return date.fromordinal(day.toordinal() + days)


def _is_on_a_day(day: date) -> bool:
    return any((day.month, day.day) == (month, number) and day.year >= since for month, number, since in ON_A_DAY)


def is_federal_holiday(day: date) -> bool:
    """Whether a day from Monday to Friday is a holiday of the United States: itself, or for one that falls on the
    Saturday after it or the Sunday before it."""
    kept = [day, *([shifted(day, 1)] if day.weekday() == FRIDAY else [])]
    kept += [shifted(day, -1)] if day.weekday() == MONDAY else []
    if any(_is_on_a_day(one) for one in kept):
        return True
    is_memorial_day = day.month == 5 and day.weekday() == MONDAY and day.day in LAST_WEEK_OF_MAY
    return is_memorial_day or (day.month, day.weekday(), (day.day + 6) // 7) in ON_A_WEEKDAY


def is_business_day(day: date) -> bool:
    """Whether staff work."""
    return day.weekday() <= FRIDAY and not is_federal_holiday(day)


def after(days: int, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The close of work, by this zone, of the last of so many business days after that of `now` (S2-20)."""
    day = now.astimezone(zone).date()
    while days:
        day = shifted(day, 1)
        days -= is_business_day(day)
    return datetime.combine(day, CLOSE, tzinfo=zone)
