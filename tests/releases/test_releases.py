"""What a release had stored is there after today's migrations: on SQLite, and on PostgreSQL when the suite runs there
(rooms, section 2: from version 0.2.0 on later changes carry rows along)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from accessforms.models import Submission
from config.demo.people import PASSWORD, PEOPLE
from enrollment.models import Invitation
from identity.keys.fields import keyed_hash
from identity.models import Account, JournalEntry, OutboxMessage, PhoneDevice, SearchTerm, Ticket
from identity.record import journal, outbox
from portals.models import LegacyAccount
from rbac.models import AccessGrant, Membership, PracticeTin

HERE = Path(__file__).parent
# The demo's people of today who are in each release's dump already.
CAST = {
    folder.name: [person for person in PEOPLE if f"'{person.login_name}'" in (folder / "sqlite.sql").read_text()]
    for folder in HERE.iterdir()
    if (folder / "sqlite.sql").exists()
}
RELEASES = sorted(CAST)
# Tables that a later migration took away, and the table that keeps their rows since.
MOVED: dict[str, str] = {
    "enrollment_staffinvitation": "enrollment_invitation",
    "rbac_accessgrant_practices": "rbac_membership",
    "rbac_accessgrant_tins": "rbac_membership_tins",
}


@pytest.fixture(scope="module", params=RELEASES)
def before(request, django_db_blocker, tmp_path_factory) -> Iterator[dict[str, int]]:
    """Rows by table as the release had them; the database of the connection holds them, after today's migrations."""
    with django_db_blocker.unblock(), fresh_database(tmp_path_factory.mktemp("kept") / "kept.sqlite3"):
        load((HERE / request.param / f"{connection.vendor}.sql").read_text())
        counts = rows()
        call_command("migrate", verbosity=0, interactive=False)
        yield counts


@contextmanager
def fresh_database(file: Path) -> Iterator[None]:
    """The connection stands on an empty database of its own, and goes back afterwards."""
    name, kept = connection.settings_dict["NAME"], f"kept_{uuid4().hex[:12]}"
    connection.close()
    if connection.vendor == "postgresql":
        run_beside(f"CREATE DATABASE {kept}")
    connection.settings_dict["NAME"] = kept if connection.vendor == "postgresql" else str(file)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        ContentType.objects.clear_cache()
        if connection.vendor == "postgresql":
            run_beside(f"DROP DATABASE {kept}")


