"""Proving an old account with its name and password: limited like any password, with equal work for every name.

An old system that checks passwords itself is asked fewer times about one name than most systems bear before they lock
it, so nobody can lock an old account from here.
"""

import sys
from datetime import datetime, timedelta
from threading import BoundedSemaphore

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from identity.codes import attempts
from identity.keys import hash_pool, limits
from identity.models import Account
from identity.policy import lifecycle
from identity.policy.realms import email_key
from portals.legacy.sources import http_source, imported, ldap_source
from portals.legacy.sources.answers import Adapter, Known, SourceDown
from portals.models import LegacyAccount
from portals.models.legacy import MAX_LENGTH_OF_KEY, login_key, single_spaced
from portals.spec import LegacySource

__all__ = ["Limited", "NotProved", "SourceDown", "prove"]

ADAPTERS: dict[str, Adapter] = {"http": http_source, "ldap": ldap_source}
MOST_PASSED_ON = 4  # tries of one name: the fifth wrong one locks an account in many systems
HELD_BACK = 1  # of those, for somebody who is signed in with an ID: a stranger does not use up the owner's
MOST_BY_IDS = 100  # tries of one name by all IDs together that count apart from everybody else's
MAX_LENGTH_OF_NAME, MAX_LENGTH_OF_PASSWORD = 150, 1024
_asking = BoundedSemaphore(4)  # threads of a process that wait for old systems: others go on to answer pages


class NotProved(Exception):
    """No old account has this name and password."""


class Limited(Exception):
    """No password was looked at; the next attempt is free after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


def prove(
    *,
    source: LegacySource,
    login_name: str,
    password: str,
    address: str,
    now: datetime,
    account: Account | None = None,
) -> LegacyAccount:
    """The old account whose name and password these are (S0-06, S0-31, S1-11, S4-26). Wrong ones count for `account`,
    the ID that is signed in, apart from everybody else's: a stranger does not keep the owner from linking.

    Call it outside a transaction: it hashes. Raises NotProved, Limited, SourceDown, or hash_pool.Busy.
    """
    login_name = single_spaced(login_name)
    if not _can_be(login_name) or not 0 < len(password) <= MAX_LENGTH_OF_PASSWORD:
        raise NotProved
    series = _series(source, login_name, account, now=now)
    try:
        with hash_pool.pool.admit():
            _count(series=series, address=address, now=now)
            if account:
                _by_ids(source, login_name, now=now, count=True)
            result = _hash(source=source, login_name=login_name, password=password)
        if source.adapter in ADAPTERS:
            result = _ask(source=source, login_name=login_name, password=password, account=account, now=now)
    except (hash_pool.Busy, SourceDown):
        attempts.take_back(series)
        raise
    if result is None:
        raise NotProved
    attempts.succeeded(series, _passed_on(source, login_name))
    return result


def _can_be(login_name: str) -> bool:
    """Whether an old account can have this name: no list takes another one over, and what cannot be seen would make
    one name look like many."""
    fits = 0 < len(login_name) <= MAX_LENGTH_OF_NAME and len(login_key(login_name)) <= MAX_LENGTH_OF_KEY
    return fits and login_name.isprintable()


def _series(source: LegacySource, login_name: str, account: Account | None, *, now: datetime) -> str:
    """Where wrong passwords count: of an ID its own, until all IDs together have tried the name too often."""
    own = account is not None and not _by_ids(source, login_name, now=now, count=False)
    realm = f"legacy {source.key} {account.pk}" if account and own else f"legacy {source.key}"
    return attempts.series_of(realm=realm, typed=login_name)


def _by_ids(source: LegacySource, login_name: str, *, now: datetime, count: bool) -> float:
    key, length = attempts.series_of(realm=f"IDs at {source.key}", typed=login_name), lifecycle.after("legacy_id_tries")
    return limits.window(key, now=now.timestamp(), most=MOST_BY_IDS, length=length.total_seconds(), count=count)


def _count(*, series: str, address: str, now: datetime) -> None:
    """An attempt counts before its password is looked at, in buckets of the old accounts' own. However many there were,
    the longest pause is all: an old password cannot be set anew here."""
    try:
        attempts.begin(series=series, address=f"legacy {address}", now=now, most=sys.maxsize)
    except attempts.TooManyAttempts as refused:
        raise Limited(refused.wait) from refused


def _hash(*, source: LegacySource, login_name: str, password: str) -> LegacyAccount | None:
    """The work of an attempt; for an old system of its own one Argon2id, so that the pool holds storms off it."""
    if source.adapter in ADAPTERS:
        hash_pool.pool.run(make_password, password)
        return None
    result = imported.find(source_key=source.key, login_name=login_name, password=password)
    if result is not None:
        imported.keep_wrapped(result)
    return result


def _ask(
    *, source: LegacySource, login_name: str, password: str, account: Account | None, now: datetime
) -> LegacyAccount | None:
    """Pass the attempt on, a few times a name. What the old system says of the account is kept."""
    if not _asking.acquire(blocking=False):
        raise hash_pool.Busy
    try:
        _count_passed_on(source, login_name, account, now=now)
        known = ADAPTERS[source.adapter].ask(source_key=source.key, login_name=login_name, password=password)
    finally:
        _asking.release()
    return None if known is None else _learn(source, login_name, known, now=now)


def _count_passed_on(source: LegacySource, login_name: str, account: Account | None, *, now: datetime) -> None:
    """A few times a name; the last of them for somebody who is signed in."""
    wait = limits.window(
        _passed_on(source, login_name),
        now=now.timestamp(),
        most=MOST_PASSED_ON if account else MOST_PASSED_ON - HELD_BACK,
        length=lifecycle.after("legacy_tries").total_seconds(),
        count=True,
    )
    if wait:
        raise Limited(timedelta(seconds=wait))


def _passed_on(source: LegacySource, login_name: str) -> str:
    return attempts.series_of(realm=f"passed on to {source.key}", typed=login_name)


@transaction.atomic
def _learn(source: LegacySource, login_name: str, known: Known, *, now: datetime) -> LegacyAccount:
    """The row of an account that the old system vouches for, by the name as it writes it; what it does not say stays.

    Raises SourceDown where that is no name.
    """
    login_name = single_spaced(known.login_name) or login_name
    if not _can_be(login_name):
        raise SourceDown("says a name that nobody can have")
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
