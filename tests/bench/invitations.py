"""Accepting invitations: account, grant, membership, events and mails in one transaction each, beside a bare INSERT.

Both in turns, in one process under production settings; PostgreSQL is counted to both. The hash of a password is none of
it: it is made before. `python -m tests.bench.invitations PID` (PostgreSQL's) prints JSON.
"""

import json
import os
import sys
from collections.abc import Callable

from tests.bench.processes import in_turns
from tests.bench.result import Result
from tests.bench.stack import Stack

ACCEPTED = int(os.environ.get("BENCH_INVITATIONS", "500"))
TURNS = 10 if ACCEPTED >= 100 else 1
OF_BARE, OF_BARE_WALL = 0.005, 0.003  # the least of what one INSERT does a second; an acceptance is 60 statements
PORTAL = "provider-online"


def measure(stack: Stack) -> list[Result]:
    """Acceptances a second of processor time, and a second."""
    postgres, _redis = stack.shared_processes()
    printed = stack.run(stack.production("invitations"), "tests.bench.invitations", str(postgres))
    found = json.loads(printed.strip().split("\n")[-1])
    cpu, bare_cpu = (found["accepted"] / found[who]["cpu"] for who in ("ours", "bare"))
    wall, bare_wall = (found["accepted"] / found[who]["wall"] for who in ("ours", "bare"))
    return [
        Result.beside("accepting beside an INSERT, of one core", "/s", cpu, bare_cpu, OF_BARE, at_least=True),
        Result.beside("accepting beside an INSERT", "/s", wall, bare_wall, OF_BARE_WALL, at_least=True),
    ]


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, name text, ids jsonb, written_at timestamptz)")
    chunk = max(ACCEPTED // TURNS, 1)
    ways: dict[str, Callable[[range], None]] = {"bare": _bare(), "ours": _ours(chunk * TURNS)}
    print(
        json.dumps({"accepted": TURNS * chunk, **in_turns(ways, turns=TURNS, chunk=chunk, postgres=int(sys.argv[1]))})
    )


def _bare() -> Callable[[range], None]:
    from django.db import connection

    def insert(numbers: range) -> None:
        for number in numbers:
            with connection.cursor() as cursor:
                ids = json.dumps({"number": number})
                cursor.execute("INSERT INTO bare (name, ids, written_at) VALUES (%s, %s, now())", ["x", ids])

    return insert


def _ours(count: int) -> Callable[[range], None]:
    """Invitations and codes are there before the clock runs: `count` of them, and the one of the warm-up."""
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from enrollment.domain import acceptance, invitations
    from enrollment.domain.invitations import Invitee
    from enrollment.models import Kind
    from identity.accounts.accounts import SignUp
    from identity.record import outbox
    from rbac.models import Practice

    outbox.QUEUE.nudge = lambda: None  # mails are measured by themselves
    now, no_password = timezone.now(), make_password(None)
    waiting = {}
    for number in range(-1, count):
        if number % 40 in (0, 39):  # of one practice fifty a day
            practice = Practice.objects.create(name=f"Practice {number}")
        invitee = Invitee(email=f"p{number}@x.invalid", first_name="Ana", last_name="Núñez")
        row = invitations.invite(
            kind=Kind.OFFICE_USER, invitee=invitee, portal_key=PORTAL, practice=practice, role="user", by=None, now=now
        )
        waiting[number] = row, acceptance.send_code(invitation=row, account=None, now=now)

    def accept(numbers: range) -> None:
        for number in numbers:
            row, proof = waiting[number]
            sign_up = SignUp(PORTAL, f"p{number}", "Ana", "Núñez", None, row.email, "", "", "en")
            acceptance.accept_as_new(
                invitation=row, sign_up=sign_up, password_hash=no_password, proof=proof, now=timezone.now()
            )

    return accept


if __name__ == "__main__":
    main()
