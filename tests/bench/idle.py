"""The sweep over a million idle grants beside one SQL statement that writes the same rows, and finding who is due.

`python -m tests.bench.idle ours` (or `peer`), under production settings, fills its database and prints JSON.
"""

import json
import os
import sys
import time
from datetime import timedelta

from tests.bench.processes import megabytes
from tests.bench.result import Result, p95
from tests.bench.stack import Stack

GRANTS = int(os.environ.get("BENCH_GRANTS", "1000000"))
DUE = max(GRANTS // 100, 1)  # of them, when finding is timed
SAMPLES = 20
FIND_MOST, RATIO_MOST, CHUNK_MOST, GROWTH_MOST = 0.5, 2.0, 250.0, 20.0


def measure(stack: Stack) -> list[Result]:
    """Finding, the whole sweep beside its peer, one chunk, and the memory that a whole sweep adds."""
    peer = json.loads(stack.run(stack.production("idle_peer"), "tests.bench.idle", "peer").strip().split("\n")[-1])
    ours = json.loads(stack.run(stack.production("idle_ours"), "tests.bench.idle", "ours").strip().split("\n")[-1])
    assert peer["written"] == ours["written"], "both write the same number of rows"
    ratio = ours["sweep"] / peer["sweep"]
    return [
        Result(f"planning, {DUE:,} due of {GRANTS:,} grants", "s", ours["plan"], 0, ours["plan"], FIND_MOST),
        Result(f"choosing {DUE:,} due of {GRANTS:,} grants", "s", ours["find"], 0, ours["find"], FIND_MOST),
        Result(
            f"sweep of {GRANTS:,} grants beside one statement", "s", ours["sweep"], peer["sweep"], ratio, RATIO_MOST
        ),
        Result("one chunk of it, p95", "ms", ours["chunk"], 0, ours["chunk"], CHUNK_MOST),
        Result("memory that it adds", "MB", ours["growth"], 0, ours["growth"], GROWTH_MOST),
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

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE rbac_accessgrant CASCADE")
        cursor.execute(
            "INSERT INTO rbac_accessgrant (account_id, portal_key, role, attributes, since, because_of) SELECT 1000 + n,"
            " 'claims', 'user', '{}', %s - CASE WHEN n %% %s = 0 THEN interval '91 days' + random() * interval '9 days'"
            " ELSE random() * interval '59 days' END, 'bench' FROM generate_series(1, %s) n ORDER BY random()",
            [now, GRANTS // due, GRANTS],
        )
        cursor.execute("VACUUM ANALYZE rbac_accessgrant")
        cursor.execute("VACUUM ANALYZE identity_account")
        cursor.execute("CHECKPOINT")


def _find(now) -> dict[str, float]:
    """Seconds of a plan, and of choosing everybody who is due, p95."""
    from portals import registry
    from rbac.domain import idleness, sweeps

    periods = registry.idle_periods()
    stage = next(idleness.stages(periods={"claims": periods["claims"]}, as_of=now))
    plans, finds = [], []
    for _ in range(SAMPLES):
        began = time.perf_counter()
        assert sweeps.plan(periods=periods, now=now).to_suspend == DUE
        plans.append(time.perf_counter() - began)
        began = time.perf_counter()
        assert len(idleness.due_in(stage).order_by("idle_from").values_list("pk", flat=True)) == DUE
        finds.append(time.perf_counter() - began)
    return {"plan": p95(plans), "find": p95(finds)}


def _sweep(now) -> dict[str, float]:
    """The whole run, as the workers do it after two people released it."""
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
        run = sweeps.release(run=run, by=first, now=now)
        run = sweeps.release(run=run, by=second, now=now)
    before, most, chunks = megabytes(os.getpid()), 0.0, []
    began = last = time.perf_counter()
    for _changed in sweeps.go_on(clock=timezone.now):
        here = time.perf_counter()
        chunks.append(here - last)
        last = here
        if len(chunks) % 50 == 0:
            most = max(most, megabytes(os.getpid()))
    took = time.perf_counter() - began
    growth = max(most, megabytes(os.getpid())) - before
    run.refresh_from_db()
    assert (run.state, run.suspended) == (SweepRun.State.DONE, GRANTS)
    return {"sweep": took, "chunk": p95(chunks) * 1000, "growth": growth, "written": _written()}


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
                (kind, ids, dedupe_key, state, is_bulk, attempts, created_at, due_at, problem)
            SELECT 'rbac.AccessRestsMail',
                jsonb_build_object('account_id', account_id, 'grant', id, 'run', %(run)s::bigint),
                concat_ws(':', 'rbac.AccessRestsMail', account_id, id, %(run)s::bigint), 'waiting', true, 0, %(now)s, %(now)s, ''
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
        OutboxMessage.objects.filter(kind="rbac.AccessRestsMail").count(),
    ]


if __name__ == "__main__":
    main()
