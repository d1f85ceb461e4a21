"""The sweep over a million idle grants beside one SQL statement that writes the same rows, and finding who is due.

`python -m tests.bench.idle ours` (or `peer`), under production settings, fills its database and prints JSON.
"""

import json
import os
import sys
import time
from datetime import timedelta
from statistics import median

from tests.bench.processes import megabytes
from tests.bench.result import Result, p95
from tests.bench.stack import Stack

GRANTS = int(os.environ.get("BENCH_GRANTS", "1000000"))
DUE = max(GRANTS // 100, 1)  # of them, when finding is timed
SAMPLES = 20
BARE_MOST, SWEEP_MOST, CHUNK_MOST, GROWTH_MOST = 2.0, 2.0, 2.5, 20.0


def measure(stack: Stack) -> list[Result]:
    """Planning and choosing beside the bare statements, the whole sweep beside its peer, one chunk beside its own
    statement, and the memory that a whole sweep adds."""
    peer = json.loads(stack.run(stack.production("idle_peer"), "tests.bench.idle", "peer").strip().split("\n")[-1])
    ours = json.loads(stack.run(stack.production("idle_ours"), "tests.bench.idle", "ours").strip().split("\n")[-1])
    assert peer["written"] == ours["written"], "both write the same number of rows"
    due = f"{DUE:,} due of {GRANTS:,} grants"
    return [
        Result.beside(f"planning, {due}", "ms", ours["plan"], ours["bare_plan"], BARE_MOST),
        Result.beside(f"choosing, {due}", "ms", ours["find"], ours["bare_find"], BARE_MOST),
        Result.beside(f"sweep of {GRANTS:,} beside one statement", "s", ours["sweep"], peer["sweep"], SWEEP_MOST),
        Result.beside("a chunk beside its own statement", "ms p95", ours["chunk"], ours["statement"], CHUNK_MOST),
        Result.absolute("memory that a sweep adds", "MB", ours["growth"], GROWTH_MOST),
    ]


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", verbosity=0, interactive=False)
    now = timezone.now()
    _people(now)
    if sys.argv[1] == "peer":
        _grants(now, due=GRANTS)
        print(json.dumps(_peer(now)))
        return
    _grants(now, due=DUE)
    found = _find(now)
    _grants(now, due=GRANTS)
    print(json.dumps(found | _sweep(now)))


def _people(now) -> None:
    """One person as the product makes them, and so many copies of their rows; the ids of all are 1000 and a number."""
    from django.db import connection

    from identity.models import Account, Person
    from tests.bench.lookups import copy_rows

    person = Person.objects.create(pk=1000, created_at=now)
    Account.objects.create(
        pk=1000, person=person, login_name="p0", first_name="Ana", last_name="Núñez", email="p0@x.invalid",
        password="!", date_joined=now, password_changed_at=now,
    )  # fmt: skip
    key, name = "1000 + n", "'p' || n"
    with connection.cursor() as cursor:
        copy_rows(cursor, Person, GRANTS + 1, id=key)
        copy_rows(
            cursor, Account, GRANTS + 1, id=key, person_id=key, public_id="gen_random_uuid()", login_name=name,
            login_key=f"'ohid:' || {name}", email=f"{name} || '@x.invalid'",
        )  # fmt: skip


def _grants(now, *, due: int) -> None:
    """A grant for everybody: so many were not used for 91 to 100 days, the others for 0 to 59."""
    from django.db import connection

    from rbac.models import AccessGrant, Origin
    from tests.bench.lookups import copy_rows

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE rbac_accessgrant CASCADE")
        AccessGrant.objects.create(account_id=1000, portal_key="claims", since=now, origin=Origin.STAFF, reason="bench")
        since = (
            f"one.since - CASE WHEN n % {GRANTS // due} = 0 THEN interval '91 days' + random() * interval '9 days'"
            " ELSE random() * interval '59 days' END"
        )
        copy_rows(
            cursor, AccessGrant, GRANTS + 1, id="1000000 + n", account_id="1000 + n", since=since, order="random()"
        )  # fmt: skip
        cursor.execute("DELETE FROM rbac_accessgrant WHERE account_id = 1000")
        cursor.execute("VACUUM ANALYZE rbac_accessgrant")
        cursor.execute("VACUUM ANALYZE identity_account")
        cursor.execute("CHECKPOINT")


_BARE_PLAN = """
SELECT count(*), count(*) FILTER (WHERE idle_from <= %(due)s) FROM rbac_accessgrant
WHERE portal_key = 'claims' AND until IS NULL AND suspended_at IS NULL
"""
_BARE_FIND = """
SELECT id FROM rbac_accessgrant
WHERE portal_key = 'claims' AND until IS NULL AND suspended_at IS NULL AND idle_from <= %(due)s ORDER BY idle_from
"""


def _find(now) -> dict[str, float]:
    """Milliseconds of a plan, and of choosing everybody who is due; beside each, in turns, one bare statement."""
    from django.db import connection

    from portals import registry
    from rbac.domain import idleness, sweeps

    periods = registry.idle_periods()
    stage = next(idleness.stages(periods={"claims": periods["claims"]}, as_of=now))

    def bare(statement: str) -> list[tuple[int, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"due": now - timedelta(days=90)})
            return cursor.fetchall()

    acts = {
        "plan": lambda: sweeps.plan(periods=periods, now=now).to_suspend,
        "bare_plan": lambda: bare(_BARE_PLAN)[0][1],
        "find": lambda: len(idleness.due_in(stage).order_by("idle_from").values_list("pk", flat=True)),
        "bare_find": lambda: len(bare(_BARE_FIND)),
    }
    times: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(SAMPLES):
        for name, act in acts.items():
            began = time.perf_counter()
            assert act() == DUE, name
            times[name].append((time.perf_counter() - began) * 1000)
    return {name: median(taken) for name, taken in times.items()}


def _sweep(now) -> dict[str, float]:
    """The whole run, as the workers do it after two people released it."""
    from django.db import connection
    from django.utils import timezone

    from identity.models import Account
    from portals import registry
    from rbac.domain import sweeps
    from rbac.models import SweepRun

    first, second = Account.objects.order_by("pk")[:2]
    Account.objects.filter(pk__in=[first.pk, second.pk]).update(is_staff=True, is_superuser=True)
    run = sweeps.start(periods=registry.idle_periods(), now=now)
    assert run is not None
    if run.state == SweepRun.State.FROZEN:
        run = sweeps.MACHINE.release(run, by=first, now=now)
        run = sweeps.MACHINE.release(run, by=second, now=now)
    before, most, chunks, statements, within = megabytes(os.getpid()), 0.0, [], [], [0.0]

    def timed(execute, *asked):
        """The longest statement of a chunk is its own: the one that changes and tells."""
        sent = time.perf_counter()
        answer = execute(*asked)
        within[0] = max(within[0], time.perf_counter() - sent)
        return answer

    began = last = time.perf_counter()
    with connection.execute_wrapper(timed):
        for _changed in sweeps.go_on(clock=timezone.now):
            here = time.perf_counter()
            chunks.append(here - last)
            statements.append(within[0])
            last, within[0] = here, 0.0
            if len(chunks) % 50 == 0:
                most = max(most, megabytes(os.getpid()))
    took = time.perf_counter() - began
    growth = max(most, megabytes(os.getpid())) - before
    run.refresh_from_db()
    assert (run.state, run.suspended) == (SweepRun.State.DONE, GRANTS)
    spent = {"chunk": p95(chunks) * 1000, "statement": p95(statements) * 1000}
    return {"sweep": took, "growth": growth, "written": _written(), **spent}


def _peer(now) -> dict[str, float]:
    """One statement: no limit, no lock, no second look. The run's row is there, for the foreign key."""
    from django.db import connection

    from rbac.models import SweepRun

    state = SweepRun.State.RUNNING
    plan = {"active": GRANTS, "allowed": GRANTS, "to_warn": 0, "to_suspend": GRANTS}
    run = SweepRun.objects.create(as_of=now, periods={}, state=state, state_since=now, began_at=now, **plan)
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH changed AS (
                UPDATE rbac_accessgrant SET suspended_at = %(now)s, suspended_by_run_id = %(run)s
                WHERE portal_key = 'claims' AND until IS NULL AND suspended_at IS NULL AND idle_from <= %(due)s
                RETURNING id, account_id, portal_key
            ), told AS (
                INSERT INTO identity_journalentry (at, kind, account_id, object_kind, object_id, facts)
                SELECT %(now)s, 'rbac.AccessSuspended', account_id, 'rbac.accessgrant', id::text,
                    jsonb_build_object('portal_key', portal_key, 'run', %(run)s::bigint) FROM changed
            )
            INSERT INTO identity_outboxmessage
                (kind, ids, dedupe_key, state, is_bulk, attempts, created_at, due_at, problem, provider_id, address_key,
                    link_key, delivery)
            SELECT 'rbac.AccessSuspendedMail',
                jsonb_build_object('account_id', account_id, 'grant', id, 'run', %(run)s::bigint),
                concat_ws(':', 'rbac.AccessSuspendedMail', account_id, id, %(run)s::bigint), 'waiting', true, 0, %(now)s, %(now)s, '',
                '', '', '', ''
            FROM changed
            """,
            {"now": now, "run": run.pk, "due": now - timedelta(days=90)},
        )
    return {"sweep": time.perf_counter() - began, "written": _written()}


def _written() -> list[int]:
    from identity.models import JournalEntry, OutboxMessage
    from rbac.models import AccessGrant

    return [
        AccessGrant.objects.resting().count(),
        JournalEntry.objects.filter(kind="rbac.AccessSuspended").count(),
        OutboxMessage.objects.filter(kind="rbac.AccessSuspendedMail").count(),
    ]


if __name__ == "__main__":
    main()
