"""What a role may open in a market: the one answer that menu, pages, tiles and sign-ons ask for (S2-33, S3-04, D-29).

A version that was published never changes, so each process keeps those it has read; a request asks the database which
one is in force, and nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db.models import QuerySet

from rbac.models import GridVersion

type Pair = tuple[str, str]  # role and market of a membership
NOTHING: frozenset[str] = frozenset()


class Opens(dict[Pair, frozenset[str]]):
    """What each role may open in each market. A market that the version does not name is like any other; once it was
    asked for, it is found as fast."""

    def __missing__(self, pair: Pair) -> frozenset[str]:
        role, market = pair
        if market and (role, "") in self:
            self[pair] = self[role, ""]
            return self[pair]
        return NOTHING


@dataclass(frozen=True, slots=True)
class Grid:
    """One version as it was read; nothing in it changes."""

    number: int
    cells: frozenset[tuple[str, str, str]]  # role, market, capability
    switches: frozenset[tuple[str, str]]  # market, capability: not offered there
    opens: Opens
    # Those with a box of their own. A role without any has left the grid: what every role may open is not for it.
    roles: frozenset[str]

    @property
    def capabilities(self) -> frozenset[str]:
        """What it opens to anybody."""
        return frozenset(capability for _role, _market, capability in self.cells)

    def ticks(self, capability: str, pair: Pair) -> bool:
        """Whether a box opens it to the role there, whatever the market has not."""
        role, market = pair
        return role in self.roles and any((r, m, capability) in self.cells for r in {role, ""} for m in {market, ""})

    def switches_off(self, capability: str, pair: Pair) -> bool:
        """Whether it is not offered in the market."""
        return (pair[1], capability) in self.switches


def allowed(pairs: Sequence[Pair], version: Grid) -> frozenset[str]:
    """What somebody may open who has these roles in these markets: what any of them opens (D-29)."""
    if len(pairs) == 1:
        return version.opens[pairs[0]]
    return NOTHING.union(*[version.opens[pair] for pair in pairs])


def in_force(*, now: datetime) -> int:
    """The number of the version that holds at a moment, in one small query; 0 before there was any."""
    return _published(now).values_list("number", flat=True).first() or 0


def _published(now: datetime) -> QuerySet[GridVersion]:
    rows = GridVersion.objects.filter(state=GridVersion.State.PUBLISHED, effective_from__lte=now)
    return rows.order_by("-effective_from")


@cache
def of(number: int) -> Grid:
    """A published version. Two queries, once a process."""
    return read(number)


def current(*, now: datetime) -> Grid:
    """The version that holds at a moment."""
    return of(in_force(now=now))


def read(number: int) -> Grid:
    """Any version, as its rows stand."""
    found = GridVersion.objects.filter(pk=number).first()
    if found is None:
        return made(0, (), ())
    cells = found.cells.values_list("role", "market", "capability")
    return made(number, cells, found.switches.values_list("market", "capability"))


def made(number: int, cells: Iterable[tuple[str, str, str]], switches: Iterable[tuple[str, str]]) -> Grid:
    """A version of these boxes and switches."""
    boxes, off = frozenset(cells), frozenset(switches)
    markets = {"", *(market for _role, market, _capability in boxes), *(market for market, _capability in off)}
    opens = Opens()
    roles = frozenset(role for role, _market, _capability in boxes if role)
    for role in roles:
        for market in markets:
            opens[role, market] = frozenset(
                capability
                for r, m, capability in boxes
                if r in (role, "") and m in (market, "") and (market, capability) not in off
            )
    return Grid(number, boxes, off, opens, roles)
