"""Old systems that check passwords themselves, each a real server: HTTP, and OpenLDAP (issue 5, legacy sources)."""

import contextlib
import json
import os
import socket
import threading
import time

import pytest
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured

from config import env
from identity.codes import attempts
from identity.keys import hash_pool
from portals.legacy import legacy_sign_in
from portals.legacy.legacy_sign_in import HELD_BACK, MOST_PASSED_ON
from portals.legacy.sources import http_source, ldap_source
from portals.legacy.sources.answers import SourceDown
from portals.models import LegacyAccount
from portals.spec import LegacySource
from tests import old_systems
from tests.factories import NOW, AccountFactory
from tests.services import Unavailable

pytestmark = pytest.mark.django_db
OLD = "Old-Password-1"
BY_HTTP = LegacySource(key="trucase", name="TruCase", adapter="http")
BY_LDAP = LegacySource(key="trucase", name="TruCase", adapter="ldap")
KNOWN = {"ok": True, "email": "Jo@Example.org", "first_name": "Jo", "last_name": "Smith", "capabilities": ["bill_tracker", "other"]}  # fmt: skip


def prove(source, name="jsmith.old", password=OLD, *, now=NOW, address="192.0.2.1", account=None) -> LegacyAccount:
    given = {"login_name": name, "password": password, "address": address, "account": account}
    return legacy_sign_in.prove(source=source, now=now, **given)


def refuses(source, name="jsmith.old", password=OLD, **given) -> bool:
    try:
        prove(source, name, password, **given)
    except legacy_sign_in.NotProved:
        return True
    return False


def honest(body: dict) -> tuple[int, bytes]:
    right = body == {"login_name": "jsmith.old", "password": OLD}
    return 200, json.dumps(KNOWN if right else {"ok": False}).encode()


def use(settings, **facts: str) -> None:
    settings.LEGACY_SYSTEMS = {"trucase": facts}


def test_a_password_is_checked_over_http_and_what_is_known_is_kept(settings):
    """The old system says who it is; only rights that are known here are taken over."""
    with old_systems.verifier(honest) as (url, asked):
        use(settings, url=url, secret="of-ours")
        assert refuses(BY_HTTP, password="wrong")
        row = prove(BY_HTTP)
        assert refuses(BY_HTTP, name="nobody.here")
    assert (row.login_name, row.email, row.first_name) == ("jsmith.old", "jo@example.org", "Jo")
    assert row.capabilities == ["bill_tracker"]
    assert (row.scheme, row.imported_hash, row.secret) == ("", "", ""), "its password is kept nowhere"
    assert asked[0][0]["Authorization"] == "Bearer of-ours"
    assert asked[0][1] == {"login_name": "jsmith.old", "password": "wrong"}
    with old_systems.verifier(lambda _: (200, b'{"ok": true, "email": null}')) as (url, _asked):
        use(settings, url=url, secret="x")
        assert prove(BY_HTTP, "JSMITH.old").email == "jo@example.org", "what it does not say stays"
    assert LegacyAccount.objects.count() == 1


@pytest.mark.parametrize(
    "answer",
    [
        (500, b""), (302, b'{"ok": true}'), (201, b'{"ok": true}'), (200, b"<html>"), (200, b'{"ok": "yes"}'),
        (200, b"[]"), (200, b'{"ok": true, "email": 7}'), (200, b'{"ok": true, "capabilities": "all"}'),
        (200, b'{"ok": true, "pad": "' + b"x" * 70_000 + b'"}'), (200, b"[" * 60_000),
    ],
    ids=["error", "redirect", "another success", "no JSON", "text", "list", "odd address", "odd rights", "too long", "too deep"],
)  # fmt: skip
def test_every_other_answer_means_that_the_old_system_is_down_and_counts_nothing(settings, answer):
    with old_systems.verifier(lambda _: answer) as (url, _asked):
        use(settings, url=url, secret="x")
        for number in range(MOST_PASSED_ON - HELD_BACK):
            with pytest.raises(SourceDown):
                prove(BY_HTTP, address=f"192.0.2.{number}")
    assert not LegacyAccount.objects.exists()


