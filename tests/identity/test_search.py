"""What the desk finds people and requests by, who keeps it, and that an index is read (item 5, T13, walk A6 to A8)."""

import ast
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection, transaction

from accessforms.domain import search as requests
from accessforms.domain import submissions
from accessforms.models import Submission, SubmissionTerm
from enrollment.domain import acceptance
from identity.accounts import accounts, addresses, emails, profiles
from identity.accounts.accounts import SignUp
from identity.governance import securing, sign_ups
from identity.merging import merges
from identity.models import Account, FactorReset, Person, PhoneDevice, SearchTerm, SecurityAlert, Ticket
from identity.notices import tickets
from identity.record import events, journal, search
from portals.legacy import links, unlinkings
from portals.models import LegacyAccount
from rbac.domain import grants, practices
from rbac.models import Origin, Practice, PracticeTin
from tests.conftest import make_staff
from tests.factories import ANSWERS, NOW, PASSWORD, AccountFactory, LegacyAccountFactory, SubmissionFactory
from tests.steps.invitations import PORTAL, user_invited
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/identity/account/"
QUEUE = "/admin/accessforms/submission/"


def person(login_name: str, first: str, last: str, phone: str = "", realm: str = "ohid") -> Account:
    """As somebody signs up."""
    sign_up = SignUp(realm, login_name, first, last, 1980, f"{login_name}@example.org", PASSWORD, phone, "en")
    account = accounts.create(sign_up=sign_up, now=NOW)
    account.emailaddress_set.update(verified=True)
    return account


def found(typed: str) -> set[str]:
    return set(Account.objects.filter(pk__in=search.accounts(typed)).values_list("login_name", flat=True))


@pytest.fixture
def town():
    """The people and forms of inputs/t13_desk_search.json, and others who must not be found with them."""
    person("maria.alvarez", "María", "Álvarez Núñez", "+13105550111")
    person("kim", "Kim", "O'Neill", "+14145550117", realm="provider-online")
    person("tom.becker", "Tom", "Becker", "+13105550112")
    person("grace.lin", "Grace", "Lin", "+13105550113")
    person("ian", "Ian", "O'Hara")
    person("maria.other", "Maria", "Silva")
    person("thomas", "Thomas", "Beckerman")
    person("linda", "Linda", "Graceland")
    for login_name, portal, reference in (("grace.lin", "claims", "BR432WJG"), ("tom.becker", "physician", "8J3LSWSU")):
        account = Account.objects.get(login_name=login_name)
        form = SubmissionFactory(account=account, portal_key=portal, reference=reference, submitted=True)
        assert form.state == "submitted"


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        # "find" and "find nothing" of the case, and walk A8
        ("Álvarez", {"maria.alvarez"}), ("maria.alvarez", {"maria.alvarez"}), ("O'Neill", {"kim"}),
        ("becker", {"tom.becker", "thomas"}), ("Alvarez", {"maria.alvarez"}), ("alvarez", {"maria.alvarez"}),
        ("Nunez", {"maria.alvarez"}), ("Núñez", {"maria.alvarez"}), ("Maria Alvarez", {"maria.alvarez"}),
        ("Tom Becker", {"tom.becker"}), ("O’Neill", {"kim"}), ("310-555-0111", {"maria.alvarez"}),
        ("+13105550111", {"maria.alvarez"}), ("maria a", {"maria.alvarez"}), ("ohara", {"ian"}),
        # their kin
        ("o hara", {"ian"}), ("O'HARA ian", {"ian"}), ("Núñez, María", {"maria.alvarez"}),
        ("alvarez  nunez\u00a0maria", {"maria.alvarez"}), ("alvareznunez", {"maria.alvarez"}),
        ("A\u0301lvarez", {"maria.alvarez"}), ("(310) 555 0111", {"maria.alvarez"}), ("1 310 555 0111", {"maria.alvarez"}),
        ("310.555.0111", {"maria.alvarez"}), ("３１０５５５０１１１", {"maria.alvarez"}),
        ("MARIA.ALVAREZ@EXAMPLE.ORG", {"maria.alvarez"}), ("maria.alvarez@", {"maria.alvarez"}),
        ("maria", {"maria.alvarez", "maria.other"}), ("maria becker", set()), ("lvarez", set()),
        ("310-555-0199", set()), ("555-0111", set()), ("!!!", set()), ("", set()), ("%", set()), ("a" * 5000, set()),
        ("maria " * 500, {"maria.alvarez", "maria.other"}),
    ],
)  # fmt: skip
def test_the_desk_finds_people_as_callers_say_them(town, typed, who):
    """T13, A8: full names in any order, accents and apostrophes as they come, the phone they call from."""
    assert found(typed) == who


