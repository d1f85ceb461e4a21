"""When access and memberships rested: kept in the transaction of whoever lets them go on, or ends them. And what
counted on a past day."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from identity.policy import zones
from rbac.models import AccessGrant, Membership, Pause
from rbac.models.memberships import MembershipQuerySet, not_past


def counted_at(at: datetime) -> MembershipQuerySet:
    """The memberships that counted at a moment, also of one that is long past: as `open_at` would have said then."""
    rested = Pause.objects.filter(since__lte=at, until__gt=at)
    its_own, its_grants = rested.filter(membership=OuterRef("pk")), rested.filter(grant=OuterRef("grant"))
    return Membership.objects.filter(
        ~Exists(its_own),
        ~Exists(its_grants),
        Q(until=None) | Q(until__gt=at),
        Q(grant__until=None) | Q(grant__until__gt=at),
        not_past(at),
        _under_a_mandate_that_counted(at),
        Q(suspended_at=None) | Q(suspended_at__gt=at),
        Q(grant__suspended_at=None) | Q(grant__suspended_at__gt=at),
        since__lte=at,
        grant__since__lte=at,
    )


def _under_a_mandate_that_counted(at: datetime) -> Q:
    """As `under_a_mandate_that_counts`, of a moment that may be past: a mandate's last day never changes."""
    agreed = Q(mandate__since__lte=at) & (Q(mandate__until=None) | Q(mandate__until__gt=at))
    return Q(mandate=None) | agreed & not_past(at, column="mandate__ends_on")


def note(row: AccessGrant | Membership, *, now: datetime) -> None:
    """The row, as it was read, rested: that is over now, for it goes on, or has ended."""
    if row.suspended_at is None:
        return
    of = "grant" if isinstance(row, AccessGrant) else "membership"
    Pause.objects.create(**{of: row}, since=row.suspended_at, until=max(now, row.suspended_at))


def note_all(rests: Iterable[tuple[int, datetime]], *, now: datetime) -> None:
    """The same of many grants, each by its key and since when it rested."""
    Pause.objects.bulk_create(Pause(grant_id=pk, since=since, until=max(now, since)) for pk, since in rests)


def note_gap(membership: Membership, *, now: datetime) -> None:
    """The last day of this row, as it was read, had passed, and is another one now: in between it did not count."""
    assert membership.ends_on is not None
    next_day = date.fromordinal(membership.ends_on.toordinal() + 1)
    morning_after = zones.beginning_of(next_day, realm=membership.grant.account.realm)
    Pause.objects.create(membership=membership, since=morning_after, until=now)
