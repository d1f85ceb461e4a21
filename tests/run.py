"""`make test`: static checks, the suite on SQLite (identity's under both profiles), the suite on PostgreSQL and Redis,
the browser journeys, real relying parties, the production layout whose parts are killed, and each measurement of the
benchmark once, in small.

What mostly waits runs beside what computes; reports and byte-code stand in var/test/. With STRICT=1 (as CI runs it) a
part that could not run is a failure; otherwise it is said loudly.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from xml.etree import ElementTree

from tests import services

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
KEPT = ROOT / "var" / "test"
WORKERS = str(max(2, os.cpu_count() or 2))
SLOWEST = 30


@dataclass
class Report:
    """What ran, how long it took, what failed, what was left out."""

    lines: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    aside: bool = False  # beside another step: what it says is shown when it is over, in one piece
    speaking: Lock = field(default_factory=Lock)

    def run(self, name: str, command: list[str], **environment: str) -> None:
        self._say(f"\n=== {name}")
        began = time.monotonic()
        answer = subprocess.run(
            command, cwd=ROOT, env=_environment(environment), check=False, text=True,
            stdout=subprocess.PIPE if self.aside else None, stderr=subprocess.STDOUT if self.aside else None,
        )  # fmt: skip
        line = f"{'FAILED' if answer.returncode else 'ok    '} {time.monotonic() - began:6.1f} s  {name}"
        self._say(f"{answer.stdout or ''}--- {line}")
        self.lines.append(line)
        if answer.returncode:
            self.failed.append(name)

    def pytest(self, name: str, *arguments: str, **environment: str) -> None:
        """A step of tests, whose times are kept."""
        command = [str(BIN / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={_times(name)}"]
        self.run(name, [*command, *arguments], **environment)

    def leave_out(self, name: str, why: str) -> None:
        self._say(f"\n!!! {name} was left out: {why}")
        self.lines.append(f"LEFT OUT           {name}: {why}")
        self.left_out.append(name)

    def _say(self, text: str) -> None:
        with self.speaking:
            print(text, flush=True)


type Part = Callable[[Report], None]


def _environment(more: dict[str, str]) -> dict[str, str]:
    """Ours and these; byte-code is kept from one step to the next."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, "PYTHONPYCACHEPREFIX": str(KEPT / "pycache"), **more}


def _times(step: str) -> Path:
    return KEPT / f"{re.sub(r'[^a-z]+', '-', step.lower())}.xml"


def checks(report: Report) -> None:
    """Linters, types, import contracts, templates, requirements."""
    report.run("ruff", [str(BIN / "ruff"), "check", "."])
    report.run("ruff format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."])
    report.run("mypy", [str(BIN / "mypy")])
    report.run("import contracts", [str(BIN / "lint-imports"), "--no-cache"])
    report.run("djlint", [str(BIN / "djlint"), "templates", "--lint", "--quiet"])
    report.run("requirements", [str(BIN / "python"), "-m", "tests.requirements"])


def sqlite(report: Report) -> None:
    """The suite as the one-command run stores its data; identity's once more under the other profile (D-19)."""
    report.pytest("suite on SQLite", "-n", WORKERS, "-m", "not journey", DATABASE_URL="")
    nist = {"DATABASE_URL": "", "TEST_REALM_PROFILE": "nist"}
    report.pytest("identity under the nist profile", "-n", WORKERS, "tests/identity", **nist)


def postgres(report: Report) -> None:
    """The suite on real PostgreSQL and Redis, then the browser journeys and the relying parties on both."""
    try:
        with services.postgres() as database, services.redis() as redis:
            real = {"DATABASE_URL": database, "REDIS_URL": redis}
            report.pytest("suite on PostgreSQL and Redis", "-n", WORKERS, "-m", "not journey", **real)
            journeys(report, **real)
            interop(report, **real)
    except services.Unavailable as why:
        report.leave_out("suite on PostgreSQL and Redis", str(why))
        journeys(report, DATABASE_URL="")
        interop(report, DATABASE_URL="")


def interop(report: Report, **environment: str) -> None:
    """Web servers and libraries of others that trust the ID."""
    report.pytest("real relying parties", "-n", WORKERS, "tests/interop", **environment)


def production(report: Report) -> None:
    """The processes of docs/operations.md, each of which is killed."""
    report.pytest("production layout", "tests/production", DATABASE_URL="", REDIS_URL="")


def journeys(report: Report, **environment: str) -> None:
    """Whole stories in a real browser."""
    browser = services.chromium()
    if browser is None:
        report.leave_out("browser journeys", "no Chromium (Debian: apt-get install chromium)")
        return
    report.pytest("browser journeys", "-n", WORKERS, "-m", "journey", CHROMIUM=browser, **environment)


def benchmark(report: Report) -> None:
    """Whether each measurement of `make bench` works; what it tells of speed does not count here."""
    try:
        with services.postgres() as database, services.redis() as redis:
            small = [str(BIN / "python"), "-m", "tests.bench", "--small"]
            report.run("every measurement, in small", small, DATABASE_URL=database, REDIS_URL=redis)
    except services.Unavailable as why:
        report.leave_out("every measurement, in small", str(why))


def side_by_side(*lanes: list[Part]) -> Part:
    """Each lane's parts one after the other, the lanes at the same time."""

    def part(report: Report) -> None:
        beside = replace(report, aside=True)
        with ThreadPoolExecutor(len(lanes)) as pool:
            for done in [pool.submit(lambda parts=lane: [run(beside) for run in parts]) for lane in lanes]:
                done.result()

    return part


PARTS: dict[str, Part] = {
    "checks": checks,
    "sqlite": sqlite,
    "postgres": postgres,
    "interop": interop,
    "production": production,
    "benchmark": benchmark,
}
# The production layout waits for what it killed; the suites and the journeys have both cores to themselves.
ALL: list[Part] = [side_by_side([production], [checks, benchmark]), sqlite, postgres]


def slowest() -> list[str]:
    """The tests that took longest, over all steps."""
    found = [
        (float(case.get("time", 0)), f"{case.get('classname')}.{case.get('name')} ({file.stem})")
        for file in KEPT.glob("*.xml")
        for case in ElementTree.parse(file).iter("testcase")
    ]
    return [f"{seconds:6.1f} s  {name}" for seconds, name in sorted(found, reverse=True)[:SLOWEST]]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=PARTS)
    chosen = parser.parse_args().only
    KEPT.parent.mkdir(exist_ok=True, mode=0o700)
    KEPT.mkdir(exist_ok=True)
    for file in KEPT.glob("*.xml"):
        file.unlink()
    report, began = Report(), time.monotonic()
    for part in [PARTS[chosen]] if chosen else ALL:
        part(report)
    print("\n" + "\n".join([*slowest(), "", *report.lines]))
    print(f"          {time.monotonic() - began:6.1f} s  all", flush=True)
    if report.left_out and os.environ.get("STRICT"):
        report.failed += report.left_out
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
