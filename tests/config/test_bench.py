"""What `make bench` makes of its measurements: each becomes rows, a failed one too, and none takes the others along."""

import json
import sys
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from tests.bench import __main__ as bench
from tests.bench.result import Result

FAST = Result.beside("fast", "ms", 1, 2, goal=1)
SLOW = Result.absolute("slow", "MB", 900, goal=100)


def breaks(_stack):
    raise RuntimeError("the worker did not start\nand a long story")


MEASUREMENTS = {"first": lambda _stack: [FAST], "broken": breaks, "last": lambda _stack: [SLOW]}


@pytest.fixture
def measure(monkeypatch, tmp_path, capsys):
    """`python -m tests.bench` with these arguments, without servers: its exit code, what it printed, what it kept."""
    for name, measurement in MEASUREMENTS.items():
        monkeypatch.setitem(sys.modules, f"tests.bench.{name}", SimpleNamespace(measure=measurement))
    monkeypatch.setattr(bench, "NAMES", tuple(MEASUREMENTS))
    monkeypatch.setattr(bench, "SMALL", {})
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "running", nullcontext)
    kept = tmp_path / "var" / "bench.json"

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tests.bench", *arguments])
        code = bench.main()
        return code, capsys.readouterr().out, json.loads(kept.read_text()) if kept.exists() else None

    return run


def test_a_failed_measurement_is_a_row_that_says_so(measure):
    """Issue 11, item 11: the rows before and after it are printed and kept, and the run has failed."""
    code, printed, kept = measure()
    assert code == 1
    whole = printed.rpartition("\n\n")[2]
    assert [line.split()[0].rstrip(",") for line in whole.splitlines()[1:]] == ["fast", "broken", "slow"]
    assert "FAILED: RuntimeError: the worker did not start" in whole
    assert [(row["name"], row["ok"]) for row in kept] == [("fast", True), ("broken", False), ("slow", False)]
    assert kept[1]["problem"] == "RuntimeError: the worker did not start"


def test_rows_are_kept_from_the_first_measurement_on(measure, monkeypatch):
    """Whoever ends the run has what was measured until then."""

    def ended(_stack):
        raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "tests.bench.broken", SimpleNamespace(measure=ended))
    with pytest.raises(KeyboardInterrupt):
        measure()
    kept = json.loads((bench.ROOT / "var" / "bench.json").read_text())
    assert [row["name"] for row in kept] == ["fast"]


def test_a_missed_goal_fails_the_whole_run(measure):
    code, printed, _kept = measure("first", "last")
    assert code == 1
    assert "MISSED" in printed
    assert measure("first")[0] == 0


def test_in_small_no_goal_counts_and_none_is_told(measure):
    """Sizes are too small for a goal to mean anything: nothing is called missed or reached, nothing is kept."""
    code, printed, kept = measure("--small", "first", "last")
    assert code == 0
    assert kept is None
    rows = printed.rpartition("\n\n")[2].splitlines()[1:]
    assert [row.split()[-1] for row in rows] == ["measured", "measured"]


def test_in_small_a_failed_measurement_fails(measure):
    code, printed, _kept = measure("--small")
    assert code == 1
    assert "FAILED: RuntimeError" in printed
