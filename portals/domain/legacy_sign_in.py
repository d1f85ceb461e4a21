"""Proving an old account with its name and password: limited like any password, with equal work for every name.

An old system that checks passwords itself is asked fewer times about one name than most systems bear before they lock
it, so nobody can lock an old account from here.
"""

from datetime import datetime, timedelta
from threading import BoundedSemaphore

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from identity import hash_pool, lifecycle, limits
from identity.domain import attempts
from identity.realms import email_key
from portals.legacy import http_source, imported, ldap_source
from portals.legacy.answers import Adapter, Known, SourceDown
from portals.models import LegacyAccount
from portals.models.legacy import login_key
from portals.spec import LegacySource

__all__ = ["Limited", "NotProved", "SourceDown", "prove"]

ADAPTERS: dict[str, Adapter] = {"http": http_source, "ldap": ldap_source}
MOST_PASSED_ON = 4  # tries of one name: the fifth wrong one locks an account in many systems
LONGEST_NAME, LONGEST_PASSWORD = 150, 1024
_asking = BoundedSemaphore(4)  # threads of a process that wait for old systems: others go on to answer pages


class NotProved(Exception):
    """No old account has this name and password."""


class Limited(Exception):
    """No password was looked at; the next attempt is free after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


def prove(*, source: LegacySource, login_name: str, password: str, address: str, now: datetime) -> LegacyAccount:
    """The old account whose name and password these are (S0-06, S0-31, S1-11, S4-26).

    Call it outside a transaction: it hashes. Raises NotProved, Limited, SourceDown, or hash_pool.Busy.
    """
    login_name = login_name.strip()
    if not login_name or not password or len(login_name) > LONGEST_NAME or len(password) > LONGEST_PASSWORD:
        raise NotProved
    series = attempts.series_of(realm=f"legacy {source.key}", typed=login_name)
    try:
        with hash_pool.pool.admit():
            _count(series=series, address=address, now=now)
            found = _hash(source=source, login_name=login_name, password=password)
        if source.adapter in ADAPTERS:
            found = _ask(source=source, login_name=login_name, password=password, now=now)
    except (hash_pool.Busy, SourceDown):
        attempts.take_back(series)
        raise
    if found is None:
        raise NotProved
    attempts.succeeded(series, _passed_on(source, login_name))
    return found


def _count(*, series: str, address: str, now: datetime) -> None:
    """An attempt counts before its password is looked at, in buckets of the old accounts' own."""
    try:
        attempts.begin(series=series, address=f"legacy {address}", now=now)
    except attempts.TooManyAttempts as refused:
        raise Limited(refused.wait) from refused
    except attempts.ResetNeeded as refused:
        raise Limited(lifecycle.after("password_series")) from refused


def _hash(*, source: LegacySource, login_name: str, password: str) -> LegacyAccount | None:
    """The work of an attempt; for an old system of its own one Argon2id, so that the pool holds storms off it."""
    if source.adapter in ADAPTERS:
        hash_pool.pool.run(make_password, password)
        return None
    found = imported.find(source_key=source.key, login_name=login_name, password=password)
    if found is not None:
        imported.keep_wrapped(found)
    return found


def _ask(*, source: LegacySource, login_name: str, password: str, now: datetime) -> LegacyAccount | None:
    """Pass the attempt on, a few times a name. What the old system says of the account is kept."""
    if not _asking.acquire(blocking=False):
        raise hash_pool.Busy
    try:
        _count_passed_on(source, login_name, now=now)
        known = ADAPTERS[source.adapter].ask(source_key=source.key, login_name=login_name, password=password)
    finally:
        _asking.release()
    return None if known is None else _learn(source, login_name, known, now=now)


def _count_passed_on(source: LegacySource, login_name: str, *, now: datetime) -> None:
    wait = limits.window(
        _passed_on(source, login_name),
        now=now.timestamp(),
        most=MOST_PASSED_ON,
        length=lifecycle.after("legacy_tries").total_seconds(),
        count=True,
    )
    if wait:
        raise Limited(timedelta(seconds=wait))


def _passed_on(source: LegacySource, login_name: str) -> str:
    return attempts.series_of(realm=f"passed on to {source.key}", typed=login_name)


@transaction.atomic
def _learn(source: LegacySource, login_name: str, known: Known, *, now: datetime) -> LegacyAccount:
    """The row of an account that the old system vouches for; what it does not say stays."""
    said: dict[str, object] = {
        name: value
        for name, value in (
            ("email", _address(known.email)),
            ("first_name", _shown(known.first_name)),
            ("last_name", _shown(known.last_name)),
        )
        if value
    }
    if known.capabilities is not None:
        said["capabilities"] = known.capabilities
    row, _made = LegacyAccount.objects.update_or_create(
        source=source.key,
        login_key=login_key(login_name),
        defaults=said,
        create_defaults={"login_name": login_name, "imported_at": now, **said},
    )
    return row


def _shown(text: str) -> str:
    """A name without what no page could show."""
    return "".join(letter for letter in text if letter.isprintable())[:128]


def _address(text: str) -> str:
    """An address that a mail can be sent to, or none."""
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return email_key(text)
