"""Plots of days for operators: two counts a day as one bar, numbers and days on the axes, the same as a table."""

from datetime import date
from typing import NamedTuple

Row = tuple[date, int, int]
HEIGHT, BAR, GAP = 100, 8, 2  # of a plot, in its own units


class Bar(NamedTuple):
    """One day: two rectangles, the first count below, the second above it."""

    x: int
    lower_y: int
    lower: int
    upper_y: int
    upper: int


class Plot(NamedTuple):
    """What the template draws. `numbers` and `days` stand at the axes; `rows` are the days that have any."""

    width: int
    height: int
    half: int
    bar: int
    most: int
    numbers: list[int]
    days: list[date]
    bars: list[Bar]
    rows: list[Row]


def plot_of(rows: list[Row]) -> Plot:
    """The geometry of these days; the highest of them fills the plot, or almost: its half is a whole number too."""
    most = max(first + second for _day, first, second in rows)
    top = max(most + most % 2, 2)
    bars = []
    for number, (_day, first, second) in enumerate(rows):
        lower, upper = (round(HEIGHT * count / top) for count in (first, second))
        bars.append(Bar(number * (BAR + GAP), HEIGHT - lower, lower, HEIGHT - lower - upper, upper))
    days = [rows[0][0], rows[len(rows) // 2][0], rows[-1][0]]
    told = [row for row in rows if row[1] or row[2]]
    return Plot(len(rows) * (BAR + GAP), HEIGHT, HEIGHT // 2, BAR, most, [top, top // 2, 0], days, bars, told)
