"""Limits on password attempts, asked before any hash is made (policy: wrong passwords; D-04).

Counted in the cache that all processes share. A name that nobody has is counted like any other.
"""

from datetime import datetime, timedelta

from django.core.cache import cache

from identity import lifecycle
from identity.fields import keyed_hash
from identity.realms import login_key

FREE_TRIES = 5
TRIES_AN_ADDRESS = 20
NAMES_AN_ADDRESS = 20


class TooManyAttempts(Exception):
    """No password was looked at; the next attempt is free after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


def check_can_try(*, realm: str, typed: str, address: str, now: datetime) -> None:
    """Raise TooManyAttempts when this name or this network address has to wait. `address` is the client's IP."""
    _check_address("address_window", TRIES_AN_ADDRESS, address=address, now=now)
    free_at = cache.get(_name(realm, typed), (0, 0.0))[1]
    if now.timestamp() < free_at:
        raise TooManyAttempts(timedelta(seconds=free_at - now.timestamp()))


def check_can_probe(*, address: str, now: datetime) -> None:
    """Raise TooManyAttempts when this address was told twenty taken login names within the hour."""
    _check_address("name_window", NAMES_AN_ADDRESS, address=address, now=now)


def _check_address(period: str, most: int, *, address: str, now: datetime) -> None:
    window = lifecycle.after(period)
    bucket = f"{period}:{keyed_hash('ip', address)}:{int(now.timestamp() // window.total_seconds())}"
    cache.add(bucket, 0, window.total_seconds())
    if _increase(bucket) > most:
        raise TooManyAttempts(window)


def _increase(key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # it ended between add and incr
        cache.set(key, 1, 60)
        return 1


def failed(*, realm: str, typed: str, now: datetime) -> None:
    """Count a wrong password: five are free, then pauses double from 30 s to 15 min."""
    count = cache.get(_name(realm, typed), (0, 0.0))[0] + 1
    longest = lifecycle.after("longest_password_pause")
    pause = timedelta(0)
    if count >= FREE_TRIES:
        pause = min(lifecycle.after("first_password_pause") * 2 ** min(count - FREE_TRIES, 10), longest)
    cache.set(_name(realm, typed), (count, (now + pause).timestamp()), (pause + longest).total_seconds())


def succeeded(*, realm: str, typed: str) -> None:
    """Forget the wrong passwords of this name."""
    cache.delete(_name(realm, typed))


def _name(realm: str, typed: str) -> str:
    return f"passwords:{keyed_hash('attempts', login_key(realm, typed))}"
