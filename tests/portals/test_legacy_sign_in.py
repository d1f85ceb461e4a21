"""Proving an old account: every kind of hash, equal work for every name, limits (policy: password hash)."""

import contextlib
from datetime import timedelta
from unittest.mock import patch

import bcrypt
import pytest
from django.contrib.auth import hashers
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.codes import attempts
from identity.merging.merging import RULES, Unchosen
from identity.policy import lifecycle
from portals.legacy import legacy_sign_in
from portals.legacy.hashes import schemes, slow_schemes
from portals.legacy.hashes.scheme import TooCostly, UnknownHash, Work
from portals.legacy.sources import imported
from portals.models import LegacyAccount, LegacyWork
from portals.spec import LegacySource, Phase
from tests.factories import NOW, OLD_PASSWORD, AccountFactory, LegacyAccountFactory
from tests.steps.legacy_sign_in import BCRYPT, HASHES, OLD, salted
from tests.steps.phases import put
from tests.steps.sign_in import PASSWORD_PAGE, SIGN_IN, signed_in

pytestmark = pytest.mark.django_db
TRUCASE = LegacySource(key="trucase", name="TruCase", adapter="imported")


def old_account(name: str = "jsmith.old", text: str = HASHES["bcrypt"], **given) -> LegacyAccount:
    """An old account as the import stores it."""
    read = schemes.parse(text) if text else None
    row = LegacyAccount.objects.create(
        source="trucase",
        login_name=name,
        scheme=read.scheme if read else "",
        parameters=read.parameters if read else "",
        imported_hash=text,
        imported_at=NOW,
        **given,
    )
    if read and (work := schemes.work_of(scheme=read.scheme, parameters=read.parameters)):
        LegacyWork.objects.get_or_create(source="trucase", kind=work.kind, defaults={"most": work.amount})
    return row


def prove(
    name: str = "jsmith.old", password: str = OLD, *, address: str = "192.0.2.1", now=NOW, account=None
) -> LegacyAccount:
    given = {"login_name": name, "password": password, "address": address, "account": account}
    return legacy_sign_in.prove(source=TRUCASE, now=now, **given)


def wrong(name: str = "jsmith.old", **given) -> bool:
    """Whether a wrong password was looked at; False where it has to wait."""
    try:
        prove(name, "Wrong-Password-1", **given)
    except legacy_sign_in.NotProved:
        return True
    except legacy_sign_in.Limited:
        return False
    raise AssertionError


@pytest.mark.parametrize("text", HASHES.values(), ids=HASHES)
def test_every_kind_of_hash_proves_its_password_and_no_other_before_and_after_it_is_wrapped(text):
    row = old_account(text=text)
    with pytest.raises(legacy_sign_in.NotProved):
        prove(password="Old-Password-2")
    assert prove() == row
    row.refresh_from_db()
    assert (row.imported_hash, row.secret[:17]) == ("", "argon2$argon2id$v")
    assert schemes.parse(text).digest not in row.secret + row.parameters, "the inner digest is kept nowhere"
    assert prove("  JSMITH.old ") == row, "names are compared as C1 asks"
    with pytest.raises(legacy_sign_in.NotProved):
        prove(password="Old-Password-2")


