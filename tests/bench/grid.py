"""The grid: one check beside a bare look-up in a dictionary and beside django-guardian; a publication for many people;
explanations of random days, asked again.

`python -m tests.bench.grid checks` prints JSON, in a process of its own beside a database of its own.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from timeit import repeat

from tests.bench.result import Result
from tests.bench.stack import Stack

PEOPLE = int(os.environ.get("BENCH_GRID_PEOPLE", "200000"))  # with a role of the grid and a sign-on
QUESTIONS = int(os.environ.get("BENCH_EXPLANATIONS", "10000"))
CHECKS = 20_000  # of a turn: short ones, so that the best of many met no neighbor
CHECK_TURNS, TURNS = 40, 5
NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LOST = ("billing_specialist", "", "curo")


def measure(stack: Stack) -> list[Result]:
    """The goals are those of the design: 1 microsecond and 4 look-ups a check, 3 s a preview, 2 bare UPDATEs."""
    found: dict[str, float] = {}
    for part in ("checks", "publication", "explanations"):  # a database each
        told = stack.run(stack.production(f"grid_{part}"), "tests.bench.grid", part)
        found |= json.loads(told.strip().split("\n")[-1])
    check, look_up, guardian = (found[name] for name in ("check", "look_up", "guardian"))
    return [
        Result.beside("grid: a check beside a bare dictionary", "ns", check * 1e9, look_up * 1e9, 4),
        Result.absolute("grid: a check", "us", check * 1e6, 1),
        Result.beside("grid: a check beside guardian", "us", check * 1e6, guardian * 1e6, 0.01),
        Result.absolute(f"grid: preview for {PEOPLE:,} people", "s", found["preview"], 3),
        Result.beside("grid: ending sign-ons beside one bare UPDATE", "s", found["ending"], found["update"], 2),
        Result.absolute(f"grid: {QUESTIONS:,} explanations that differ", "answers", found["different"], 0),
    ]


def main() -> None:
    import django

    django.setup()
    parts = {"checks": _checks, "publication": _publication, "explanations": _explanations}
    print(json.dumps(parts[sys.argv[1]]()))


def _checks() -> dict[str, float]:
    """One check of somebody with one membership, as a page asks it: the union of their roles, then the capability."""
    from guardian.core import ObjectPermissionChecker

    from rbac.domain import grid
    from rbac.models import ApprovalQueue

    version, pairs = grid.current(now=NOW), [("front_office", "CA")]
    names = {"allowed": grid.allowed, "version": version, "pairs": pairs, "one": "curo"}
    names |= {"table": dict(version.opens), "pair": pairs[0]}
    person, queue = _staff("grid.guardian"), ApprovalQueue.objects.order_by("pk").first()
    asked = [_timed(lambda: ObjectPermissionChecker(person).has_perm("decide_requests", queue)) for _ in range(100)]
    return {
        "check": min(repeat("one in allowed(pairs, version)", globals=names, number=CHECKS, repeat=CHECK_TURNS))
        / CHECKS,
        "look_up": min(repeat("table[pair]", globals=names, number=CHECKS, repeat=CHECK_TURNS)) / CHECKS,
        "guardian": median(asked),
    }


def _publication() -> dict[str, float]:
    """A version that takes something from half of the people: its preview, and the end of their sign-ons on its day."""
    from django.db import connection

    from portals.oidc import grid_days
    from rbac.domain import grid, grid_changes, grid_versions
    from rbac.models import GridVersion

    application = _application()
    _fill(application.pk)
    held = grid.current(now=NOW)
    by, *others = (_staff(f"grid.operator.{name}") for name in ("one", "two", "three"))
    version = grid_versions.propose(
        boxes=held.cells - {LOST}, switches=(), effective_from=NOW + DAY, reason="bench", by=by, now=NOW
    )
    preview = min(_timed(lambda: grid_changes.preview(version, now=NOW)) for _ in range(TURNS))
    for other in others:
        version = grid_versions.publish(version=version, by=other, now=NOW)
    assert version.state == GridVersion.State.PUBLISHED
    bare = """
        UPDATE portals_oidcsession SET ended_at = %s WHERE application_id = %s AND ended_at IS NULL AND grant_id IN
        (SELECT grant_id FROM rbac_membership WHERE role = 'billing_specialist')
    """

    def update() -> None:
        with connection.cursor() as cursor:
            cursor.execute(bare, [NOW + DAY, application.pk])
            assert cursor.rowcount == PEOPLE // 2

    def end() -> None:
        assert grid_days.end_sign_ons(now=NOW + DAY) == PEOPLE // 2

    turns = [(_undone(update), _undone(end)) for _ in range(TURNS)]
    return {
        "preview": preview,
        "update": median(one for one, _ in turns),
        "ending": median(other for _, other in turns),
    }


def _explanations() -> dict[str, float]:
    """A simulated year, then random (person, capability, day): the test's own walk, with more questions."""
    from tests.rbac.test_time_machine import Year, replayed

    year = Year(persons=25, seed=3)
    year.run(365)
    different, foreign, _opened = replayed(year, questions=QUESTIONS)
    return {"different": different + foreign}


