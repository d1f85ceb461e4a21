"""What version 0.2.0 kept of grants, practices, tax IDs and answers is carried along by the migrations."""

import json
import os
import subprocess
import sys
import uuid

import pytest
from django.conf import settings
from django.db import connection

BEFORE = {"rbac": "0001_initial", "accessforms": "0002_initial"}
SCRIPT = """
import json, sys, django
django.setup()
from datetime import UTC, datetime, timedelta
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

before = json.loads(sys.argv[1])
for app, name in before.items():
    call_command("migrate", app, name, verbosity=0)
old = MigrationExecutor(connection).loader.project_state(list(before.items())).apps.get_model
NOW = datetime(2026, 11, 20, tzinfo=UTC)

def account(name):
    person = old("identity", "Person").objects.create()
    return old("identity", "Account").objects.create(
        person=person, login_name=name, login_key="ohid:" + name, email=name + "@example.org", password="!")

ana, ben, agent = account("ana"), account("ben"), account("agent")
practice = old("rbac", "Practice").objects.create
harbor, bay, empty = practice(name="Harbor"), practice(name="Bay"), practice(name="Empty")
tin = old("rbac", "PracticeTin").objects.create
ein = tin(practice=harbor, digits="954501234", kind="EIN")
ssn = tin(practice=harbor, digits="954501234", kind="SSN")
of_bay = tin(practice=bay, digits="330876543", kind="EIN")
nobodys = tin(practice=bay, digits="111223333", kind="EIN")

def grant(who, practices, tins, **facts):
    facts = {"portal_key": "claims", "since": NOW, "by": agent, "origin": "form", "origin_key": "8J3LSWSU"} | facts
    row = old("rbac", "AccessGrant").objects.create(account=who, **facts)
    row.practices.set(practices)
    row.tins.set(tins)
    return row

grant(ana, [harbor, bay, empty], [ein, of_bay], last_used_at=NOW)
grant(ben, [harbor], [ssn], until=NOW - timedelta(days=1), ended_by=agent, origin_key="9K4MTXTV")
grant(ben, [], [], portal_key="physician", by=None, origin="staff", origin_key="")
later = tin(practice=empty, digits="222334444", kind="EIN")
by_hand = grant(agent, [empty], [later], by=None, origin="legacy account", origin_key="17")
for number, hours in (("SECOND00", 2), ("FIRST000", 1)):
    old("identity", "JournalEntry").objects.create(
        at=NOW + timedelta(hours=hours), kind="rbac.GrantChanged", account=agent, by=ben,
        object_kind="rbac.accessgrant", object_id=str(by_hand.pk), facts={"portal_key": "claims", "reason": number})
answers = {"tins": [{"digits": "954501234", "kind": "SSN"}], "city": "Ñ"}
request = old("accessforms", "Submission").objects.create(
    reference="8J3LSWSU", account=ana, portal_key="claims", answers=answers,
    created_at=NOW, saved_at=NOW, state_since=NOW)
old("accessforms", "Printout").objects.create(
    submission=request, revision=1, answers=answers, created_at=NOW, due_at=NOW)

for app in before:
    call_command("migrate", app, verbosity=0)
from accessforms.models import Printout, Submission
from rbac.models import AccessGrant, Membership, PracticeTin

with connection.cursor() as cursor:
    cursor.execute("SELECT digits, key FROM rbac_practicetin")
    raw = [list(row) for row in cursor.fetchall()]
    for table in ("submission", "printout"):
        cursor.execute(f"SELECT answers FROM accessforms_{table}")
        raw += [list(row) for row in cursor.fetchall()]
    tables = connection.introspection.table_names(cursor)
print(json.dumps({
    "memberships": [
        [row.grant.account.login_name, row.practice.name, row.role, row.since.isoformat(), str(row.until),
         row.ended_with_grant, row.created_by.login_name, row.ended_by and row.ended_by.login_name, row.origin_key,
         sorted(tin.digits + tin.kind for tin in row.tins.all())]
        for row in Membership.objects.order_by("grant", "practice")],
    "tins": {row.digits + row.kind: [row.attested_by and row.attested_by.login_name, row.origin_key]
             for row in PracticeTin.objects.order_by("pk")},
    "found": PracticeTin.objects.among([("954501234", "SSN")]).get().kind,
    "answers": [Submission.objects.get().answers, Printout.objects.get().answers],
    "clear": [text for row in raw for text in row if "954501234" in text or "city" in text],
    "left": [name for name in tables if name in ("rbac_accessgrant_practices", "rbac_accessgrant_tins")],
    "grants": AccessGrant.objects.count(),
}))
"""


@pytest.fixture
def empty_database(tmp_path, django_db_blocker):
    """The address of a database of the engine that the tests run on, with nothing in it."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/old.sqlite3"
        return
    name = f"carried_{uuid.uuid4().hex[:8]}"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    base, _slash, _name = os.environ["DATABASE_URL"].rpartition("/")
    yield f"{base}/{name}"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.postgres
def test_rows_of_version_0_2_0_are_carried_along(empty_database):
    """The form, who gave it, since when, until when; approved tax IDs are attested (D-25), and nothing lies in clear."""
    told = {**os.environ, "DATABASE_URL": empty_database, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(BEFORE)],
        cwd=settings.BASE_DIR, env=told, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    since, ended = "2026-11-20T00:00:00+00:00", "2026-11-20 00:00:00+00:00"
    assert found["memberships"] == [
        ["ana", "Harbor", "user", since, "None", False, "agent", None, "8J3LSWSU", ["954501234EIN"]],
        ["ana", "Bay", "user", since, "None", False, "agent", None, "8J3LSWSU", ["330876543EIN"]],
        ["ana", "Empty", "user", since, "None", False, "agent", None, "8J3LSWSU", []],
        # A row whose end lay before its beginning ends at its beginning.
        ["ben", "Harbor", "user", since, ended, True, "agent", "agent", "9K4MTXTV", ["954501234SSN"]],
        # Access that came of an old account; the first form that added a tax ID is in the journal.
        [
            "agent",
            "Empty",
            "user",
            "2026-11-20T01:00:00+00:00",
            "None",
            False,
            "ben",
            None,
            "FIRST000",
            ["222334444EIN"],
        ],
    ]
    assert found["tins"] == {
        "954501234EIN": ["agent", "8J3LSWSU"], "954501234SSN": ["agent", "9K4MTXTV"],
        "330876543EIN": ["agent", "8J3LSWSU"], "111223333EIN": [None, ""], "222334444EIN": ["ben", "FIRST000"],
    }  # fmt: skip
    assert found["found"] == "SSN"
    assert found["answers"] == [{"tins": [{"digits": "954501234", "kind": "SSN"}], "city": "Ñ"}] * 2
    assert (found["clear"], found["left"], found["grants"]) == ([], [], 4)
