"""`python -m tests.releases.keep`: what this version stores of the demo, as SQL for SQLite and for PostgreSQL, in a folder
named for the version. Run once a release (docs/operations.md); every later version's migrations are tried on it.

The keys are the tests', so that what lies encrypted can be read; the people are the demo's. PostgreSQL's `pg_dump` writes
one INSERT for many rows, so that the file needs no program of its own to be read again.
"""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
import warnings
from contextlib import closing
from pathlib import Path

from tests import services

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Private keys do not belong into a repository, not even those of a trial.
LEFT_OUT = ("portals_signingkey",)


def main() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    folder = HERE / version
    if folder.exists():
        sys.exit(f"{folder} is there: what a release had stored does not change any more.")
    with services.redis() as redis, tempfile.TemporaryDirectory() as scratch, services.cluster() as cluster:
        database = Path(scratch) / "kept.sqlite3"
        for address in (f"sqlite:///{database}", cluster.url):
            _fill(address, redis)
        texts = {"sqlite": _from_sqlite(database), "postgresql": _from_postgresql(services.dump(cluster.url))}
    folder.mkdir()
    for vendor, text in texts.items():
        (folder / f"{vendor}.sql").write_text(text)


def _fill(database: str, redis: str) -> None:
    """In a process of its own: Django's settings name one database."""
    named = {"DATABASE_URL": database, "REDIS_URL": redis, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    subprocess.run([sys.executable, "-m", "tests.releases.keep", "fill"], cwd=ROOT, env=os.environ | named, check=True)


def _from_sqlite(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def _from_postgresql(text: str) -> str:
    """Without comments, and without what only psql understands."""
    return re.sub(r"\n{2,}", "\n", re.sub(r"(?m)^(--.*|\\.*|)$", "", text)).lstrip()


def fill() -> None:
    """Tables, the demo's people, and what the demo itself lacks."""
    import django

    warnings.simplefilter("ignore")
    django.setup()

    from django.core.management import call_command
    from django.db import connection

    from config.demo import people, sample

    call_command("migrate", verbosity=0, interactive=False)
    people.seed()
    with tempfile.TemporaryDirectory() as scratch:
        sample.register(port=8001, secret_file=Path(scratch) / "secret")
    _decide_and_answer()
    with connection.cursor() as cursor:
        for table in LEFT_OUT:
            cursor.execute(f"DELETE FROM {table}")


def _decide_and_answer() -> None:
    """Access that forms opened and widened, with tax IDs; an answered ticket; an invitation that waits."""
    from django.utils import timezone

    from accessforms.domain import submissions
    from config.demo.answers import CLAIMS_ANSWERS
    from enrollment.domain import invitations
    from enrollment.domain.invitations import Invitee
    from enrollment.models import Kind
    from identity.models import Account, Ticket
    from identity.notices import tickets

    now, desk = timezone.now(), Account.objects.get(login_name="desk.one")
    joan, paul, grace = (Account.objects.get(login_name=name) for name in ("joan.smith", "paul.aged", "grace.lin"))
    answers = CLAIMS_ANSWERS | {"request_type": "new", "user_name": "Joan Smith", "user_email": joan.email}
    draft = submissions.draft_of(account=joan, portal_key="claims", now=now)
    draft = submissions.save_answers(submission=draft, answers=answers, is_complete=True, now=now)
    asked = submissions.submit(submission=draft, seen_version=draft.version, by=joan, now=now)
    for request in (asked, grace.submissions.get(portal_key="claims")):
        for step in ("fax received", "approved"):
            submissions.decide(submission=request, to=step, by=desk, now=now, seen_version=request.version)
            request.refresh_from_db()
    ticket = tickets.open(account=paul, topic=Ticket.Topic.OTHER, text="Is this the right ID?", by=paul, now=now)
    tickets.close(ticket=tickets.take(ticket=ticket, by=desk, now=now), answer="Yes, it is.", by=desk, now=now)
    invitee = Invitee(email="new.agent@example.org")
    invitations.invite(kind=Kind.STAFF, invitee=invitee, role="service desk", portals=("claims",), by=None, now=now)


if __name__ == "__main__":
    fill() if sys.argv[1:] == ["fill"] else main()