def _timed(call) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _undone(call) -> float:
    """How long it takes in a transaction that is taken back, so that the next turn finds the same rows."""
    from django.db import connection, transaction

    with transaction.atomic():
        spent = _timed(call)
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM portals_oidcsession")
    return spent


def _staff(name: str):
    from django.contrib.auth.models import Permission

    from tests.bench.people import make_ours

    account = make_ours("person", sum(map(ord, name)))
    account.is_staff = True
    account.save()
    account.user_permissions.add(Permission.objects.get(codename="change_grid"))
    return account


def _application():
    """One application that needs CURO, behind a portal that has the grid."""
    from dataclasses import replace

    from portals import registry
    from portals.oidc import applications
    from portals.oidc.applications import Registration

    portals = registry.portals() | {"claims": replace(registry.get("claims"), grid=True)}
    registry.portals = lambda: portals
    asked = Registration(
        key="curo", name="CURO", portal_key="claims", capability="curo",
        redirect_uris=["https://curo.example.org/callback"], after_logout_uris=[],
    )  # fmt: skip
    return applications.register(asked, by=None, now=NOW)[0]


_ROWS = """
    INSERT INTO rbac_accessgrant (account_id, portal_key, role, attributes, capabilities, since, origin, origin_key, reason)
        SELECT id, 'claims', 'user', '{{}}', '[]', %(now)s, 'form', '', '' FROM identity_account WHERE login_name LIKE 'crowd%%';
    INSERT INTO rbac_membership ({columns}, grant_id, practice_id, role, market, since, ended_with_grant, origin)
        SELECT {blanks}, id, %(practice)s, CASE WHEN id %% 2 = 0 THEN 'billing_specialist' ELSE 'front_office' END, 'CO',
            %(now)s, false, 'form' FROM rbac_accessgrant WHERE portal_key = 'claims';
    INSERT INTO portals_oidcsession (id, application_id, account_id, grant_id, session, epoch, scopes, redirect_uri, nonce,
            code_challenge, code_ends_at, authenticated_at, amr, acr, begun_at, ends_at, generation)
        SELECT gen_random_uuid(), %(application)s, account_id, id, gen_random_uuid(), 0, '[]', '', '', '', %(now)s, %(now)s,
            '[]', '', %(now)s, %(now)s + interval '2 days', 0 FROM rbac_accessgrant WHERE portal_key = 'claims';
    ANALYZE;
"""


def _fill(application: int) -> None:
    """So many people, half of them Billing Specialists, each signed on at the application."""
    from django.db import connection

    from rbac.models import Practice
    from tests.factories import people

    for _ in range(0, PEOPLE, 10_000):
        people(min(10_000, PEOPLE))
    texts = (
        "first_name", "last_name", "email", "address_1", "address_2", "city", "state", "zip", "work_phone", "origin_key",
        "reason",
    )  # fmt: skip
    sql = _ROWS.format(columns=", ".join(texts), blanks=", ".join(["''"] * len(texts)))
    practice = Practice.objects.create(name="Bench", created_at=NOW).pk
    with connection.cursor() as cursor:
        for statement in sql.split(";\n"):
            if statement.strip():
                cursor.execute(statement, {"now": NOW, "practice": practice, "application": application})


if __name__ == "__main__":
    main()
