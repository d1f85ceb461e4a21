"""Steps around the grid: versions of it, and people with roles in markets."""

from datetime import datetime, timedelta

from rbac.domain import grid, grid_versions
from rbac.models import GridVersion, Membership
from tests.factories import NOW, GrantFactory, MembershipFactory, people

REASON = "Asked for by the medical directors"


def works_as(role: str, *, market: str = "CO", portal_key: str = "claims", **more) -> Membership:
    """Somebody with access to a portal and one membership behind it."""
    grant = more.pop("grant", None) or GrantFactory(portal_key=portal_key)
    return MembershipFactory(grant=grant, role=role, market=market, **more)


def crowd(count: int, role: str, *, market: str = "CO") -> list[Membership]:
    """So many people of a role, quickly."""
    first = works_as(role, market=market)
    owners = people(count - 1)
    grants = type(first.grant).objects.bulk_create(
        type(first.grant)(account=one, portal_key="claims", since=NOW, origin="form") for one in owners
    )
    rows = [
        Membership(grant=one, practice=first.practice, role=role, market=market, since=NOW, origin="form")
        for one in grants
    ]
    return [first, *Membership.objects.bulk_create(rows)]


def propose(*, by, without=(), also=(), off=(), effective_from: datetime | None = None, now: datetime = NOW):
    """The version in force, without some boxes, with others, and with markets that have not everything."""
    held = grid.current(now=now)
    return grid_versions.propose(
        boxes=(held.cells - set(without)) | set(also),
        switches=held.switches | set(off),
        effective_from=effective_from or now + timedelta(days=30),
        reason=REASON,
        by=by,
        now=now,
    )


def publish(*, by, second, now: datetime = NOW, **changes) -> GridVersion:
    """Proposed by one and published by another."""
    version = propose(by=by, now=now, **changes)
    return grid_versions.publish(version=version, by=second, now=now)
