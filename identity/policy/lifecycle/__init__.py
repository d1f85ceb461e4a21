"""The table of periods: what ends, after how long, counted from when, with what outcome, enforced where.

A duration of policy stands in this package and nowhere else. `docs/reference/lifecycle.md` is generated from it.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from identity.policy.lifecycle import (
    accounts,
    business,
    codes,
    courses,
    documents,
    news,
    oidc,
    practices,
    records,
    requests,
    sessions,
    tickets,
)
from identity.policy.lifecycle.period import Period, Profile
from identity.policy.lifecycle.words import days_until, humanize_duration

__all__ = [
    "PERIODS",
    "Period",
    "Profile",
    "after",
    "counted",
    "days_until",
    "due_at",
    "humanize_duration",
    "over_before",
]

PERIODS: dict[str, Period] = {
    **codes.ROWS,
    **sessions.ROWS,
    **accounts.ROWS,
    **courses.ROWS,
    **requests.ROWS,
    **practices.ROWS,
    **news.ROWS,
    **records.ROWS,
    **oidc.ROWS,
    **tickets.ROWS,
    **documents.ROWS,
}


def after(name: str, profile: Profile = "source") -> timedelta:
    """How long the named period lasts. Raises KeyError for a name that is not in the table."""
    row = PERIODS[name]
    return row.nist if profile == "nist" and row.nist is not None else row.source


def over_before(name: str, *, now: datetime) -> datetime:
    """The moment before which everything has outlived the named period; whole months of a period of calendar years."""
    row = PERIODS[name]
    if not row.years:
        return now - row.source
    return now.replace(year=now.year - row.years, day=1, hour=0, minute=0, second=0, microsecond=0)


def due_at(name: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment by which the named period of business days, counted from `now` by the clock of a zone, is over
    (S2-20)."""
    return business.after(PERIODS[name].business_days, now=now, zone=zone)


def counted(field: str, name: str, *, now: datetime) -> Q:
    """Rows that a limit over the named period counts. A date that lies as far ahead was written by a wrong clock, and
    holds nobody up until it comes (L12)."""
    length = after(name)
    return Q(**{f"{field}__gt": now - length, f"{field}__lt": now + length})