@pytest.mark.parametrize(
    "text",
    [
        "", "secret", "sha1$$" + "a" * 40, "sha1$salt$" + "a" * 39, "a" * 32, "md5$salt$" + "g" * 32, "$2b$04$short",
        "$2x$04$" + "a" * 53, "$2b$03$" + "." * 53, "$2b$04$" + "a" * 53, "pbkdf2_sha256$1000$salt$", "pbkdf2$sha256$0$aa$" + "ab" * 16,
        "scrypt$1000$salt$8$1$" + "a" * 40, "argon2$argon2id$v=19$m=7,t=1,p=1$" + "a" * 22 + "$" + "a" * 43,
        "pbkdf2$sha256$1000$aa$" + "ab" * 16 + "\n", "sha1$" + "s" * 600 + "$" + "a" * 40,
        "scrypt$65536$salt$1$1$" + "a" * 86 + "==", "argon2$argon2id$v=19$m=16,t=1,p=1$" + "A" * 13 + "$" + "A" * 43,
        "argon2$argon2id$v=19$m=16,t=1,p=1$" + "A" * 22 + "$" + "A" * 41,
    ],
)  # fmt: skip
def test_what_is_no_hash_or_damaged_is_refused(text):
    with pytest.raises(UnknownHash):
        schemes.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "$2b$15$" + "." * 53, "pbkdf2_sha256$9000000$salt$" + "a" * 43 + "=", "scrypt$1048576$salt$8$1$" + "a" * 40,
        "pbkdf2$sha256$9000000$aa$" + "ab" * 16, "argon2$argon2id$v=19$m=999999,t=1,p=1$" + "a" * 22 + "$" + "a" * 43,
        "$2b$14$" + "." * 53, "pbkdf2$sha1$2000000$aa$" + "ab" * 64, "scrypt$65536$salt$8$4$" + "a" * 86 + "==",
        "scrypt$2$salt$1$17$" + "a" * 86 + "==", "argon2$argon2id$v=19$m=131072,t=5,p=1$" + "a" * 22 + "$" + "a" * 43,
    ],
)  # fmt: skip
def test_a_hash_that_would_keep_a_core_busy_is_refused(text):
    with pytest.raises(TooCostly):
        schemes.parse(text)


