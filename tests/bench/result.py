"""One line of the benchmark's table."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Result:
    """`ours` beside `peer` (0 where there is none); `value` is what the goal speaks of, at most `goal`."""

    name: str
    unit: str
    ours: float
    peer: float
    value: float
    goal: float

    @property
    def ok(self) -> bool:
        return self.value <= self.goal


def as_json(results: list[Result]) -> str:
    """The list of name, ours, floor or peer, ratio, goal, ok."""
    rows = [{**asdict(r), "ratio": round(r.ours / r.peer, 3) if r.peer else None, "ok": r.ok} for r in results]
    return json.dumps(rows, indent=1)


def table(results: list[Result]) -> str:
    """The same for people."""
    lines = [f"{'':54}{'ours':>10}{'peer':>10}{'ratio':>8}{'goal':>8}"]
    for r in results:
        peer = f"{r.peer:10.1f}{r.ours / r.peer:8.2f}" if r.peer else f"{'':18}"
        lines.append(f"{r.name + ', ' + r.unit:54}{r.ours:10.1f}{peer}{r.goal:8.2f}  {'ok' if r.ok else 'MISSED'}")
    return "\n".join(lines)