def test_signs_that_a_database_reads_as_anything_are_letters_here(db):
    """An underscore and a percent sign stand for no other letter, and for none in front or in between."""
    for login_name in ("john_doe", "johnadoe", "johnbdoe", "50abc", "500"):
        person(login_name, "Sam", f"Last{login_name.replace('_', 'x')}")
    assert found("john_doe") == {"john_doe"}
    assert found("john_doe@example.org") == {"john_doe"}
    assert found("%doe") == found("doe")
    assert found("john%doe") == found("john doe")
    assert found("johna_oe") == found("j%nadoe") == found("%adoe") == found("_") == found("%%") == set()
    assert found("50abc@exam_le.org") == found("50abc@%") - {"50abc"} == set()


@pytest.mark.parametrize(
    ("typed", "which"),
    [
        ("BR432WJG", "BR432WJG"), ("br432wjg", "BR432WJG"), ("grace.lin", "BR432WJG"), ("BR43 2WJG", "BR432WJG"),
        ("BR43-2WJG", "BR432WJG"), ("Grace Lin", "BR432WJG"), ("lin grace", "BR432WJG"), ("lin", "BR432WJG"),
        ("Harbor Family Medicine", "BR432WJG"), ("harbor medicine lin", "BR432WJG"), ("Ruth Adeyemi", "BR432WJG"),
        ("95-4501234", "BR432WJG"), ("954501234", "BR432WJG"), ("33 0876543", "BR432WJG"), ("3105550113", "BR432WJG"),
        ("1234567893", "8J3LSWSU"), ("8 J 3 L S W S U", "8J3LSWSU"), ("8j3l swsu", "8J3LSWSU"),
        ("8J3L-SWSU", "8J3LSWSU"), ("8J3L5W5U", "8J3LSWSU"), ("BJ3L5W5U", "8J3LSWSU"), ("8JE1SWSU", ""),
        ("8J3ISWSU", "8J3LSWSU"), ("amelie o'connor", "8J3LSWSU"), ("becker associates", "8J3LSWSU"),
        ("aoconnor", "8J3LSWSU"), ("a.oconnor@example.org", "8J3LSWSU"), ("954501235", ""), ("Harbor Beckerman", ""),
    ],
)  # fmt: skip
def test_the_desk_finds_requests_as_callers_say_them(town, agent, typed, which):
    """T13, A7: the reference read out in groups and with look-alikes, names on the form, tax ID, NPI."""
    page = signed_in(agent, verified=True).get(QUEUE, {"q": typed}).content.decode()
    assert {one for one in ("BR432WJG", "8J3LSWSU") if f">{one}</a>" in page} == ({which} if which else set())


@pytest.mark.parametrize("state", [state for state in Submission.State.values if state != "draft"])
def test_a_search_looks_in_every_state(town, agent, state):
    """A6: an approved form is found by its reference; a filter that was chosen holds."""
    Submission.objects.filter(reference="8J3LSWSU").update(state=state)
    desk = signed_in(agent, verified=True)
    assert ">8J3LSWSU</a>" in desk.get(QUEUE, {"q": "8J3LSWSU"}).content.decode()
    chosen = desk.get(QUEUE, {"q": "8J3LSWSU", "work": "open"}).content.decode()
    assert (">8J3LSWSU</a>" in chosen) == (state in ("submitted", "fax received", "returned"))


def test_other_lists_find_the_same_people(town, agent, operator):
    """One search everywhere: tickets by number in groups, grants by reference, journal, resets, merges, untyings."""
    maria = Account.objects.get(login_name="maria.alvarez")
    ticket = tickets.open(account=maria, topic=Ticket.Topic.OTHER, text="help", by=maria, now=NOW)
    grants.give(account=maria, portal_key="claims", origin=Origin.FORM, origin_key="8J3LSWSU", by=None, now=NOW)
    desk = signed_in(agent, verified=True)
    letters = ticket.number.removeprefix("T-").replace("-", "")
    for typed in (ticket.number, ticket.number.lower(), letters, " ".join(letters), "nunez maria", "310 555 0111"):
        assert ticket.number in desk.get("/admin/identity/ticket/", {"q": typed}).content.decode(), typed
    assert ticket.number not in desk.get("/admin/identity/ticket/", {"q": "becker"}).content.decode()
    for typed in ("8J3L 5W5U", "alvarez"):
        assert ">maria.alvarez</a>" in desk.get("/admin/rbac/accessgrant/", {"q": typed}).content.decode(), typed
    FactorReset.objects.create(account=maria, state="started", reason="x", started_by=agent, started_at=NOW)
    for path in ("identity/factorreset", "identity/journalentry", "identity/signature"):
        answer = signed_in(operator, verified=True).get(f"/admin/{path}/", {"q": "Núñez"})
        assert answer.status_code == 200
        assert "maria.alvarez" in answer.content.decode(), path


