"""`make bench`: the real stack, a table on the screen, and var/bench.json.

`python -m tests.bench sign_in storm` measures only these. Sizes come from the environment: BENCH_FLOWS (sign-ins of
each contender), BENCH_STORM (seconds), BENCH_SAMPLES (attempts an outcome), BENCH_ACCOUNTS (of the big database),
BENCH_GRANTS (that are idle), BENCH_SIGN_ONS (of each contender), BENCH_ROWS (of a list), and BENCH_SIZE (see printing). No other work should run on the machine meanwhile.
"""

import argparse
import json
import sys
from collections.abc import Callable

from tests.bench import idle, imports, lookups, one_command, sign_in, sign_on, storm, timing
from tests.bench.result import Result, as_json, table
from tests.bench.stack import ROOT, Stack, running


def _printing(stack: Stack) -> list[Result]:
    printed = stack.run(stack.production("printing"), "tests.bench.printing")
    return [Result(**row) for row in json.loads(printed.strip().split("\n")[-1])]


MEASUREMENTS: dict[str, Callable[[Stack], list[Result]]] = {
    "one_command": lambda _stack: one_command.measure(),
    "printing": _printing,
    "sign_in": sign_in.measure,
    "sign_on": sign_on.measure,
    "storm": storm.measure,
    "timing": timing.measure,
    "lookups": lookups.measure,
    "idle": idle.measure,
    "imports": imports.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    names = parser.parse_args().names or list(MEASUREMENTS)
    if unknown := set(names) - set(MEASUREMENTS):
        parser.error(f"no such measurement: {', '.join(unknown)} (there are {', '.join(MEASUREMENTS)})")
    results: list[Result] = []
    with running() as stack:
        for name in names:
            print(f"measuring {name}", file=sys.stderr)
            results += MEASUREMENTS[name](stack)
    print(table(results))
    (ROOT / "var").mkdir(exist_ok=True)
    (ROOT / "var" / "bench.json").write_text(as_json(results))
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
