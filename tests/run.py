"""`make test`: static checks, the suite on SQLite (identity's under both profiles), the suite on PostgreSQL and Redis,
the browser journeys, the production layout whose parts are killed, and each measurement of the benchmark once, in small.

With STRICT=1 (as CI runs it) a part that could not run is a failure; otherwise it is said loudly.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
WORKERS = str(max(2, os.cpu_count() or 2))


@dataclass
class Report:
    """What ran, how long it took, what failed, what was left out."""

    lines: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def run(self, name: str, command: list[str], **environment: str) -> None:
        print(f"\n=== {name}", flush=True)
        began = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode
        self.lines.append(f"{'ok    ' if code == 0 else 'FAILED'} {time.monotonic() - began:6.1f} s  {name}")
        if code:
            self.failed.append(name)

    def leave_out(self, name: str, why: str) -> None:
        print(f"\n!!! {name} was left out: {why}", flush=True)
        self.lines.append(f"LEFT OUT           {name}: {why}")
        self.left_out.append(name)


def _pytest(*arguments: str) -> list[str]:
    slowest = ("--durations=10", "--durations-min=1")
    return [str(BIN / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", *slowest, *arguments]


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
    report.run("suite on SQLite", _pytest("-n", WORKERS, "-m", "not journey"), DATABASE_URL="")
    nist = {"DATABASE_URL": "", "TEST_REALM_PROFILE": "nist"}
    report.run("identity under the nist profile", _pytest("-n", WORKERS, "tests/identity"), **nist)


def postgres(report: Report) -> None:
    """The suite on real PostgreSQL and Redis, then the browser journeys on both."""
    try:
        with services.postgres() as database, services.redis() as redis:
            real = {"DATABASE_URL": database, "REDIS_URL": redis}
            report.run("suite on PostgreSQL and Redis", _pytest("-n", WORKERS, "-m", "not journey"), **real)
            journeys(report, **real)
    except services.Unavailable as why:
        report.leave_out("suite on PostgreSQL and Redis", str(why))
        journeys(report, DATABASE_URL="")


def production(report: Report) -> None:
    """The processes of docs/operations.md, each of which is killed."""
    report.run("production layout", _pytest("tests/production"), DATABASE_URL="", REDIS_URL="")


def journeys(report: Report, **environment: str) -> None:
    """Whole stories in a real browser."""
    browser = services.chromium()
    if browser is None:
        report.leave_out("browser journeys", "no Chromium (Debian: apt-get install chromium)")
        return
    report.run("browser journeys", _pytest("-n", WORKERS, "-m", "journey"), CHROMIUM=browser, **environment)


def benchmark(report: Report) -> None:
    """Whether each measurement of `make bench` works; what it tells of speed does not count here."""
    try:
        with services.postgres() as database, services.redis() as redis:
            small = [str(BIN / "python"), "-m", "tests.bench", "--small"]
            report.run("every measurement, in small", small, DATABASE_URL=database, REDIS_URL=redis)
    except services.Unavailable as why:
        report.leave_out("every measurement, in small", str(why))


PARTS: dict[str, Callable[[Report], None]] = {
    "checks": checks,
    "sqlite": sqlite,
    "postgres": postgres,
    "production": production,
    "benchmark": benchmark,
}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=PARTS)
    chosen = parser.parse_args().only
    report, began = Report(), time.monotonic()
    for name, part in PARTS.items():
        if chosen in (None, name):
            part(report)
    print("\n" + "\n".join(report.lines) + f"\n          {time.monotonic() - began:6.1f} s  all", flush=True)
    if report.left_out and os.environ.get("STRICT"):
        report.failed += report.left_out
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
