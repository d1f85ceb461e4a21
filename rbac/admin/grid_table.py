"""The grid as the desk's table of boxes: what is shown of a version, and what somebody has ticked in a proposal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from identity.policy import text
from rbac import markets, roles
from rbac.capabilities import GRID, GRID_COLUMNS, LABELS, Capability
from rbac.domain.grid import Grid
from rbac.domain.grid_versions import MAX_LENGTH, Box, Switch

EMPTY_ROWS = 3  # to open something in one market, or to have it nowhere there


class Cell(NamedTuple):
    """One of the 140 boxes."""

    capability: str
    is_ticked: bool
    was_ticked: bool

    @property
    def is_changed(self) -> bool:
        """Whether it differs from the version that it is compared with."""
        return self.is_ticked != self.was_ticked


class Row(NamedTuple):
    """One role."""

    role: str
    label: str | Promise
    cells: list[Cell]


class Extra(NamedTuple):
    """A box or a switch beside the 140: a capability in one market, or of every role."""

    value: str  # what its own box sends
    words: str
    is_ticked: bool = True


class TypedRow(NamedTuple):
    """A row beside the table, as its selects stand: empty, or what was half said, with what it lacks."""

    number: int
    capability: str = ""
    role: str = ""
    market: str = ""
    problem: str = ""
    off_capability: str = ""
    off_market: str = ""
    off_problem: str = ""

    @property
    def problems(self) -> dict[str, str]:
        """What it lacks, by the select that is still to be chosen."""
        off = "off-market" if self.off_capability else "off-capability"
        found = {f"capability-{self.number}": self.problem, f"{off}-{self.number}": self.off_problem}
        return {name: problem for name, problem in found.items() if problem}


@dataclass(frozen=True)
class Typed:
    """What a proposal says: of the page that begins one, or as it was sent."""

    boxes: frozenset[Box]
    switches: frozenset[Switch]
    day: date | None = None
    typed_day: str = ""
    reason: str = ""
    rows: tuple[TypedRow, ...] = tuple(TypedRow(number) for number in range(1, EMPTY_ROWS + 1))

    @property
    def problems(self) -> dict[str, str]:
        """Of the rows in which something is half said, by the field that is still to be chosen."""
        return {name: problem for row in self.rows for name, problem in row.problems.items()}


def rows_of(boxes: Collection[Box], before: Collection[Box]) -> list[Row]:
    """The table of roles and columns, each box beside what it was before."""
    own, old = frozenset(boxes), frozenset(before)
    return [
        Row(role, label, [Cell(one.value, (role, "", one) in own, (role, "", one) in old) for one in GRID_COLUMNS])
        for role, label in roles.GRID.items()
    ]


def is_in_table(box: Box) -> bool:
    """Whether it is one of the 140."""
    role, market, capability = box
    return role in roles.GRID and not market and capability in set(GRID_COLUMNS)


def extras_of(boxes: Collection[Box], before: Collection[Box] = ()) -> list[Extra]:
    """The boxes beside the table, in words; those of the version before, that were unticked, can be ticked again."""
    found = sorted({*boxes, *before})
    return [Extra("|".join(box), words_of_box(box), box in boxes) for box in found if not is_in_table(box)]


def switches_of(switches: Collection[Switch], before: Collection[Switch] = ()) -> list[Extra]:
    """The market switches, in words, those that were unticked too."""
    return [Extra("|".join(one), words_of_switch(one), one in switches) for one in sorted({*switches, *before})]


def words_of_box(box: Box) -> str:
    """Whom it opens what to."""
    role, market, capability = box
    told = {"capability": _label(capability), "role": roles.label_of(role), "market": markets.label_of(market)}
    if role:
        words = _("%(capability)s: %(role)s, in %(market)s") if market else _("%(capability)s: %(role)s")
        return words % told
    if market:
        return _("%(capability)s: every role, in %(market)s") % told
    return _("%(capability)s: every role") % told


def words_of_switch(switch: Switch) -> str:
    """What is not offered where."""
    market, capability = switch
    return _("%(capability)s is not offered in %(market)s") % {
        "capability": _label(capability), "market": markets.label_of(market),
    }  # fmt: skip


def differences(new: Grid, old: Grid) -> dict[str, list[str]]:
    """What a version ticks, takes and switches otherwise than the one before it, in words."""
    return {
        "ticked": [words_of_box(box) for box in sorted(new.cells - old.cells)],
        "taken": [words_of_box(box) for box in sorted(old.cells - new.cells)],
        "switched_off": [words_of_switch(one) for one in sorted(new.switches - old.switches)],
        "switched_on": [words_of_switch(one) for one in sorted(old.switches - new.switches)],
    }


def typed(sent: QueryDict) -> Typed:
    """What the page of a proposal has sent. A box that nobody knows is refused by the domain."""
    boxes = {_box(value) for value in (*sent.getlist("box"), *sent.getlist("extra"))}
    switches = {(market, capability) for _role, market, capability in map(_box, sent.getlist("switch"))}
    rows = []
    for number in range(1, EMPTY_ROWS + 1):
        box, switch, row = _row(number, sent)
        boxes |= box
        switches |= switch
        rows.append(row)
    return Typed(
        boxes=frozenset(boxes),
        switches=frozenset(switches),
        day=_day(sent.get("day", "")),
        typed_day=sent.get("day", "")[:10],
        reason=text.line(sent.get("reason", ""))[:MAX_LENGTH],
        rows=tuple(rows),
    )


def _row(number: int, sent: QueryDict) -> tuple[set[Box], set[Switch], TypedRow]:
    """What one row opens and switches off; what is half said stays in it, with what it lacks."""
    row, boxes, switches = TypedRow(number), set[Box](), set[Switch]()
    role, market, capability = (sent.get(f"{name}-{number}", "") for name in ("role", "market", "capability"))
    off_market, off = (sent.get(f"off-{name}-{number}", "") for name in ("market", "capability"))
    if capability:
        boxes.add((role, market, capability))
    elif role or market:
        problem = _("Choose what is opened, or empty the row: row %(number)s.") % {"number": number}
        row = row._replace(role=role, market=market, problem=problem)
    if off_market and off:
        switches.add((off_market, off))
    elif off_market or off:
        problem = _("Choose a market and what it has not, or empty the row: row %(number)s.") % {"number": number}
        row = row._replace(off_market=off_market, off_capability=off, off_problem=problem)
    return boxes, switches, row


def choices() -> Mapping[str, list[tuple[str, str | Promise]]]:
    """What the selects of the empty rows offer."""
    return {
        "roles": list(roles.GRID.items()),
        "markets": list(markets.LABELS.items()),
        "capabilities": [(one.value, one.label) for one in GRID],
    }


def _box(value: str) -> Box:
    parts = [*value.split("|"), "", "", ""]
    return (parts[0], parts[1], parts[2]) if value.count("|") == 2 else ("", parts[0], parts[1])


def _day(said: str) -> date | None:
    try:
        return parse_date(said)
    except ValueError:
        return None


def _label(capability: str) -> str:
    return str(LABELS[Capability(capability)]) if capability in set(Capability) else capability