@pytest.mark.parametrize("hasher", ["PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "Scrypt"])
def test_what_django_makes_today_is_not_too_costly(hasher):
    maker = getattr(hashers, f"{hasher}PasswordHasher")()
    text = maker.encode(OLD, maker.salt())
    assert schemes.digest(**given_of(text), password=OLD) == schemes.parse(text).digest


def given_of(text: str) -> dict[str, str]:
    read = schemes.parse(text)
    return {"scheme": read.scheme, "parameters": read.parameters}


def work_of_an_attempt(name: str, password: str, *, address: str) -> dict[str, int]:
    """What an attempt computes: amounts of each kind of slow hash, and Argon2id of ours."""
    done: dict[str, int] = {}

    def count(kind: str, amount: int) -> None:
        done[kind] = done.get(kind, 0) + amount

    real_pbkdf2, real_bcrypt = slow_schemes._pbkdf2, bcrypt.hashpw
    verify, encode = hashers.Argon2PasswordHasher.verify, hashers.Argon2PasswordHasher.encode
    with (
        patch.object(hashers.Argon2PasswordHasher, "verify", lambda *a: count("argon2", 1) or verify(*a)),
        patch.object(hashers.Argon2PasswordHasher, "encode", lambda *a: count("argon2", 1) or encode(*a)),
        patch.object(slow_schemes, "_pbkdf2", lambda *a: count(f"pbkdf2 {a[0]}", a[3]) or real_pbkdf2(*a)),
        patch.object(
            slow_schemes.bcrypt, "hashpw", lambda p, s: count("bcrypt", 2 ** int(s[4:6])) or real_bcrypt(p, s)
        ),
        contextlib.suppress(legacy_sign_in.NotProved),
    ):
        prove(name, password, address=address)
    return done


def test_every_attempt_does_the_work_of_the_slowest_hash_and_one_argon2id():
    """policy, password hash: unknown names too, wrapped or not, cheap or costly, with a hash or without."""
    old_account("cheap.one", salted("md5"))
    old_account("slow.one", bcrypt.hashpw(OLD.encode(), bcrypt.gensalt(6)).decode())
    old_account("middling.one", BCRYPT)
    LegacyWork.objects.update(most=2**6)
    old_account("django.one", HASHES["Django, PBKDF2 SHA-256"])
    LegacyWork.objects.filter(kind="pbkdf2_sha256").update(most=1500)
    old_account("without.one", "")
    old_account("linked.one", BCRYPT, account=AccountFactory(), linked_at=NOW, linked_by="pre-registration")
    names = ("cheap.one", "slow.one", "middling.one", "django.one", "without.one", "linked.one", "nobody.here")
    for number, password in enumerate((OLD, OLD, "Wrong-Password-1")):  # wrapped by the first
        for name in names:
            work = work_of_an_attempt(name, password, address=f"192.0.2.{number}")
            assert work == {"argon2": 1, "bcrypt": 64, "pbkdf2 sha256": 1500}, (name, number)


def test_runs_of_spaces_in_a_name_are_one():
    row = old_account("van  der\u00a0Berg")
    assert row.login_key == "van der berg"
    assert prove("Van Der \u2003 Berg") == row


def test_another_source_is_not_slowed_by_this_one():
    old_account()
    other = LegacySource(key="optum-connect", name="Optum Connect", adapter="imported")
    with patch.object(slow_schemes.bcrypt, "hashpw") as never, pytest.raises(legacy_sign_in.NotProved):
        legacy_sign_in.prove(source=other, login_name="jsmith.old", password=OLD, address="192.0.2.1", now=NOW)
    assert not never.called


def test_bcrypt_work_adds_up_to_the_most():
    amounts = []
    with patch.object(slow_schemes.bcrypt, "hashpw", lambda _p, salt: amounts.append(2 ** int(salt[4:6]))):
        schemes.spend_rest([Work("bcrypt", 2**10)], Work("bcrypt", 2**7))
    assert sum(amounts) == 2**10 - 2**7


def test_wrong_passwords_are_limited_alike_for_known_and_unknown_names_and_lock_nothing():
    """policy, wrong passwords: five free ones, then pauses; a limit makes no hash; the day after it is as before."""
    old_account()
    for name in ("jsmith.old", "nobody.here"):
        for number in range(5):
            with pytest.raises(legacy_sign_in.NotProved):
                prove(name, "Wrong-Password-1", address=f"192.0.2.{number}")
        with (
            patch.object(hashers.Argon2PasswordHasher, "encode") as never,
            pytest.raises(legacy_sign_in.Limited) as refused,
        ):
            prove(name.upper(), OLD, address="192.0.2.77")
        assert refused.value.wait == timedelta(seconds=30)
        assert not never.called
    assert prove(now=NOW + timedelta(seconds=30)).login_name == "jsmith.old"


def test_a_stranger_does_not_keep_the_owner_from_linking(provider):
    """Who is signed in with an ID is counted apart from everybody else; each ID has tries of its own."""
    old_account()
    while wrong(address="203.0.113.9"):
        pass
    other = AccountFactory()
    assert [wrong(account=other, address="192.0.2.2") for _try in range(6)] == [True] * 5 + [False]
    with pytest.raises(legacy_sign_in.Limited):
        prove()
    assert prove(account=provider) == prove(account=provider)


def test_the_owner_goes_on_where_a_stranger_used_up_the_tries(provider):
    """C25: on the page of the last log-in, in a browser."""
    row = LegacyAccountFactory(login_name="victim.old")
    put(Phase.BOTH_WAYS)
    for _try in range(5):
        assert wrong("victim.old", address="203.0.113.9", now=timezone.now())
    answer = signed_in(provider).post("/p/trucase/last-log-in/", {"login_name": "victim.old", "password": OLD_PASSWORD})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.account == provider


def test_many_ids_have_a_hundred_tries_of_a_name_a_day_and_then_share_its_pauses():
    """Whoever makes IDs gets no more guesses; whoever waits, waits minutes, not a day."""
    old_account()
    with patch.object(legacy_sign_in, "MOST_BY_IDS", 12):
        tried = [wrong(account=AccountFactory(), address=f"192.0.2.{number}") for number in range(20)]
        assert tried == [True] * 12 + [True] * 5 + [False] * 3
        with pytest.raises(legacy_sign_in.Limited) as refused:
            prove(account=AccountFactory())
        assert refused.value.wait == lifecycle.after("first_password_pause")
    assert legacy_sign_in.MOST_BY_IDS == 100


def test_no_number_of_wrong_passwords_locks_an_old_account():
    """The old password cannot be set anew here, so nothing asks for that: the longest pause is all."""
    old_account()
    pause, now = lifecycle.after("longest_password_pause"), NOW
    with patch.object(legacy_sign_in, "_hash", return_value=None):
        for number in range(attempts.TRIES_IN_A_ROW + 5):
            assert wrong(now=now, address=f"192.0.2.{number}")
            now += pause
    assert prove(now=now).login_name == "jsmith.old"


def test_one_address_tries_twenty_names_a_minute_apart_from_its_sign_ins():
    for number in range(20):
        with pytest.raises(legacy_sign_in.NotProved):
            prove(f"nobody{number}", "x")
    with pytest.raises(legacy_sign_in.Limited):
        prove("nobody.more", "x")
    with pytest.raises(legacy_sign_in.NotProved):
        prove("nobody.more", "x", address="192.0.2.2")


def test_a_name_or_password_that_nobody_has_is_refused_without_an_error():
    old_account()
    for name, password in (
        ("", OLD),
        ("x" * 200, OLD),
        ("jsmith\0old", OLD),
        ("jsmith.old", ""),
        ("jsmith.old", "x" * 2000),
    ):
        with pytest.raises(legacy_sign_in.NotProved):
            prove(name, password)


def test_a_long_password_counts_as_the_old_system_counted_it():
    """bcrypt looks at 72 bytes; today's library refuses longer ones."""
    long = "Ä" * 60
    old_account(text=bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(4)).decode())
    assert prove(password=long)


def test_a_newer_list_is_not_overwritten_by_a_wrap_that_was_under_way():
    row = old_account()
    late = LegacyAccount.objects.get()
    late.secret = "argon2$of the older hash"
    LegacyAccount.objects.update(imported_at=NOW + timedelta(seconds=1))
    imported.keep_wrapped(late)
    row.refresh_from_db()
    assert row.secret == ""


def test_the_sign_in_of_the_id_never_looks_at_old_hashes(client):
    """policy, password hash: else timing would show who is legacy."""
    row = old_account(
        "dr.provider", account=AccountFactory(login_name="dr.provider"), linked_at=NOW, linked_by="final log-in"
    )
    client.post(SIGN_IN, {"login": row.login_name})
    with CaptureQueriesContext(connection) as queries:
        client.post(PASSWORD_PAGE, {"password": OLD})
    assert not [one for one in queries.captured_queries if "legacy" in one["sql"]]


def test_the_database_keeps_one_old_account_a_name_and_a_person():
    """Issue 5: one legacy account to at most one person, one person to at most one of a source."""
    ana = AccountFactory()
    linked = {"account": ana, "linked_at": NOW, "linked_by": "pre-registration"}
    old_account(**linked)
    for wrong in (
        lambda: old_account(),
        lambda: old_account("other.old", **linked),
        lambda: old_account("third.old", linked_at=NOW),
        lambda: old_account("fourth.old", account=AccountFactory()),
        lambda: LegacyAccount.objects.update(secret="argon2$x"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
    assert LegacyAccount.objects.linked_to(ana, "trucase").count() == 1
    assert LegacyAccount.objects.linked_to(ana, "optum-connect").count() == 0


def test_an_imported_hash_lies_encrypted_until_it_is_wrapped():
    old_account()
    with connection.cursor() as cursor:
        cursor.execute("SELECT imported_hash FROM portals_legacyaccount")
        stored = cursor.fetchone()[0]
    assert BCRYPT not in stored
    assert stored.startswith("gAAAA")


def test_two_ids_become_one_and_keep_one_old_account_of_a_source():
    """D-17: where both have one, the person chooses."""
    rule = RULES["portals.legacyaccount.account"]
    one, two = AccountFactory(), AccountFactory()
    kept = old_account("kept.old", account=one, linked_at=NOW, linked_by="pre-registration")
    assert [change.new for change in rule.changes(two, one, {})] == [two.pk]
    old_account("other.old", account=two, linked_at=NOW, linked_by="pre-registration")
    with pytest.raises(Unchosen):
        rule.changes(two, one, {})
    for change in rule.changes(two, one, {"portals.legacyaccount.account:trucase": one.pk}):
        change.apply()
    kept.refresh_from_db()
    assert kept.account == two


def test_a_refused_attempt_asks_the_database_alike_for_every_name():
    """policy, Always: same answer, same time, for existing and unknown."""
    old_account("known.one")
    old_account("wrapped.one")
    prove("wrapped.one", address="192.0.2.9")
    old_account("without.one", "")
    asked = {}
    for name in ("known.one", "wrapped.one", "without.one", "nobody.here"):
        with CaptureQueriesContext(connection) as queries, pytest.raises(legacy_sign_in.NotProved) as refused:
            prove(name, "Wrong-Password-1")
        asked[name] = (len(queries), str(refused.value))
    assert set(asked.values()) == {(2, "")}
