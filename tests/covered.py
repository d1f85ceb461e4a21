"""`make coverage`: how much of each room the suite runs, lines and branches, and whether a figure fell below
tests/covered.toml. `python -m tests.covered --write` raises what rose; further arguments are pytest's, and then nothing is
judged: `python -m tests.covered tests/rbac -k grants`."""

import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.run import BIN, KEPT, ROOT, WORKERS

FLOOR = Path(__file__).with_suffix(".toml")
SUITE = ["-n", WORKERS, "-m", "not journey"]


def measure(arguments: list[str]) -> tuple[int, dict[str, Any]]:
    """Run pytest, and read what its processes ran: pytest's exit code and coverage's report. pyproject.toml says what
    counts."""
    KEPT.mkdir(parents=True, exist_ok=True)
    report = KEPT / "covered.json"  # erasing takes away what begins with coverage.
    coverage = [str(BIN / "coverage")]
    subprocess.run([*coverage, "erase"], cwd=ROOT, check=True)
    tests = subprocess.run([*coverage, "run", "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments], cwd=ROOT)
    subprocess.run([*coverage, "combine", "--quiet"], cwd=ROOT, check=True)
    subprocess.run([*coverage, "json", "--quiet", "-o", str(report)], cwd=ROOT, check=True)
    return tests.returncode, json.loads(report.read_text())


def room_of(file: str) -> str:
    """`identity/keys/links.py` is of identity.keys, `rbac/domain/grants.py` of rbac.domain, `rbac/tasks.py` of rbac."""
    app, *inner = Path(file).parts
    return f"{app}.{inner[0]}" if len(inner) > 1 else app


def figures(files: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Percent of lines and branches that ran, by room."""
    ran: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for file, told in files.items():
        counts, room = told["summary"], room_of(file)
        ran[room] += counts["covered_lines"] + counts["covered_branches"]
        there[room] += counts["num_statements"] + counts["num_branches"]
    return {room: round(100 * ran[room] / there[room], 1) for room in sorted(there) if there[room]}


def fallen(floor: Mapping[str, float], now: Mapping[str, float]) -> list[str]:
    """Rooms that are less covered than they were; one that is no longer there tells nothing."""
    return [f"{room}: {now[room]} %, at least {least} %" for room, least in floor.items() if now.get(room, 100) < least]


def raised(floor: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """The floor of every room that is there: what it was, or what was reached since."""
    return {room: max(reached, floor.get(room, 0)) for room, reached in now.items()}


def as_toml(floor: Mapping[str, float]) -> str:
    rows = (f'"{room}" = {least}\n' for room, least in sorted(floor.items()))
    return (
        "# Percent of lines and branches that the suite runs, by room; a figure only rises (python -m tests.covered).\n"
        + "".join(rows)
    )


def main(arguments: Iterable[str]) -> int:
    chosen = [one for one in arguments if one != "--write"]
    answer, report = measure(chosen or SUITE)
    floor, now = tomllib.loads(FLOOR.read_text()), figures(report["files"])
    print("\n".join(f"{now[room]:6.1f} %  (at least {floor.get(room, 0):5.1f})  {room}" for room in now))
    if "--write" in arguments:
        FLOOR.write_text(as_toml(raised(floor, now)))
    problems = [] if chosen else fallen(floor, now)
    print("\n".join(["", *problems]) if problems else "", file=sys.stderr)
    return answer or bool(problems)


if __name__ == "__main__":
    os.environ.setdefault("DATABASE_URL", "")
    sys.exit(main(sys.argv[1:]))
