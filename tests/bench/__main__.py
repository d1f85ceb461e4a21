"""`make bench`: the real stack, a table on the screen, and var/bench.json, both kept from the first measurement on.

`python -m tests.bench sign_in storm` measures only these. Sizes come from the environment: BENCH_FLOWS (sign-ins of
each contender), BENCH_STORM (seconds), BENCH_SAMPLES (attempts an outcome), BENCH_ACCOUNTS (of the big database),
BENCH_GRANTS (that are idle), BENCH_SIGN_ONS (of each contender), BENCH_ROUNDS (of turns), BENCH_ROWS (of a list),
BENCH_PEOPLE (in the storm), BENCH_MAILS (of the outbox), BENCH_INVITATIONS (accepted), BENCH_PRACTICES and BENCH_YEARS (of
the simulation), BENCH_GRID_PEOPLE and BENCH_EXPLANATIONS, BENCH_KILLS (of an import), BENCH_HOMES
(first screens of each of two people), BENCH_DOCUMENTS and BENCH_SEARCHES, and BENCH_SIZE (see printing).
`--small` takes the smallest sizes, to see that each measurement works: then no goal counts and no file is written.
No other work should run on the machine meanwhile.
"""

import argparse
import importlib
import json
import os
import sys
import time
import traceback

from tests.bench.result import Result, as_json, table
from tests.bench.stack import ROOT, Stack, running

NAMES = (
    "one_command",
    "printing",
    "sign_in",
    "sign_on",
    "storm",
    "timing",
    "lookups",
    "lists",
    "idle",
    "imports",
    "outbox",
    "invitations",
    "practices",
    "grid",
    "registers",
    "dashboard",
    "documents",
)
SMALL = {
    "BENCH_FLOWS": "4",
    "BENCH_STORM": "1",
    "BENCH_SAMPLES": "4",
    "BENCH_ACCOUNTS": "2000",
    "BENCH_GRANTS": "2000",
    "BENCH_SIGN_ONS": "4",
    "BENCH_ROWS": "200",
    "BENCH_SIZE": "1,1,2",
    "BENCH_ROUNDS": "1",
    "BENCH_PEOPLE": "8",
    "BENCH_MAILS": "20",
    "BENCH_INVITATIONS": "10",
    "BENCH_PRACTICES": "6",
    "BENCH_YEARS": "1",
    "BENCH_GRID_PEOPLE": "400",
    "BENCH_EXPLANATIONS": "50",
    "BENCH_KILLS": "1",
    "BENCH_HOMES": "3",
    "BENCH_DOCUMENTS": "400",
    "BENCH_SEARCHES": "10",
}


def _measured(name: str, stack: Stack) -> list[Result]:
    """The rows of one measurement; one that says so where it failed, so that the others are still told."""
    try:
        if name == "printing":  # WeasyPrint in a process of its own
            printed = stack.run(stack.production("printing"), "tests.bench.printing")
            return [Result(**row) for row in json.loads(printed.strip().split("\n")[-1])]
        rows: list[Result] = importlib.import_module(f"tests.bench.{name}").measure(stack)
        return rows
    except Exception as error:
        traceback.print_exc()
        return [Result.failed(name, f"{type(error).__name__}: {error}".split("\n")[0][:200])]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no such measurement: {', '.join(unknown)} (there are {', '.join(NAMES)})")
    if asked.small:
        os.environ.update({name: os.environ.get(name, value) for name, value in SMALL.items()})
    results: list[Result] = []
    with running() as stack:
        for name in asked.names or NAMES:
            print(f"\nmeasuring {name}", flush=True)
            began, rows = time.monotonic(), _measured(name, stack)
            results += rows
            print(f"{table(rows, judged=not asked.small)}\n{time.monotonic() - began:.0f} s", flush=True)
            if not asked.small:
                _keep(results)
    print(f"\n{table(results, judged=not asked.small)}")
    return 1 if any(result.problem if asked.small else not result.ok for result in results) else 0


def _keep(results: list[Result]) -> None:
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True, mode=0o700)
    (folder / "bench.json").write_text(as_json(results))


if __name__ == "__main__":
    sys.exit(main())
