"""Business days against the federal holidays that OPM published, and over both clock changes (S2-20)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest

from identity.policy import lifecycle
from identity.policy.lifecycle import business

HOUSE = ZoneInfo("America/Los_Angeles")
# OPM's tables of 2011 to 2030: the days on which federal offices are closed, as month and day. A New Year's Day that
# falls on a Saturday stands under the last day of the year before (2021 and 2027).
PUBLISHED = """
2011: 01-17 02-21 05-30 07-04 09-05 10-10 11-11 11-24 12-26
2012: 01-02 01-16 02-20 05-28 07-04 09-03 10-08 11-12 11-22 12-25
2013: 01-01 01-21 02-18 05-27 07-04 09-02 10-14 11-11 11-28 12-25
2014: 01-01 01-20 02-17 05-26 07-04 09-01 10-13 11-11 11-27 12-25
2015: 01-01 01-19 02-16 05-25 07-03 09-07 10-12 11-11 11-26 12-25
2016: 01-01 01-18 02-15 05-30 07-04 09-05 10-10 11-11 11-24 12-26
2017: 01-02 01-16 02-20 05-29 07-04 09-04 10-09 11-10 11-23 12-25
2018: 01-01 01-15 02-19 05-28 07-04 09-03 10-08 11-12 11-22 12-25
2019: 01-01 01-21 02-18 05-27 07-04 09-02 10-14 11-11 11-28 12-25
2020: 01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25
2021: 01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31
2022: 01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26
2023: 01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25
2024: 01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25
2025: 01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25
2026: 01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25
2027: 01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31
2028: 01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25
2029: 01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25
2030: 01-01 01-21 02-18 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25
"""


def published() -> set[date]:
    found = set()
    for line in PUBLISHED.split("\n"):
        year, _colon, days = line.partition(": ")
        found |= {date.fromisoformat(f"{year}-{day}") for day in days.split()}
    return found


def weekdays(first: date, last: date) -> list[date]:
    days = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
    return [day for day in days if day.weekday() < 5]


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=HOUSE)


def due_at(sent: datetime) -> datetime:
    return lifecycle.due_at("optum_pro_decision", now=sent, zone=HOUSE)


def test_every_published_holiday_of_twenty_years_and_no_other_day():
    """OPM, 2011 to 2030; 31 December 2021 is the one that others miss."""
    days = weekdays(date(2011, 1, 1), date(2030, 12, 31))
    assert {day for day in days if business.is_federal_holiday(day)} == published()
    assert date(2021, 12, 31) in published()


def test_so_says_a_calendar_that_others_keep():
    """Over fifty years, Juneteenth from its first year on."""
    kept = holidays.country_holidays("US", years=range(2011, 2062))
    days = weekdays(date(2011, 1, 1), date(2060, 12, 31))
    assert {day for day in days if business.is_federal_holiday(day)} == {day for day in days if day in kept}


def test_two_business_days_from_each_day_of_twenty_years():
    """By counting the days of the table one by one."""
    closed, day = published(), date(2011, 1, 1)
    while day < date(2030, 12, 20):
        left, due = 2, day
        while left:
            due += timedelta(days=1)
            left -= due.weekday() < 5 and due not in closed
        found = due_at(at(day.year, day.month, day.day, 12))
        assert found == at(due.year, due.month, due.day, 17), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        (at(2026, 11, 30, 9), at(2026, 12, 2, 17)),
        (at(2026, 11, 30, 23, 59, 59), at(2026, 12, 2, 17)),
        (at(2026, 12, 1), at(2026, 12, 3, 17)),
        (at(2026, 11, 25, 9), at(2026, 11, 30, 17)),  # Thanksgiving and a weekend between
        (at(2026, 11, 28, 9), at(2026, 12, 1, 17)),  # on a Saturday
        (at(2021, 12, 30, 9), at(2022, 1, 4, 17)),  # December 31 keeps the New Year's Day of a Saturday
        (at(2027, 3, 12, 9), at(2027, 3, 16, 17)),  # clocks go forward on March 14
        (at(2026, 10, 30, 9), at(2026, 11, 3, 17)),  # clocks go back on November 1
    ],
)
def test_the_moment_is_the_close_of_work_by_the_clock_of_the_house(sent, due):
    """Whole days, so that the day is what a reader in any state reads; an hour more or less changes nothing."""
    assert due_at(sent) == due
    assert due_at(sent.astimezone(ZoneInfo("UTC"))) == due


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "America/Anchorage", "America/New_York", "America/Puerto_Rico"])
def test_it_is_the_same_date_in_every_state(zone):
    due = due_at(at(2026, 11, 30, 9))
    assert due.astimezone(ZoneInfo(zone)).date() == date(2026, 12, 2)