def run_beside(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def load(sql: str) -> None:
    """As the driver reads it: Django's cursor takes one statement at a time."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        connection.connection.executescript(f"PRAGMA foreign_keys = OFF; {sql}")
    else:
        connection.connection.execute(sql)
    connection.close()  # the file sets the search path of its connection
    ContentType.objects.clear_cache()


def rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        counts = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            counts[table] = cursor.fetchone()[0]
    return counts


def test_no_table_loses_a_row(before):
    now = rows()
    lost = {table: count for table, count in before.items() if now.get(MOVED.get(table, table), 0) < count}
    assert lost == {}
    assert min(before[table] for table in ("identity_account", "identity_journalentry", "rbac_accessgrant")) >= 10


def test_a_table_that_moved_is_no_longer_there(before):
    assert [table for table in MOVED if table in rows()] == []


def test_the_schema_is_what_the_models_say(before):
    """Every column can be read, of every row."""
    for model in apps.get_models():
        list(model._default_manager.all())


@pytest.fixture
def cast(request):
    """The people of the release that the test is about."""
    people = CAST[request.node.callspec.params["before"]]
    assert len(people) > 10
    return people


def test_everybody_signs_in_with_the_same_name_and_password(before, cast):
    for person in cast:
        account = Account.objects.get(realm=person.realm, login_name=person.login_name)
        assert (account.first_name, account.email) == (person.first_name, person.email or account.email)
        assert check_password(PASSWORD, account.password)


def test_what_lies_encrypted_can_be_read_and_found(before, cast):
    for person in cast:
        numbers = {device.number for device in PhoneDevice.objects.filter(user__login_name=person.login_name)}
        assert numbers == ({person.phone} - {""})
    found = PhoneDevice.objects.get(number_key=keyed_hash("phone", cast[0].phone))
    assert found.user.login_name == cast[0].login_name


def test_words_and_tickets_belong_to_the_realm_of_their_account(before):
    """D-28: staff of a small realm read its rows alone."""
    assert SearchTerm.objects.exists()
    assert not SearchTerm.objects.exclude(realm=F("account__realm")).exists()
    assert not Ticket.objects.filter(queue="", account__isnull=False).exclude(realm=F("account__realm")).exists()
    assert not Ticket.objects.filter(Q(account=None) | ~Q(queue="")).exclude(realm="").exists()


def test_access_is_as_it_was(before, cast):
    """Who could enter can, who rested rests; what a form opened says so, and its tax ID stands."""
    current = {(grant.account.login_name, grant.portal_key) for grant in AccessGrant.objects.current()}
    assert {(person.login_name, key) for person in cast for key in person.portals} <= current
    assert AccessGrant.objects.resting().get().account.login_name == "ivan.rest"
    opened = AccessGrant.objects.get(account__login_name="joan.smith")
    assert (opened.origin, opened.by.login_name, len(opened.origin_key)) == ("form", "desk.one", 8)


def test_practices_and_tax_ids_are_as_they_were(before):
    """What forms opened (joan.smith) and added to (grace.lin); C11: digits and kind; D-25: what a form opened, staff had
    checked."""
    numbers = {("954501234", "EIN"), ("330876543", "EIN")}
    assert {(tin.digits, tin.kind) for tin in PracticeTin.objects.among(numbers).attested()} == numbers
    assert PracticeTin.objects.count() == len(numbers)
    for login_name in ("joan.smith", "grace.lin"):
        grant = AccessGrant.objects.get(account__login_name=login_name, portal_key="claims")
        membership = grant.memberships.get()
        assert (membership.practice.name, membership.origin) == ("Harbor Family Medicine", "form")
        assert {(tin.digits, tin.kind) for tin in membership.tins.all()} == numbers
        assert {tin.attested_by.login_name for tin in membership.tins.all()} == {"desk.one"}, (
            "D-25: staff approved them"
        )
        assert Membership.objects.open_at(timezone.now()).contains(membership)


def test_requests_keep_their_answers_and_their_state(before):
    kept_rows = {(one.account.login_name, one.portal_key, one.state): one for one in Submission.objects.all()}
    states = {"draft", "submitted", "fax received", "returned", "approved", "denied", "withdrawn", "expired"}
    assert {state for _name, _portal, state in kept_rows} == states
    assert kept_rows["paul.aged", "claims", "approved"].answers["contact_name"] == "Paul Nguyen"
    assert kept_rows["joan.smith", "claims", "approved"].outcomes == [
        {"name": "Joan Smith", "result": "given", "own": True}
    ]


def test_tickets_keep_their_words(before):
    asked = Ticket.objects.get(account__login_name="nina.cole")
    answered = Ticket.objects.get(account__login_name="paul.aged")
    assert [one.text for one in asked.messages.all()] == ["I need Physician too. Who can give it to me?"]
    said = [(one.text, one.author.login_name, one.is_staff) for one in answered.messages.order_by("pk")]
    assert said == [("Is this the right ID?", "paul.aged", False), ("Yes, it is.", "desk.one", True)]
    assert answered.status == "closed"


def test_invitations_of_staff_wait_or_were_used(before):
    waits = Invitation.objects.get(state="sent")
    assert (waits.email, waits.kind) == ("new.agent@example.org", "staff")
    assert Invitation.objects.filter(state="accepted").count() == 4


def test_old_accounts_and_their_links_stand(before):
    linked = LegacyAccount.objects.get(source="trucase", login_name="tbaker.old")
    assert linked.account.login_name == "tess.baker"
    assert LegacyAccount.objects.count() == 5


def test_every_stored_kind_is_known(before):
    assert set(JournalEntry.objects.values_list("kind", flat=True)) <= set(journal.KINDS)
    assert set(OutboxMessage.objects.values_list("kind", flat=True)) <= set(outbox.KINDS)
