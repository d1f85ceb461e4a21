"""For whom something inside a portal is: found by somebody's memberships, and the people found by it (S2-27, S3-04).

An audience is pairs of role and market; "" is every one, and no pair at all is everybody. Whoever may open the page by
any membership finds what is for any of theirs (D-29). Asked by today's memberships, whatever they were when something
was published.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q

from portals.models import AudienceRow
from portals.spec import PortalSpec
from rbac import markets
from rbac.capabilities import Capability
from rbac.domain import grid, grid_changes
from rbac.domain.grid import Pair
from rbac.models import Membership
from rbac.models.memberships import MembershipQuerySet
from rbac.roles import label_of


class Reached(NamedTuple):
    """How many people one role in one market is; the labels are what pages say."""

    role: str
    market: str
    people: int

    @property
    def role_label(self) -> str:
        return label_of(self.role)

    @property
    def market_label(self) -> str:
        return markets.label_of(self.market)


def pairs_of(*, roles: Collection[str], markets: Collection[str]) -> frozenset[Pair]:
    """Each of these roles in each of these markets; none of either is every one."""
    pairs = frozenset((role, market) for role in roles or ("",) for market in markets or ("",))
    return pairs - {("", "")}


def opened(memberships: Iterable[Membership], capability: Capability, *, now: datetime) -> list[Membership]:
    """Somebody's memberships, where the grid opens a page by any of them; none where it does not. One small query: a
    page behind its capability needs no such question."""
    rows, opens = list(memberships), grid.current(now=now).opens
    return rows if any(capability in opens[row.pair] for row in rows) else []


def admits(rows: type[AudienceRow], memberships: Iterable[Membership]) -> Q:
    """Of the things that `rows` belong to, those for somebody with these memberships, who may open their page."""
    pairs = {row.pair for row in memberships}
    if not pairs:
        return Q(pk__in=[])
    own = rows._default_manager.filter(**{rows.of: OuterRef("pk")})
    named = Q()
    for role, market in sorted(pairs):
        named |= Q(role__in={"", role}, market__in={"", market})
    return ~Exists(own) | Exists(own.filter(named))


def members(
    portal: PortalSpec, capability: Capability, pairs: Collection[Pair], *, now: datetime
) -> MembershipQuerySet:
    """The memberships by which people are of this audience now: they count, and their holders can sign in and open the
    page by any of theirs. A person may have several."""
    working = Membership.objects.open_at(now).in_portal(portal.key)
    opening = working.filter(grid_changes.opening(capability, grid.current(now=now)), grant=OuterRef("grant"))
    rows = working.filter(Exists(opening), grant__account__is_active=True)
    if not pairs:
        return rows
    named = Q()
    for role, market in sorted(pairs):
        named |= (Q(role=role) if role else Q()) & (Q(market=market) if market else Q())
    return rows.filter(named)


def fits(pairs: Collection[Pair], pair: Pair) -> bool:
    """Whether an audience is for a role in a market, of rows that were read."""
    role, market = pair
    return not pairs or any((one, where) in pairs for one in ("", role) for where in ("", market))


def reached(members: MembershipQuerySet) -> tuple[int, list[Reached]]:
    """How many people these memberships are, and of which role in which market: two queries."""
    counted = members.order_by("role", "market").values_list("role", "market")
    lines = [Reached(*line) for line in counted.annotate(people=Count("grant", distinct=True))]
    return members.order_by().values("grant").distinct().count(), lines


def labels(rows: Iterable[AudienceRow]) -> list[str]:
    """What a page says of an audience, a line a pair; nothing where it is everybody."""
    said = [
        (label_of(row.role) if row.role else "", markets.label_of(row.market) if row.market else "") for row in rows
    ]
    return sorted(", ".join(filter(None, line)) for line in said)
