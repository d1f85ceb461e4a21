"""Proving an old account with its name and password: limited like any password, with equal work for every name.

The old system never sees more tries of one name than most systems bear, so nobody can lock an old account from here.
"""

from datetime import datetime, timedelta

from identity import hash_pool, lifecycle
from identity.domain import attempts
from portals.legacy import imported
from portals.models import LegacyAccount
from portals.spec import LegacySource


class NotProved(Exception):
    """No old account has this name and password."""


class Limited(Exception):
    """No password was looked at; the next attempt is free after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


class SourceDown(Exception):
    """The old system did not answer, or not as agreed: nothing is known, and the attempt does not count."""


def prove(*, source: LegacySource, login_name: str, password: str, address: str, now: datetime) -> LegacyAccount:
    """The old account whose name and password these are (S0-06, S0-31, S1-11, S4-26).

    Call it outside a transaction: it hashes. Raises NotProved, Limited, SourceDown, or hash_pool.Busy.
    """
    series = attempts.series_of(realm=f"legacy {source.key}", typed=login_name)
    with hash_pool.pool.admit():
        _count(series=series, address=address, now=now)
        try:
            found = imported.find(source_key=source.key, login_name=login_name, password=password)
        except hash_pool.Busy:
            attempts.take_back(series)
            raise
    if found is None:
        raise NotProved
    imported.keep_wrapped(found)
    attempts.succeeded(series)
    return found


def _count(*, series: str, address: str, now: datetime) -> None:
    """An attempt counts before its password is looked at, in buckets of the old accounts' own."""
    try:
        attempts.begin(series=series, address=f"legacy {address}", now=now)
    except attempts.TooManyAttempts as refused:
        raise Limited(refused.wait) from refused
    except attempts.ResetNeeded as refused:
        raise Limited(lifecycle.after("password_series")) from refused
