"""Lists of old accounts: how long a hundred thousand rows take to store, and how fast their hashes are wrapped.

On PostgreSQL, through the command that operators use. Wrapping stands beside bare Argon2id with the same parameters.
"""

import csv
import hashlib
import os
import time

from tests.bench.result import Result
from tests.bench.stack import Stack

ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
MOST_SECONDS = 60.0 * ROWS / 100_000
WRAPPED, LEAST_OF_BARE = 150, 0.85
HEADER = ("login_name", "hash", "email", "first_name", "last_name", "entitlements")


def measure(stack: Stack) -> list[Result]:
    """Two rows: the import, and the wrapping."""
    environment = stack.production("imports")
    stack.run(environment, "django", "migrate", "--verbosity", "0")
    path = stack.folder / "old.csv"
    with path.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(HEADER)
        for number in range(ROWS):
            digest = hashlib.sha256(b"saltOld-Password-1").hexdigest()
            rows.writerow(
                (f"u{number}", f"sha256$salt${digest}", f"u{number}@x.invalid", "Ana", "Núñez", "bill_tracker")
            )
    began = time.perf_counter()
    stack.run(environment, "django", "import_legacy", "trucase", str(path))
    seconds = time.perf_counter() - began
    ours, bare = (float(one) for one in stack.run(environment, "tests.bench.imports").split())
    return [
        Result(f"import of {ROWS:,} old accounts", "s", seconds, 0, seconds, MOST_SECONDS),
        Result("wrapped hashes", "per s and core", ours, bare, ours / bare, LEAST_OF_BARE, at_least=True),
    ]


def main() -> None:
    """Wrap some of what was imported, and hash as often without: prints both rates per second of processor."""
    import django

    django.setup()
    from itertools import islice

    from django.contrib.auth.hashers import make_password

    from portals.domain import wrapping

    rates = []
    for each in (wrapping.wrap(), (make_password("Old-Password-1") for _ in range(WRAPPED))):
        began = time.process_time()
        done = sum(1 for _ in islice(each, WRAPPED))
        rates.append(done / (time.process_time() - began))
    print(*rates)


if __name__ == "__main__":
    main()