# --- who keeps it ---------------------------------------------------------------------------------------------------
def is_kept() -> bool:
    """Every account's rows say what it is found by now."""
    held: dict[int, set[bytes]] = {key: set() for key in Account.objects.values_list("pk", flat=True)}
    for key, term in SearchTerm.objects.values_list("account", "term"):
        held[key].add(bytes(term))
    return held == {key: search.terms_of(key) for key in held}


def test_every_writer_of_names_keeps_what_people_are_found_by(inbox, settings):
    """Item 5: sign-up, name, ID, address, second address, removal, merge and its undo, "this was not me", old accounts,
    practices: after each, the index is what the tables say."""
    one = person("zoe.first", "Zoë", "Ñandú")
    assert found("nandu zoe") == {"zoe.first"}
    profiles.rename(account=one, first_name="Zora", last_name="Neu", seen=one.profile_version, now=NOW)
    assert is_kept()
    assert (found("neu zora"), found("nandu")) == ({"zoe.first"}, set())
    profiles.change_login_name(account=one, login_name="zora.neu", seen=one.profile_version, now=NOW)
    assert is_kept()
    addresses_of(one)
    assert is_kept()
    tins = practices.of_tins(name="Núcleo Médico", tins=[("123456789", "EIN")], now=NOW)
    grant = grants.give(
        account=one,
        portal_key="claims",
        attributes={},
        tins=tins,
        origin=Origin.STAFF,
        reason="x",
        by=None,
        now=NOW,
    )
    assert is_kept()
    assert found("nucleo medico") == found("12-3456789") == {"zora.neu"}
    more = practices.of_tins(name="Segunda Casa", tins=[("987654321", "EIN")], now=NOW)
    grants.change(grant=grant, reason="y", by=None, now=NOW, tins=more)
    assert is_kept()
    assert found("segunda casa") == found("98-7654321") == {"zora.neu"}
    two = person("second.id", "Zora", "Neu")
    merge_and_back(one, two)
    tie_and_back(one)
    assert is_kept()


def addresses_of(one: Account) -> None:
    """A second address, made the first, and the old one removed."""
    row = EmailAddress.objects.create(user=one, email="zora@neu.example", verified=True, primary=False)
    addresses.make_primary(row=row, now=NOW)
    one.refresh_from_db()
    assert found("zora@neu.example") == {"zora.neu"}
    old = EmailAddress.objects.get(user=one, primary=False)
    addresses.remove(row=old, now=NOW)
    assert is_kept()
    assert found("zoe.first@example.org") == set()
    alert = SecurityAlert.objects.filter(account=one, kind=SecurityAlert.Kind.NAME_CHANGED).get()
    assert alert.what == "zoe.first"


def merge_and_back(one: Account, two: Account) -> None:
    proof = merges.prove(own=one, other=two, method="phone", now=NOW)
    choices = {clash.key: one.pk for clash in merges.clashes(one, two)}
    merge = merges.merge(survivor=one, absorbed=two, choices=choices, proof=proof, by=one, now=NOW)
    assert is_kept()
    assert "zora.neu" in found("second.id@example.org"), "its address came along"
    merges.undo(merge=merge, by=one, now=NOW)
    assert is_kept()
    assert found("second.id@example.org") == {"second.id"}


def tie_and_back(one: Account) -> None:
    old = LegacyAccountFactory(login_name="zneu.old", account=one, linked_at=NOW, linked_by="final log-in")
    search.refresh(one)
    assert found("zneu.old") == {"zora.neu"}
    first, second = (make_staff(name, "service desk") for name in ("unlinking.one", "unlinking.two"))
    unlinking = unlinkings.ask(legacy=old, reason="x", by=first, now=NOW)
    unlinkings.do(unlinking=unlinking, by=second, now=NOW)
    assert is_kept()
    assert found("zneu.old") == set()


