"""Lists of old accounts: how long a hundred thousand rows take to store, and how fast their hashes are wrapped.

On PostgreSQL, as the command that operators use does it, beside Django's own bulk insert of the same rows without any
check or report. Wrapping stands beside bare Argon2id with the same parameters.
"""

import csv
import hashlib
import os
import sys
import time
from io import StringIO
from pathlib import Path

from tests.bench.result import Result
from tests.bench.stack import Stack

ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
MOST_OF_BULK = 4.0
WRAPPED, LEAST_OF_BARE = min(150, ROWS // 2), 0.85
HEADER = ("login_name", "hash", "email", "first_name", "last_name", "entitlements")


def measure(stack: Stack) -> list[Result]:
    """Two rows: the import, and the wrapping."""
    environment = stack.production("imports")
    path = stack.folder / "old.csv"
    with path.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(HEADER)
        for number in range(ROWS):
            digest = hashlib.sha256(b"saltOld-Password-1").hexdigest()
            rows.writerow(
                (f"u{number}", f"sha256$salt${digest}", f"u{number}@x.invalid", "Ana", "Núñez", "bill_tracker")
            )
    taken, bulk, ours, bare = (float(one) for one in stack.run(environment, "tests.bench.imports", str(path)).split())
    return [
        Result.beside(f"import of {ROWS:,} old accounts beside a bulk insert", "s", taken, bulk, MOST_OF_BULK),
        Result.beside("wrapped hashes", "per s and core", ours, bare, LEAST_OF_BARE, at_least=True),
    ]


def main() -> None:
    """Import the list, and insert the same rows barely; wrap some, and hash as often without: prints two times in
    seconds and two rates per second of processor."""
    import django

    django.setup()
    path = Path(sys.argv[1])
    print(_imported(path), _inserted(path), *_wrapped())


def _imported(path: Path) -> float:
    from django.core.management import call_command

    began = time.perf_counter()
    call_command("import_legacy", "trucase", str(path), stdout=StringIO())
    return time.perf_counter() - began


def _inserted(path: Path) -> float:
    """The same rows again, of another source, as `bulk_create` writes them."""
    from portals.models import LegacyAccount

    one = LegacyAccount.objects.order_by("pk")[0]
    same = {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields if not field.generated}
    del same["id"], same["login_name"], same["login_key"]
    began = time.perf_counter()
    with path.open(newline="") as stream:
        rows = [
            LegacyAccount(**same | {"source": "bench"}, login_name=row["login_name"], login_key=row["login_name"])
            for row in csv.DictReader(stream)
        ]
    LegacyAccount.objects.bulk_create(rows, batch_size=1_000)
    taken = time.perf_counter() - began
    LegacyAccount.objects.filter(source="bench").delete()
    return taken


def _wrapped() -> list[float]:
    from itertools import islice

    from django.contrib.auth.hashers import make_password

    from portals.legacy import wrapping

    rates = []
    for each in (wrapping.wrap(), (make_password("Old-Password-1") for _ in range(WRAPPED))):
        began = time.process_time()
        done = sum(1 for _ in islice(each, WRAPPED))
        rates.append(done / (time.process_time() - began))
    return rates


if __name__ == "__main__":
    main()
