"""The backend among a thousand accounts and among a million: its time, and whether a query reads a whole table.

Two processes under production settings, one a database, take turns. `python -m tests.bench.lookups COUNT`, inside one
of them, fills its database, prints how many plans read a whole table, and then a line of times for every line it reads.
"""

import json
import os
import random
import subprocess
import sys
import time
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from tests.bench import people
from tests.bench.result import Result, p95
from tests.bench.stack import ROOT, Stack

FEW, MANY = 1_000, int(os.environ.get("BENCH_ACCOUNTS", "1000000"))
SAMPLES = int(os.environ.get("BENCH_SAMPLES", "200"))
TURNS = min(SAMPLES, 20)
OUTCOMES = ("right password", "wrong password", "unknown name")
MOST = 1.15


def measure(stack: Stack) -> list[Result]:
    """A row an outcome, p95 of one call among many beside few; and the whole tables read among many."""
    few, many = (Among(stack, "lookups", count) for count in (FEW, MANY))
    whole_tables = [few.answer(), many.answer()][-1]
    times: list[dict[str, list[float]]] = [{outcome: [] for outcome in OUTCOMES} for _ in range(2)]
    try:
        for _ in range(TURNS):
            for among, collected in zip((few, many), times, strict=True):
                for outcome, seconds in among.ask().items():
                    collected[outcome] += seconds
    finally:
        few.end()
        many.end()
    rows = []
    for outcome in OUTCOMES:
        peer, ours = (p95(collected[outcome]) * 1000 for collected in times)
        rows.append(Result.beside(f"{MANY:,} accounts beside {FEW:,}, {outcome}", "ms", ours, peer, MOST))
    return [*rows, Result.absolute(f"whole tables read, {MANY:,} accounts", "plans", whole_tables, 0)]


class Among:
    """A process of a measurement beside a database of so many accounts."""

    def __init__(self, stack: Stack, name: str, count: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.bench.{name}", str(count)],
            cwd=ROOT,
            env={**os.environ, **stack.production(f"{name}_{count}")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self) -> dict[str, list[float]]:
        """Times of one turn, in seconds, by outcome."""
        assert self._process.stdin
        self._process.stdin.write("again\n")
        self._process.stdin.flush()
        times: dict[str, list[float]] = self.answer()
        return times

    def answer(self) -> Any:
        """The next line that it prints."""
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate(timeout=20)


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    count = int(sys.argv[1])
    call_command("migrate", verbosity=0, interactive=False)
    _fill(count)
    _turn(count, 3)
    print(_whole_tables(count) if count > FEW else 0, flush=True)  # reading a small table whole is cheapest
    for _ in sys.stdin:
        print(json.dumps(_turn(count, -(-SAMPLES // TURNS))), flush=True)


def _fill(count: int) -> None:
    """One account is made as the product makes them, then copied with its hash; each copy has its person and address."""
    from allauth.account.models import EmailAddress
    from django.db import connection

    from identity.models import Account, Person

    people.make_ours("person", 0)
    name = "'person.' || lpad(n::text, 9, '0')"
    with connection.cursor() as cursor:
        key, email = "1000 + n", f"{name} || '@x.invalid'"  # ids far from those that sequences give
        names = {"login_name": name, "login_key": f"'ohid:' || {name}", "email": email}
        copy_rows(cursor, Person, count, id=key)
        copy_rows(cursor, Account, count, id=key, person_id=key, public_id="gen_random_uuid()", **names)
        copy_rows(cursor, EmailAddress, count, id=key, user_id=key, email=email)
        cursor.execute("VACUUM ANALYZE")  # so that no vacuum begins in the midst of it


def copy_rows(cursor: CursorWrapper, model: type[Model], count: int, *, order: str = "n", **changed: str) -> None:
    """Copies 1 to `count` - 1 of the one row of a table; `changed` says by column what is not the same in them.

    Whatever columns the table has today: those that the database computes are left to it.
    """
    columns = [field.column for field in model._meta.concrete_fields if not field.generated]
    values = ", ".join(changed.get(str(column), f'one."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    table = model._meta.db_table
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM (SELECT * FROM {table} LIMIT 1) one,"
        f" generate_series(1, {count - 1}) n ORDER BY {order}"
    )


def _turn(count: int, samples: int) -> dict[str, list[float]]:
    """Seconds of calls that authenticate, by outcome, the names spread over the whole table."""
    from django.contrib.auth import authenticate

    from identity.accounts import accounts

    times: dict[str, list[float]] = {outcome: [] for outcome in OUTCOMES}
    for _ in range(samples):
        for outcome in OUTCOMES:
            name = people.name("person", random.randrange(count) + (count if outcome == "unknown name" else 0))
            password = "Wrong-Pass-1" if outcome == "wrong password" else people.PASSWORD
            began = time.perf_counter()
            candidate = accounts.find_for_sign_in(realm="ohid", typed=name)
            account = authenticate(None, password=password, candidate=candidate)
            times[outcome].append(time.perf_counter() - began)
            assert (account is not None) == (outcome == "right password")
    return times


def _whole_tables(count: int) -> int:
    """How many queries behind a name and behind an address have a plan that reads a whole table."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from identity.accounts import accounts

    name = people.name("person", count - 1)
    with CaptureQueriesContext(connection) as queries:
        for typed in (name, f"{name}@x.invalid", "nobody"):
            accounts.find_for_sign_in(realm="ohid", typed=typed)
    found = 0
    with connection.cursor() as cursor:
        for statement in [query["sql"] for query in queries.captured_queries]:
            cursor.execute("EXPLAIN (FORMAT JSON) " + statement)
            ((plan,),) = cursor.fetchall()
            if _reads_whole(plan[0]["Plan"]):
                found += 1
                print(f"{statement}\n{json.dumps(plan, indent=1)}", file=sys.stderr)
    return found


def _reads_whole(node: dict[str, Any]) -> bool:
    """A sequential scan, or an index followed from end to end (as for `.first()` without a fitting index)."""
    kind = node["Node Type"]
    by_index = kind.startswith("Index") or kind == "Bitmap Index Scan"
    whole = kind == "Seq Scan" or (by_index and "Index Cond" not in node)
    return whole or any(_reads_whole(below) for below in node.get("Plans", []))


if __name__ == "__main__":
    main()