WRITERS = {
    # modules that write what people are found by, and the test that walks them
    "identity/accounts/accounts.py": "sign-up",
    "identity/accounts/addresses.py": "addresses_of",
    "identity/accounts/emails.py": "test_an_address_changed_before_it_was_proved_is_found",
    "identity/merging/merges.py": "merge_and_back",
    "identity/accounts/profiles.py": "rename, change_login_name",
    "identity/governance/sign_ups.py": "test_a_sign_up_that_came_to_nothing_is_not_found",
    "identity/governance/securing.py": "test_what_this_was_not_me_brings_back_is_found",
    "portals/legacy/first_sign_ins.py": "tests/portals/test_first_sign_in.py",
    "portals/legacy/legacy_rows.py": "an import: of people who are tied to nobody yet",
    "portals/legacy/links.py": "tests/portals/test_links.py",
    "portals/legacy/unlinkings.py": "tie_and_back",
    "rbac/domain/grants.py": "grants.give",
    "rbac/domain/practices.py": "grants.give",
}


def test_no_other_module_writes_what_people_are_found_by():
    """Item 5: a new writer of a name, address, old account or practice is walked above too."""
    columns = {"first_name", "last_name", "login_name", "login_key", "email"}
    tables = {"Account", "EmailAddress", "LegacyAccount", "Practice", "PracticeTin"}
    writers = set()
    root = Path(settings.BASE_DIR)
    for path in sorted(root.glob("*/domain/**/*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                of = {node.id for node in ast.walk(call.func) if isinstance(node, ast.Name)}
                names = {keyword.arg for keyword in call.keywords}
                makes = call.func.attr in ("create", "bulk_create", "get_or_create") and of & tables
                changes = call.func.attr == "update" and names & columns and of & (tables | {"rows", "waiting"})
                ties = call.func.attr == "update" and "account" in names
                if makes or changes or ties or (call.func.attr == "set" and "practices" in ast.dump(call.func)):
                    writers.add(str(path.relative_to(root)))
    assert writers <= WRITERS.keys(), "record an event that identity.record.search knows, and walk it in this file"


def test_an_address_changed_before_it_was_proved_is_found(inbox):
    sign_up = SignUp("ohid", "new.one", "Ada", "Neu", 1980, "typo@example.org", PASSWORD, "", "en")
    account = accounts.create(sign_up=sign_up, now=NOW)
    emails.change_unverified(account=account, address="right@example.org", tenant="", now=NOW)
    assert is_kept()
    assert found("right@example.org") == {"new.one"}
    assert found("typo@example.org") == set()


@pytest.mark.parametrize("facts", [{}, {"address": False}, {"first_name": "Mary Ann", "last_name": "O'Hara-Núñez"}])
def test_an_account_of_the_factory_is_found_as_one_that_signed_up(facts):
    """The factory writes the rows itself, in one statement: these are what the product would keep."""
    account = AccountFactory(**facts)
    assert {bytes(row.term) for row in SearchTerm.objects.filter(account=account)} == search.terms_of(account.pk)


def test_a_sign_up_that_came_to_nothing_is_not_found(inbox):
    sign_up = SignUp("ohid", "new.one", "Ada", "Neu", 1980, "new@example.org", PASSWORD, "", "en")
    account = accounts.create(sign_up=sign_up, now=NOW)
    assert found("neu") == {"new.one"}
    sign_ups.give_up(account=account, now=NOW)
    assert is_kept()
    assert found("neu") == found("new@example.org") == set()


def test_what_this_was_not_me_brings_back_is_found(inbox):
    one = person("was.mine", "Ada", "Alt")
    profiles.change_login_name(account=one, login_name="thiefs.name", seen=one.profile_version, now=NOW)
    assert found("thiefs.name") == {"thiefs.name"}
    alert = SecurityAlert.objects.get(account=one, kind=SecurityAlert.Kind.NAME_CHANGED)
    securing.secure(alert=alert, now=NOW)
    assert is_kept()
    assert found("was.mine") == {"was.mine"}


def test_a_tied_old_account_is_found_by_its_old_name(inbox):
    """Walk A8: a caller says the name of the old system."""
    one = person("joan.smith", "Joan", "Smith")
    legacy = LegacyAccountFactory(login_name="jsmith.old")
    assert found("jsmith.old") == set()
    LegacyAccount.objects.filter(pk=legacy.pk).update(account=one, linked_at=NOW, linked_by=links.Way.FINAL_LOG_IN)
    search.refresh(one)
    assert found("jsmith.old") == {"joan.smith"}


def test_a_form_is_found_by_what_it_says_now(town):
    """Returned, corrected and sent again: the old words are gone."""
    form = Submission.objects.get(reference="BR432WJG")
    Submission.objects.filter(pk=form.pk).update(state="returned")
    form.refresh_from_db()
    answers = ANSWERS["claims"] | {
        "practice_name": "Bayside Pediatrics",
        "tins": [{"digits": "111222333", "kind": "EIN"}],
    }
    submissions.save_answers(submission=form, answers=answers, is_complete=True, now=NOW)
    submissions.submit(submission=form, seen_version=form.version, by=form.account, now=NOW)

    def refs(typed):
        matching = requests.matching(typed, people=search.accounts(typed), portals=["claims", "physician"])
        first, *others = [one.values("reference") for one in matching]
        return {row["reference"] for row in first.union(*others)}

    assert refs("bayside") == refs("11-1222333") == {"BR432WJG"}
    assert refs("harbor") == refs("95-4501234") == set()


def test_numbers_lie_in_the_tables_only_as_keyed_hashes(town):
    """policy, Always: a phone, tax ID or NPI is found whole, with the server's key, and read by nobody."""
    for table in (SearchTerm, SubmissionTerm):
        for term in table.objects.values_list("term", flat=True):
            for number in (b"3105550111", b"954501234", b"1234567893", b"5550113"):
                assert number not in bytes(term)


def test_the_command_makes_everything_anew(town, capsys):
    """For rows of before this table, and after a new key of the hashes."""
    SearchTerm.objects.all().delete()
    SubmissionTerm.objects.all().delete()
    call_command("index_search")
    assert "8 accounts and 2 requests can be found." in capsys.readouterr().out
    assert is_kept()
    assert found("nunez") == {"maria.alvarez"}
    assert SubmissionTerm.objects.exists()


# --- by indexes -----------------------------------------------------------------------------------------------------
def fill(count: int) -> None:
    """So many people with names, and a request each, as the tables keep them."""
    person_row = Person.objects.create(created_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO identity_account (password, is_superuser, public_id, person_id, realm, login_name, login_key,
                first_name, last_name, email, language, theme, is_active, is_staff, date_joined, password_changed_at,
                password_reminder, session_epoch, factors_taken_back, terms_version, profile_version)
            SELECT '!', false, gen_random_uuid(), %s, 'ohid', 'made' || n, 'ohid:made' || n, 'first' || n %% 900,
                'last' || n, 'made' || n || '@example.org', 'en', 'auto', true, false, %s, %s, 0, 0, false, 1, 0
            FROM generate_series(1, %s) n""",
            [person_row.pk, NOW, NOW, count],
        )
        for word in ("first_name", "last_name", "login_name"):
            cursor.execute(
                f"INSERT INTO identity_searchterm (account_id, realm, term) SELECT id, realm, convert_to({word}, 'UTF8') "
                "FROM identity_account WHERE login_name LIKE 'made%%' ON CONFLICT DO NOTHING"
            )
        cursor.execute(
            """
            INSERT INTO accessforms_submission (reference, account_id, portal_key, state, answers, is_complete, version,
                revision, created_at, saved_at, submitted_at, state_since, reason, outcomes)
            SELECT upper(substr(md5(id::text), 1, 8)), id, 'claims', 'submitted', '{}', true, 1, 1, %s, %s, %s, %s, '', '[]'
            FROM identity_account WHERE login_name LIKE 'made%%' ON CONFLICT DO NOTHING""",
            [NOW] * 4,
        )
        cursor.execute(
            "INSERT INTO accessforms_submissionterm (submission_id, term) "
            "SELECT id, convert_to('practice' || account_id, 'UTF8') FROM accessforms_submission "
            "WHERE account_id IN (SELECT id FROM identity_account WHERE login_name LIKE 'made%%')"
        )
        cursor.execute(
            """
            INSERT INTO identity_phonedevice (name, confirmed, user_id, number, number_key, method, created_at,
                wrong_today, wrong_in_row)
            SELECT 'phone', true, id, '', md5(id::text), 'text', %s, 0, 0
            FROM identity_account WHERE login_name LIKE 'made%%'""",
            [NOW],
        )
        for table in (Account, SearchTerm, Submission, SubmissionTerm, PhoneDevice):
            cursor.execute(f"ANALYZE {table._meta.db_table}")


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite explains in other words")
def test_a_search_of_fifty_thousand_people_reads_indexes_only(agent, rf):
    """Item 5: no sequential scan of people, forms or their words, whatever is searched by."""
    fill(50_000)
    AccountFactory(login_name="maria.alvarez", first_name="María", last_name="Álvarez Núñez", phone="+13105550111")
    request = rf.get("/")
    request.user = agent
    for model, queries in (
        (Account, ("alvarez maria", "last4711", "last4711 first211", "310-555-0111", "made4711@example.org", "12-3456789")),
        (Submission, ("last4711", "practice4711 last4711", "8J3L SWSU", "95-4501234", "310-555-0111")),
        (Ticket, ("last4711", "T-7K3M-9QX2")),
    ):  # fmt: skip
        shown = admin.site._registry[model]
        for typed in queries:
            rows, _doubled = shown.get_search_results(request, shown.get_queryset(request), typed)
            for asked in (rows.order_by(*shown.ordering)[:100], rows.order_by()):
                plan = asked.explain()
                big = ("identity_account", "searchterm", "accessforms_submission", "submissionterm", "phonedevice")
                read = [line for line in plan.split("\n") if "Seq Scan" in line and any(one in line for one in big)]
                assert not read, f"{typed}\n{plan}"


@pytest.mark.postgres
def test_hostile_keys_and_values_on_postgresql(operator):
    """M8: NUL and numbers out of range, on the database that refuses them."""
    browser = signed_in(operator, verified=True)
    for path in (
        "identity/account/?is_active__exact=%00", "identity/account/?q=%00", "identity/account/%00/change/",
        "identity/account/99999999999999999999/change/", "identity/journalentry/?kind=%00", "identity/account/?q=%F0%9F%98%80",
        "identity/journalentry/?q=%00", "portals/application/%00/settings/", "portals/unlinking/%00/change/",
        "accessforms/submission/?portal=%00", "accessforms/submission/?person=%00", "identity/ticket/?person=9999999999999999999",
        "rbac/accessgrant/?q=%00", "identity/account/1%00/history/", "identity/journalentry/?at__year=9999",
    ):  # fmt: skip
        assert browser.get(f"/admin/{path}").status_code in (200, 302, 400, 403, 404), path


class TestOnce:
    """Speed: however many events a change records of an account, its rows are made anew once."""

    @pytest.fixture
    def refreshed(self, monkeypatch):
        calls, real = [], search.refresh
        monkeypatch.setattr(search, "refresh", lambda account: (calls.append(account.pk), real(account))[1])
        return calls

    def test_accepting_an_invitation(self, refreshed):
        row = user_invited(practice=Practice.objects.create(name="Bayside Pediatrics"), by=None)
        proof = acceptance.send_code(invitation=row, account=None, now=NOW)
        sign_up = SignUp(PORTAL, "nora.user", "Nora", "Office", None, row.email, "", "", "en")
        refreshed.clear()
        account = acceptance.accept_as_new(
            invitation=row, sign_up=sign_up, password_hash=make_password(None), proof=proof, now=NOW
        )
        assert refreshed == [account.pk], "account, access and membership are one change"
        assert is_kept()
        assert found("bayside") == {"nora.user"}

    def test_access_with_several_practices(self, refreshed):
        one = person("many.practices", "Mia", "Many")
        tins = [
            PracticeTin.objects.create(practice=Practice.objects.create(name=name), digits=digits, kind="EIN")
            for name, digits in (("Harbor", "954501234"), ("Bay", "330876543"))
        ]
        refreshed.clear()
        grants.give(account=one, portal_key="claims", origin=Origin.STAFF, reason="x", by=None, tins=tins, now=NOW)
        assert refreshed == [one.pk]
        assert (found("harbor"), found("330876543")) == ({"many.practices"}, {"many.practices"})

    def test_what_stands_around_another_does_it_and_what_fails_does_nothing(self, refreshed):
        one, two = person("one.once", "One", "Once"), person("two.once", "Two", "Once")
        event = events.NameChanged
        refreshed.clear()
        with transaction.atomic(), search.once():
            journal.record(event(account=two), now=NOW)
            with search.once():
                journal.record(event(account=one), now=NOW)
            journal.record(event(account=one), now=NOW)
            assert refreshed == []
        assert refreshed == [one.pk, two.pk]
        with pytest.raises(ZeroDivisionError), transaction.atomic(), search.once():
            journal.record(event(account=one), now=NOW)
            raise ZeroDivisionError
        assert len(refreshed) == 2
        with transaction.atomic():
            journal.record(event(account=one), now=NOW)
        assert len(refreshed) == 3, "nothing is held back afterwards"
