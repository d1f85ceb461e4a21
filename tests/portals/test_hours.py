"""The hours of the chat: both clock changes, a federal holiday, a second before and at the moment (S4-16)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portals import hours, registry

CENTRAL = ZoneInfo("America/Chicago")
SECOND = timedelta(seconds=1)


@pytest.fixture
def chat() -> hours.OpeningHours:
    """Provider Chat Hours: Monday - Friday 8:00am - 6:00pm CST."""
    return next(tile.hours for tile in registry.get("provider-online").tiles if tile.hours)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CENTRAL)


def test_the_hours_are_those_of_the_guide(chat):
    assert str(chat.words) == "Provider Chat Hours: Monday - Friday 8:00am - 6:00pm CST"


@pytest.mark.parametrize("day", range(7))
def test_they_open_and_close_to_the_second(chat, day):
    """Monday, November 30, 2026 and the six days after it."""
    monday = at(2026, 11, 30, 8)
    opens, closes = monday + timedelta(days=day), monday.replace(hour=18) + timedelta(days=day)
    assert not chat.is_open(now=opens - SECOND)
    assert chat.is_open(now=opens) is (day < 5)
    assert chat.is_open(now=closes - SECOND) is (day < 5)
    assert not chat.is_open(now=closes)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(2026, 11, 30, 7, 59, 59), at(2026, 11, 30, 8)),
        (at(2026, 11, 30, 8), at(2026, 12, 1, 8)),
        (at(2026, 12, 4, 18), at(2026, 12, 7, 8)),
        (at(2026, 12, 5, 3), at(2026, 12, 7, 8)),
        (at(2026, 11, 25, 18), at(2026, 11, 27, 8)),  # over Thanksgiving
        (at(2027, 7, 2, 18), at(2027, 7, 6, 8)),  # July 4 is a Sunday, Monday keeps it
        (at(2027, 12, 23, 18), at(2027, 12, 27, 8)),  # December 25 is a Saturday, Friday keeps it
        (at(2027, 12, 30, 18), at(2028, 1, 3, 8)),  # and so is January 1, in another year
    ],
)
def test_closed_it_says_when_it_opens_next(chat, now, opens):
    assert chat.opens_next(now=now) == opens
    assert chat.is_open(now=chat.opens_next(now=now))
    assert not chat.is_open(now=chat.opens_next(now=now) - SECOND)


@pytest.mark.parametrize(
    ("friday", "eight_on_friday", "eight_on_monday"),
    [
        (date(2027, 3, 12), 14, 13),  # clocks go forward on March 14
        (date(2026, 11, 6), 14, 14),
        (date(2026, 10, 30), 13, 14),  # clocks go back on November 1
    ],
)
def test_eight_is_eight_over_the_clock_change(chat, friday, eight_on_friday, eight_on_monday):
    """The guide writes CST all year: it is the clock of Chicago that counts, six or five hours behind UTC."""
    on_friday = datetime(friday.year, friday.month, friday.day, eight_on_friday, tzinfo=UTC)
    assert chat.is_open(now=on_friday)
    assert not chat.is_open(now=on_friday - SECOND)
    on_monday = (on_friday + timedelta(days=3)).replace(hour=eight_on_monday)
    assert chat.opens_next(now=on_friday) == on_monday
    assert chat.is_open(now=on_monday)
    assert not chat.is_open(now=on_monday - SECOND)


@pytest.mark.parametrize("now", [at(2026, 11, 30, 8), at(2027, 3, 15, 12), at(2026, 7, 6, 17, 59, 59)])
def test_open_it_says_until_when(chat, now):
    assert chat.is_open(now=now)
    assert chat.closes_next(now=now) == now.replace(hour=18, minute=0, second=0)
