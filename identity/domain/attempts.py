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
SIGN_UPS_AN_ADDRESS = 60


class TooManyAttempts(Exception):
    """No password was looked at; the next attempt is free after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


def begin(*, realm: str, typed: str, address: str, now: datetime) -> None:
    """Count an attempt before its password is looked at, so that parallel attempts share the free ones.

    Raises TooManyAttempts when this name or this network address (the client's IP) has to wait.
    """
    _check_address("address_window", TRIES_AN_ADDRESS, address=address, now=now)
    series, pause = _keys(realm, typed)
    _check_pause(pause, now)
    number = _increase(series, lifecycle.after("password_series").total_seconds())
    if number >= FREE_TRIES:
        longest = lifecycle.after("longest_password_pause")
        length = min(lifecycle.after("first_password_pause") * 2 ** min(number - FREE_TRIES, 10), longest)
        # Of attempts that arrive together one sets the pause and is looked at; the others wait for it.
        if not cache.add(pause, (now + length).timestamp(), length.total_seconds()):
            cache.decr(series)
            _check_pause(pause, now)
            raise TooManyAttempts(length)


def succeeded(*, realm: str, typed: str) -> None:
    """Forget the wrong passwords of this name."""
    cache.delete_many(_keys(realm, typed))


def _check_pause(pause: str, now: datetime) -> None:
    left = cache.get(pause, 0.0) - now.timestamp()
    if left > 0:
        raise TooManyAttempts(timedelta(seconds=left))


def _keys(realm: str, typed: str) -> tuple[str, str]:
    name = keyed_hash("attempts", login_key(realm, typed))
    return f"passwords:{name}", f"pause:{name}"


def check_can_probe(*, address: str, now: datetime) -> None:
    """Raise TooManyAttempts when this address was told twenty taken login names within the hour."""
    if cache.get(_bucket("name_window", address, now), 0) >= NAMES_AN_ADDRESS:
        raise TooManyAttempts(lifecycle.after("name_window"))


def told_taken(*, address: str, now: datetime) -> None:
    """Count a login name that this address was told to be taken."""
    _increase(_bucket("name_window", address, now), lifecycle.after("name_window").total_seconds())


def check_can_sign_up(*, address: str, now: datetime) -> None:
    """Raise TooManyAttempts after sixty sign-up forms an hour from one address."""
    _check_address("sign_up_window", SIGN_UPS_AN_ADDRESS, address=address, now=now)


def _check_address(period: str, most: int, *, address: str, now: datetime) -> None:
    window = lifecycle.after(period)
    if _increase(_bucket(period, address, now), window.total_seconds()) > most:
        raise TooManyAttempts(window)


def _bucket(period: str, address: str, now: datetime) -> str:
    window = lifecycle.after(period).total_seconds()
    return f"{period}:{keyed_hash('ip', address)}:{int(now.timestamp() // window)}"


def _increase(key: str, seconds: float) -> int:
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # it ended between add and incr
        cache.set(key, 1, seconds)
        return 1