def test_a_server_that_is_gone_or_whose_certificate_does_not_hold_is_down(settings, tmp_path):
    use(settings, url="http://127.0.0.1:9/verify", secret="x")
    with pytest.raises(SourceDown):
        prove(BY_HTTP)
    with old_systems.verifier(honest, tls=tmp_path) as (url, asked):
        use(settings, url=url, secret="x")
        with pytest.raises(SourceDown):
            prove(BY_HTTP)
        assert asked == [], "the password never left"
        use(settings, url=url, secret="x", ca_file=str(tmp_path / "cert.pem"))
        assert prove(BY_HTTP).email == "jo@example.org"


def test_an_old_system_that_takes_too_long_is_given_up(settings, monkeypatch):
    monkeypatch.setattr(http_source, "READ", 0.2)

    def slow(body):
        time.sleep(0.6)
        return honest(body)

    with old_systems.verifier(slow) as (url, _asked):
        use(settings, url=url, secret="x")
        with pytest.raises(SourceDown):
            prove(BY_HTTP)


def test_an_old_system_that_drips_is_given_up(settings, monkeypatch):
    """Each byte comes in time, the whole never does."""
    monkeypatch.setattr(http_source, "WHOLE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            peer, _address = server.accept()
            with peer, contextlib.suppress(OSError):
                peer.recv(65_536)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _byte in range(100):
                    peer.sendall(b" ")
                    time.sleep(0.1)

        thread = threading.Thread(target=drip)
        thread.start()
        use(settings, url=f"http://127.0.0.1:{server.getsockname()[1]}/", secret="x")
        began = time.monotonic()
        with pytest.raises(SourceDown):
            prove(BY_HTTP)
        assert time.monotonic() - began < 3
        thread.join()


def test_what_cannot_be_shown_or_mailed_to_is_not_taken_over(settings):
    odd = json.dumps({"ok": True, "email": "nobody", "first_name": "A\0na\n", "last_name": "x" * 500}).encode()
    with old_systems.verifier(lambda _: (200, odd)) as (url, _asked):
        use(settings, url=url, secret="x")
        row = prove(BY_HTTP)
    assert (row.email, row.first_name, len(row.last_name)) == ("", "Ana", 128)


def test_few_threads_wait_for_old_systems(settings, monkeypatch):
    """Others go on to answer pages; the attempt that found no place does not count."""
    monkeypatch.setattr(legacy_sign_in, "_asking", threading.BoundedSemaphore(1))
    with old_systems.verifier(honest) as (url, asked), legacy_sign_in._asking:
        use(settings, url=url, secret="x")
        for _again in range(7):
            with pytest.raises(hash_pool.Busy):
                prove(BY_HTTP)
        assert asked == []


def test_a_wrong_password_is_passed_on_four_times_and_then_no_more(settings, provider):
    """Nobody locks an old account from here: many systems do so at the fifth wrong password. Nor does a stranger keep
    its owner out: the fourth try is held back for somebody who is signed in with an ID."""
    with old_systems.verifier(honest) as (url, asked):
        use(settings, url=url, secret="x")
        for number in range(MOST_PASSED_ON - HELD_BACK):
            assert refuses(BY_HTTP, password="wrong", address=f"192.0.2.{number}")
        with pytest.raises(legacy_sign_in.Limited) as refused:
            prove(BY_HTTP, address="192.0.2.99")
        assert refused.value.wait.total_seconds() == 1800
        assert refuses(BY_HTTP, password="wrong", account=provider)
        with pytest.raises(legacy_sign_in.Limited):
            prove(BY_HTTP, account=AccountFactory())
        assert len(asked) == MOST_PASSED_ON
        assert refuses(BY_HTTP, name="somebody.else", password="wrong"), "each name has its own"


def test_an_old_system_says_how_a_name_is_written(settings):
    """However it was typed, an old account has one row, and is tied to one ID."""
    said = {**KNOWN, "login_name": "JSmith.Old"}
    with old_systems.verifier(lambda _: (200, json.dumps(said).encode())) as (url, _asked):
        use(settings, url=url, secret="x")
        one = prove(BY_HTTP, "jo@example.org")
        assert (one.login_name, one.login_key) == ("JSmith.Old", "jsmith.old")
        assert prove(BY_HTTP, "j.smith") == prove(BY_HTTP) == one


@pytest.mark.parametrize("name", [7, "x" * 151, "a\0b", "ﷺ" * 20])
def test_a_name_that_nobody_can_have_is_no_answer(settings, name):
    with old_systems.verifier(lambda _: (200, json.dumps({"ok": True, "login_name": name}).encode())) as (url, _asked):
        use(settings, url=url, secret="x")
        with pytest.raises(SourceDown):
            prove(BY_HTTP)
    assert not LegacyAccount.objects.exists()


def test_a_name_has_one_count_and_one_spelling_however_many_spaces_it_is_typed_with(settings):
    """Directories take runs of spaces as one, and leave out what cannot be seen."""
    with old_systems.verifier(lambda _: (200, b'{"ok": false}')) as (url, asked):
        use(settings, url=url, secret="x")
        for typed in ("jo smith", "jo  smith", "JO \u00a0 smith"):
            assert refuses(BY_HTTP, typed)
        with pytest.raises(legacy_sign_in.Limited):
            prove(BY_HTTP, "jo   smith")
        assert refuses(BY_HTTP, "jo \u200bsmith")
        assert refuses(BY_HTTP, "jo\u00adsmith")
    assert [body["login_name"] for _headers, body in asked] == ["jo smith", "jo smith", "JO smith"]


def test_a_right_password_begins_the_count_anew(settings):
    with old_systems.verifier(honest) as (url, _asked):
        use(settings, url=url, secret="x")
        for _again in range(3):
            assert refuses(BY_HTTP, password="wrong", address="192.0.2.5")
            prove(BY_HTTP, address="192.0.2.6")


@pytest.fixture(scope="module")
def directory():
    """OpenLDAP from Debian; STRICT (as CI runs it) must have it."""
    try:
        import ldap  # noqa: F401

        with old_systems.directory() as found:
            yield found
    except (ImportError, Unavailable) as why:
        if os.environ.get("STRICT"):
            raise
        pytest.skip(f"no directory: {why}")


SEARCH = {"search_base": "ou=people,dc=example,dc=org", "search_filter": "(&(objectClass=person)(uid=%s))"}
SERVICE = {**SEARCH, "bind_dn": "cn=admin,dc=example,dc=org", "secret": "its-secret"}
TEMPLATE = {"dn_template": "uid=%s,ou=people,dc=example,dc=org"}


@pytest.mark.parametrize("how", [SEARCH, SERVICE, TEMPLATE], ids=["anonymous search", "search", "pattern"])
@pytest.mark.parametrize("sealed", [False, True], ids=["StartTLS", "TLS"])
def test_a_password_is_checked_by_bind_and_names_are_escaped(settings, directory, how, sealed):
    """Characters of filters and of DNs in a name mean themselves."""
    use(settings, url=directory[sealed], ca_file=directory[2], **how)
    row = prove(BY_LDAP)
    assert (row.email, row.first_name, row.last_name) == ("jo.smith@example.org", "Jo", "Smith")
    assert prove(BY_LDAP, "a*(b), c").last_name == "Name"
    for name in ("nobody.here", "*", "jsmith*", "jsmith.old,ou=people", "x)(uid=jsmith.old", "\\", "jsmith.old\0"):
        assert refuses(BY_LDAP, name, address="192.0.2.7"), name
    assert refuses(BY_LDAP, password="wrong")
    assert {one.login_name for one in LegacyAccount.objects.all()} == {"jsmith.old", "a*(b), c"}


@pytest.mark.parametrize("how", [SEARCH, SERVICE, TEMPLATE], ids=["anonymous search", "search", "pattern"])
def test_one_entry_is_one_old_account_however_its_name_is_typed(settings, directory, how):
    """A directory compares names more loosely than we do: its own spelling counts."""
    use(settings, url=directory[1], ca_file=directory[2], **how)
    one = prove(BY_LDAP, "A*(b),   C")
    assert (one.login_name, prove(BY_LDAP, "a*(b), c")) == ("a*(b), c", one)


def test_an_entry_that_is_found_by_two_attributes_is_one_old_account(settings, directory):
    """The first one that the filter names is the user name."""
    either = {**SEARCH, "search_filter": "(|(uid=%s)(mail=%s))"}
    use(settings, url=directory[1], ca_file=directory[2], **either)
    one = prove(BY_LDAP, "Jo.Smith@Example.org")
    assert (one.login_name, prove(BY_LDAP)) == ("jsmith.old", one)


def test_an_empty_password_is_never_bound(settings, directory):
    """A simple bind without a password is anonymous and succeeds (RFC 4513, 5.1.2)."""
    use(settings, url=directory[1], ca_file=directory[2], **TEMPLATE)
    assert refuses(BY_LDAP, password="")
    assert ldap_source.ask(source_key="trucase", login_name="jsmith.old", password="") is None


def test_a_directory_that_cannot_be_trusted_or_reached_is_down(settings, directory, tmp_path):
    other, _key = old_systems.certificate(tmp_path)
    down = [
        {"url": directory[1], **TEMPLATE},  # nobody vouches for its certificate
        {"url": directory[0], "ca_file": str(other), **TEMPLATE},
        {"url": "ldaps://127.0.0.1:9", "ca_file": directory[2], **TEMPLATE},
        {"url": directory[1], "ca_file": directory[2], **SERVICE, "secret": "not its secret"},
        {},
    ]
    for facts in down:
        use(settings, **facts)
        with pytest.raises(SourceDown):
            prove(BY_LDAP, address="192.0.2.8", now=NOW)
        attempts.succeeded(legacy_sign_in._passed_on(BY_LDAP, "jsmith.old"))


def legacy_env(monkeypatch, **given: str) -> dict:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return env.read_legacy()


def test_the_environment_names_old_systems_by_their_source(monkeypatch):
    assert configured.LEGACY_SYSTEMS == {}
    found = legacy_env(monkeypatch, LEGACY_OPTUM_CONNECT_URL="https://old.example.org/verify", LEGACY_OPTUM_CONNECT_SECRET="s")  # fmt: skip
    assert found == {"optum-connect": {"url": "https://old.example.org/verify", "secret": "s"}}
    assert legacy_env(monkeypatch, LEGACY_TRUCASE_URL="ldap://d", LEGACY_TRUCASE_DN_TEMPLATE="uid=%s,o=x")["trucase"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"LEGACY_X_URL": "http://old.example.org/", "LEGACY_X_SECRET": "s"}, "LEGACY_X_URL"),
        ({"LEGACY_X_SECRET": "s"}, "LEGACY_X_URL"),
        ({"LEGACY_X_URL": "https://old.example.org/"}, "LEGACY_X_SECRET"),
        ({"LEGACY_X_URL": "ldaps://d"}, "LEGACY_X_SEARCH_FILTER"),
        ({"LEGACY_X_URL": "ldaps://d", "LEGACY_X_DN_TEMPLATE": "uid=me"}, "LEGACY_X_DN_TEMPLATE"),
        ({"LEGACY_X_UR": "https://d"}, "LEGACY_X_UR"),
    ],
)
def test_an_environment_without_tls_or_with_a_gap_is_refused_by_name(monkeypatch, given, named):
    with pytest.raises(ImproperlyConfigured, match=rf"^{named} "):
        legacy_env(monkeypatch, **given)
