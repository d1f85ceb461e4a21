"""One line of the benchmark's table, and the p95 that many lines tell."""

import json
from dataclasses import asdict, dataclass
from statistics import quantiles


@dataclass(frozen=True)
class Result:
    """`ours` beside `peer` (0 where there is none); `value` is what the goal speaks of: at most, or at least, `goal`."""

    name: str
    unit: str
    ours: float
    peer: float
    value: float
    goal: float
    at_least: bool = False

    @property
    def ok(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def as_json(results: list[Result]) -> str:
    """The list of name, ours, floor or peer, ratio, goal, ok."""
    rows = [{**asdict(r), "ratio": round(r.ours / r.peer, 3) if r.peer else None, "ok": r.ok} for r in results]
    return json.dumps(rows, indent=1)


def table(results: list[Result]) -> str:
    """The same for people."""
    lines = [f"{'':54}{'ours':>10}{'peer':>10}{'ratio':>8}{'goal':>11}"]
    for r in results:
        peer = f"{_number(r.peer):>10}{r.ours / r.peer:8.2f}" if r.peer else f"{'':18}"
        goal = f"{'>=' if r.at_least else '<='}{r.goal:7.2f}"
        lines.append(f"{r.name + ', ' + r.unit:54}{_number(r.ours):>10}{peer}  {goal}  {'ok' if r.ok else 'MISSED'}")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def p95(seconds: list[float]) -> float:
    """The time that 95 of 100 stay below; 0 where nothing was timed."""
    return quantiles(seconds, n=20)[-1] if len(seconds) > 1 else 0.0
