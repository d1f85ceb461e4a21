"""Limits on password attempts, asked before any hash is made (policy: wrong passwords; D-04).

A name that nobody has is counted like any other. A device that has signed in before has a series of its own, so that
a stranger who tries passwords cannot lock its owner out.
"""

import ipaddress
from datetime import datetime, timedelta

from identity.keys import limits
from identity.keys.fields import keyed_hash
from identity.policy import lifecycle
from identity.policy.realms import email_key, login_key

FREE_TRIES = 5
TRIES_IN_A_ROW = 100
TRIES_PER_ADDRESS = 20
NAMES_PER_ADDRESS = 20
SIGN_UPS_PER_ADDRESS = 60
SENDINGS_PER_ADDRESS = 60
CODES_PER_STRANGER = 5  # half of what a mailbox may get in a day
CHALLENGES_PER_ADDRESS = 300
LOOKUPS = 5
WRITINGS = 10
FILES = 30
WRITINGS_PER_ADDRESS = 30
CERTIFICATES_PER_ADDRESS = 30


class TooManyAttempts(Exception):
    """No password was looked at; the next attempt is free after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


class ResetNeeded(Exception):
    """A hundred wrong passwords in a row: a new password is needed, or a device that has signed in before."""


def series_of(*, realm: str, typed: str, device: str = "") -> str:
    """Where the wrong passwords of what was typed are counted, whoever it means: a count that a name and an address
    shared would tell strangers that they belong together (M2). With `device` (a known device's id), those of that
    device."""
    address = email_key(typed)
    key = f"{realm}:{address}" if "@" in address else login_key(realm, typed)
    return f"passwords:{device or keyed_hash('attempts', key)}"


def begin(*, series: str, address: str, now: datetime, most: int = TRIES_IN_A_ROW) -> None:
    """Count an attempt before its password is looked at, so that parallel attempts share the free ones.

    `address` is the client's IP, `most` how many wrong passwords in a row there may be.
    Raises TooManyAttempts when the series or the address has to wait, else ResetNeeded.
    """
    refused, wait = limits.attempt(
        series_key=series,
        address_key=_bucket("address_window", _network(address)),
        now=now.timestamp(),
        tries_an_address=TRIES_PER_ADDRESS,
        window=lifecycle.after("address_window").total_seconds(),
        free=FREE_TRIES,
        first_pause=lifecycle.after("first_password_pause").total_seconds(),
        longest_pause=lifecycle.after("longest_password_pause").total_seconds(),
        series=lifecycle.after("password_series").total_seconds(),
        most=most,
    )
    if refused == "reset":
        raise ResetNeeded
    if refused:
        raise TooManyAttempts(timedelta(seconds=wait))


def take_back(series: str) -> None:
    """The attempt that was counted was none: its password was never looked at."""
    limits.give_back(series)


def succeeded(*series: str) -> None:
    """Forget the wrong passwords of these series."""
    limits.forget(*series)


def check_can_probe(*, address: str, now: datetime) -> None:
    """Raise TooManyAttempts when this address was told twenty taken login names within the hour."""
    _check("name_window", NAMES_PER_ADDRESS, address=address, now=now, count=False)


def told_taken(*, address: str, now: datetime) -> None:
    """Count a login name that this address was told to be taken."""
    _window("name_window", NAMES_PER_ADDRESS, address=address, now=now, count=True)


def check_can_sign_up(*, address: str, now: datetime) -> None:
    """Raise TooManyAttempts after sixty sign-up forms an hour from one address."""
    _check("sign_up_window", SIGN_UPS_PER_ADDRESS, address=address, now=now)


def check_can_send(*, address: str, now: datetime) -> None:
    """Raise TooManyAttempts after sixty codes an hour that one address asked for (policy: resend)."""
    _check("sendings_window", SENDINGS_PER_ADDRESS, address=address, now=now)


def check_can_send_for(*, what: str, address: str, now: datetime) -> None:
    """Raise TooManyAttempts after five codes a day that somebody at one network address asked for by one mailed link,
    or for one mailbox that they typed, before a code is asked for: whoever does not read a mailbox must not use up what
    it may get (policy: invitation, D-26; S4-01)."""
    _check("daily_codes", CODES_PER_STRANGER, address=f"{what} {address}", now=now)


def check_can_recover(*, typed: str, address: str, now: datetime) -> None:
    """Raise TooManyAttempts after five look-ups an hour of the same name or e-mail address, whether anybody has it
    (policy: reset link, forgot ID), or sixty an hour from one network address."""
    length = lifecycle.after("reset_window").total_seconds()
    key = f"recovery:{keyed_hash('recovery', typed)}"
    check_can_send(address=address, now=now)
    if wait := limits.window(key, now=now.timestamp(), most=LOOKUPS, length=length, count=True):
        raise TooManyAttempts(timedelta(seconds=wait))


def check_can_write(*, who: str, address: str, now: datetime) -> None:
    """Raise TooManyAttempts after ten tickets and replies an hour of one writer (an account, or the e-mail address
    that a stranger gives), or thirty from one network address (S3-16)."""
    length = lifecycle.after("ticket_window").total_seconds()
    key = f"ticket:{keyed_hash('ticket', who)}"
    _check("ticket_window", WRITINGS_PER_ADDRESS, address=f"ticket {address}", now=now)
    if wait := limits.window(key, now=now.timestamp(), most=WRITINGS, length=length, count=True):
        raise TooManyAttempts(timedelta(seconds=wait))


def check_can_hand_in(*, who: str, now: datetime) -> None:
    """Raise TooManyAttempts after thirty files an hour of one account: a look takes a worker seconds (S3-16)."""
    length = lifecycle.after("ticket_window").total_seconds()
    key = f"file:{keyed_hash('file', who)}"
    if wait := limits.window(key, now=now.timestamp(), most=FILES, length=length, count=True):
        raise TooManyAttempts(timedelta(seconds=wait))


def check_can_confirm(*, address: str, now: datetime) -> None:
    """Raise TooManyAttempts after thirty numbers of certificates an hour that one network address looked up (S3-06)."""
    _check("certificate_window", CERTIFICATES_PER_ADDRESS, address=f"certificate {address}", now=now)


def check_can_show_passkey(*, address: str, now: datetime) -> None:
    """Raise TooManyAttempts after twenty passkeys a minute from one address."""
    _check("address_window", TRIES_PER_ADDRESS, address=f"passkey {address}", now=now)


def check_can_ask_challenge(*, address: str, now: datetime) -> None:
    """Raise TooManyAttempts after three hundred passkey challenges a minute from one address."""
    _check("address_window", CHALLENGES_PER_ADDRESS, address=f"challenge {address}", now=now)


def is_first_answer(challenge: str, *, now: datetime) -> bool:
    """Whether nobody has answered this passkey challenge yet, well or badly; from now on somebody has (L10)."""
    key, length = f"answered:{keyed_hash('passkey', challenge)}", lifecycle.after("passkey_challenge").total_seconds()
    return limits.window(key, now=now.timestamp(), most=1, length=length, count=True) == 0


def _check(period: str, most: int, *, address: str, now: datetime, count: bool = True) -> None:
    if wait := _window(period, most, address=address, now=now, count=count):
        raise TooManyAttempts(timedelta(seconds=wait))


def _window(period: str, most: int, *, address: str, now: datetime, count: bool) -> float:
    length = lifecycle.after(period).total_seconds()
    return limits.window(_bucket(period, _network(address)), now=now.timestamp(), most=most, length=length, count=count)


def _network(address: str) -> str:
    """An IPv6 client owns a whole /64 and could else use a new address for each attempt."""
    words = address.rpartition(" ")
    try:
        parsed = ipaddress.ip_address(words[2])
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return f"{words[0]} {ipaddress.ip_network((parsed, 64), strict=False)}"


def _bucket(period: str, address: str) -> str:
    return f"{period}:{keyed_hash('ip', address)}"
