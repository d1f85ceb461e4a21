"""The table of periods: what ends, after how long, counted from when, with what outcome, enforced where.

A duration of policy stands in this package and nowhere else. `docs/reference/lifecycle.md` is generated from it.
"""

from datetime import timedelta

from identity.lifecycle import accounts, codes, records, sessions, sign_on
from identity.lifecycle.period import Period, Profile
from identity.lifecycle.words import in_words

__all__ = ["PERIODS", "Period", "Profile", "after", "in_words"]

PERIODS: dict[str, Period] = {**codes.ROWS, **sessions.ROWS, **accounts.ROWS, **records.ROWS, **sign_on.ROWS}


def after(name: str, profile: Profile = "source") -> timedelta:
    """How long the named period lasts. Raises KeyError for a name that is not in the table."""
    row = PERIODS[name]
    return row.nist if profile == "nist" and row.nist is not None else row.source
