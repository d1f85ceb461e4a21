"""By which clock a realm lives: the zone of its pages' and mails' times, and the day that it is there.

What holds until the end of a day asks here and never the zone that happens to be active: a job, a page of the desk and
a page of the portal say the same.
"""

from collections.abc import Collection
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

from identity.policy.realms import REALMS


def of_realm(realm: str) -> ZoneInfo:
    """The zone of a realm; the installation's for an unknown one."""
    return ZoneInfo(REALMS[realm].zone if realm in REALMS else settings.TIME_ZONE)


def today(realm: str, *, now: datetime) -> date:
    """Which day it is at a moment where the realm's people live."""
    return now.astimezone(of_realm(realm)).date()


def beginning_of(day: date, *, realm: str) -> datetime:
    """The first moment of a day there. On the two days on which clocks change it is midnight all the same."""
    return datetime.combine(day, time.min, tzinfo=of_realm(realm))


def days(*, now: datetime) -> dict[date, Collection[str]]:
    """The realms by the day that it is there, the latest day first: for most of the day there is one alone."""
    found: dict[date, list[str]] = {}
    for realm in REALMS:
        found.setdefault(today(realm, now=now), []).append(realm)
    return dict(sorted(found.items(), reverse=True))
