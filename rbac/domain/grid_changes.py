"""Who gains and who loses when one version of the grid follows another: a query each, however many people there are."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, Max, Q, QuerySet, Value, When

from rbac.capabilities import GRID, Capability
from rbac.domain import grid
from rbac.domain.grid import Grid
from rbac.models import AccessGrant, GridVersion, Membership


class Preview(NamedTuple):
    """How many people gain and lose something, and of whom the limit of mass acts is taken."""

    gaining: int
    losing: int
    people: int


def before(version: GridVersion) -> Grid:
    """The version that holds until the moment at which this one takes effect."""
    published = GridVersion.objects.filter(
        state=GridVersion.State.PUBLISHED, effective_from__lt=version.effective_from
    ).exclude(pk=version.pk)
    return grid.of(published.order_by("-effective_from").values_list("number", flat=True).first() or 0)


def opening(capability: str, version: Grid) -> Q:
    """The memberships to which a version opens this: the rows that `grid.allowed` would find it for."""
    boxes = [(role, market) for role, market, one in version.cells if one == capability]
    found = Q(pk__in=[])
    for market in {market for _role, market in boxes}:
        named = {role for role, m in boxes if m == market}
        ticked = Q(role__in=sorted(version.roles if "" in named else named))
        found |= ticked & Q(market=market) if market else ticked
    return found & ~Q(market__in=sorted(market for market, one in version.switches if one == capability))


def changed(old: Grid, new: Grid) -> list[str]:
    """What is open to other roles, or in other markets, than before."""
    pairs = {*old.opens, *new.opens}
    steps = [old.opens[pair] ^ new.opens[pair] for pair in pairs]
    return sorted(frozenset().union(*steps))


def losing(old: Grid, new: Grid, *, now: datetime) -> QuerySet[Membership, int]:
    """The keys of the grants whose holders could open something now and cannot then."""
    return _of(old, new, -1, now=now)


def gaining(old: Grid, new: Grid, *, now: datetime) -> QuerySet[Membership, int]:
    """The keys of the grants whose holders can open something then that they cannot now."""
    return _of(old, new, 1, now=now)


def preview(version: GridVersion, *, now: datetime) -> Preview:
    """What a version does to the people of this moment."""
    old, new = before(version), grid.read(version.pk)
    people = Membership.objects.open_at(now).filter(role__in=sorted(old.roles | new.roles))
    return Preview(
        gaining=gaining(old, new, now=now).count(),
        losing=losing(old, new, now=now).count(),
        people=people.values("grant").distinct().count(),
    )


def _of(old: Grid, new: Grid, step: int, *, now: datetime) -> QuerySet[Membership, int]:
    """Grants of which some capability takes this step: 1 where it is gained, -1 where it is lost, 0 where it stays.
    What one membership loses another may open still (D-29)."""
    rows = Membership.objects.open_at(now).filter(role__in=sorted(old.roles | new.roles)).order_by().values("grant")
    names = changed(old, new)
    if not names:
        return rows.none().values_list("grant", flat=True)
    wanted = Q()  # of what is counted by grant only: a column of a membership would part its rows
    for capability in names:
        had, has = (_opened(capability, version) for version in (old, new))
        rows = rows.annotate(**{f"step_{capability}": has - had})
        wanted |= Q(**{f"step_{capability}": step})
    return rows.filter(wanted).values_list("grant", flat=True)


def _opened(capability: str, version: Grid) -> Max:
    """Whether any membership of a grant opens it: 1 or 0."""
    return Max(Case(When(opening(capability, version), then=Value(1)), default=Value(0)))


def lost_by(grant: AccessGrant, version: GridVersion, *, now: datetime) -> list[Capability]:
    """What the holder of a grant may open now and may not once the version holds, in the grid's order."""
    pairs = list(Membership.objects.open_at(now).filter(grant=grant).values_list("role", "market"))
    lost = grid.allowed(pairs, before(version)) - grid.allowed(pairs, grid.of(version.pk))
    return [one for one in GRID if one in lost]
