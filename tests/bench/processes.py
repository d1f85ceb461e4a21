"""What processes cost: their trees, processor time and memory, read from /proc (Linux only)."""

import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """The process and all below it."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if parent := parent_of(int(folder.name)):
            parents.setdefault(parent, []).append(int(folder.name))
    found, ahead = [], [root]
    while ahead:
        pid = ahead.pop()
        found.append(pid)
        ahead += parents.get(pid, [])
    return found


def parent_of(pid: int) -> int:
    """The process that started this one; 0 when it has ended."""
    try:
        found = re.search(r"^PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def processor_seconds(*roots: int) -> float:
    """Processor time of these trees since they began, in seconds, to 10 ms a process."""
    return sum(_seconds(pid) for root in roots for pid in tree(root))


def _seconds(pid: int) -> float:
    """User and system time of a process, and of its children that have ended (PostgreSQL's come and go)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    return sum(int(field) for field in text.rpartition(")")[2].split()[11:15]) / _TICKS


def megabytes(root: int) -> float:
    """Memory of a tree in MB PSS."""
    return sum(_pss(pid) for pid in tree(root))


def _pss(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in text.split("\n") if line.startswith("Pss:")) / 1024


def in_turns(
    ways: Mapping[str, Callable[[range], None]], *, turns: int, chunk: int, postgres: int
) -> dict[str, dict[str, float]]:
    """What each way spends on the same numbers, a chunk in turn: seconds of the clock, and of this process's and
    PostgreSQL's processors. Each is called once before, for number -1: connections are open, templates are read."""
    for way in ways.values():
        way(range(-1, 0))
    spent = {who: {"cpu": 0.0, "wall": 0.0} for who in ways}
    for turn in range(turns):
        for who, way in ways.items():
            cpu, wall = processor_seconds(os.getpid(), postgres), time.perf_counter()
            way(range(turn * chunk, (turn + 1) * chunk))
            spent[who]["wall"] += time.perf_counter() - wall
            spent[who]["cpu"] += max(processor_seconds(os.getpid(), postgres) - cpu, 0.001)
    return spent
