"""One line of the benchmark's table, and the p95 that many lines tell."""

import json
from dataclasses import asdict, dataclass
from statistics import quantiles


@dataclass(frozen=True)
class Result:
    """`ours` beside `peer` (0 where there is none); `value` is what the goal speaks of: at most, or at least, `goal`.

    Machines are shared, so a goal for speed speaks of the ratio to a floor or a peer of the same run. A measurement
    that failed is a line too: its `problem` says why.
    """

    name: str
    unit: str
    ours: float
    peer: float
    value: float
    goal: float
    at_least: bool = False
    problem: str = ""

    @classmethod
    def beside(cls, name: str, unit: str, ours: float, peer: float, goal: float, *, at_least: bool = False) -> "Result":
        """The goal speaks of the ratio to the peer."""
        return cls(name, unit, ours, peer, ours / peer, goal, at_least)

    @classmethod
    def absolute(cls, name: str, unit: str, ours: float, goal: float, *, at_least: bool = False) -> "Result":
        """For what neighbors on the machine do not change: counts, memory, chances."""
        return cls(name, unit, ours, 0, ours, goal, at_least)

    @classmethod
    def failed(cls, name: str, problem: str) -> "Result":
        return cls(name, "", 0, 0, 0, 0, problem=problem)

    @property
    def ok(self) -> bool:
        if self.problem:
            return False
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def as_json(results: list[Result]) -> str:
    """The list of name, ours, floor or peer, ratio, goal, ok."""
    rows = [{**asdict(r), "ratio": round(r.ours / r.peer, 3) if r.peer else None, "ok": r.ok} for r in results]
    return json.dumps(rows, indent=1)


def table(results: list[Result], *, judged: bool = True) -> str:
    """The same for people. Where the sizes are too small for a goal to mean anything, none is `judged`."""
    lines = [f"{'':58}{'ours':>10}{'peer':>10}{'ratio':>8}{'goal':>14}"]
    for r in results:
        if r.problem:
            lines.append(f"{r.name:58}FAILED: {r.problem}")
            continue
        peer = f"{_number(r.peer):>10}{r.ours / r.peer:8.2f}" if r.peer else f"{'':18}"
        goal = f"{'>=' if r.at_least else '<='}{r.goal:7.2f}{' x' if r.peer else '  '}"
        name = f"{r.name}, {r.unit}" if r.unit else r.name
        verdict = ("ok" if r.ok else "MISSED") if judged else "measured"
        lines.append(f"{name:58}{_number(r.ours):>10}{peer}  {goal}  {verdict}")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def p95(values: list[float]) -> float:
    """The value that 95 of 100 stay below; 0 where nothing was measured."""
    return quantiles(values, n=20)[-1] if len(values) > 1 else sum(values)
