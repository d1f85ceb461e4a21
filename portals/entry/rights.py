"""What somebody may open in a portal: the one answer for its menu, pages and tiles, for sign-ons and what they tell."""

from collections.abc import Iterable
from datetime import datetime

from portals.spec import PortalSpec
from rbac.capabilities import Capability
from rbac.domain import grid, memberships
from rbac.models import AccessGrant, Membership


def offered(portal: PortalSpec) -> list[Capability]:
    """What the portal's tiles need, in their order."""
    return list(dict.fromkeys(tile.capability for tile in portal.tiles if tile.capability))


def held(
    portal: PortalSpec, grant: AccessGrant, *, behind: Iterable[Membership] | None = None, now: datetime
) -> frozenset[str]:
    """By its grid, for the memberships that count behind the grant (S2-33, D-29); where the portal has none, what was
    given one by one (S0-02). One small query for the version in force, and one for memberships that were not read."""
    if not portal.grid:
        return frozenset(grant.capabilities)
    rows = memberships.behind(grant, now=now) if behind is None else behind
    return grid.allowed([row.pair for row in rows], grid.current(now=now))
