"""Strangers learn nothing: the same bytes, the same number of hashes and queries, whatever is true (policy: Always)."""

import re
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity.models import RememberedDevice
from tests.factories import PASSWORD, AccountFactory
from tests.steps.enumeration import cases, masked
from tests.steps.sign_in import PASSWORD_PAGE, SIGN_IN
from tests.steps.sign_up import GOOD, post

pytestmark = pytest.mark.django_db


def test_every_failed_sign_in_is_the_same_bytes_hashes_and_queries():
    """policy, password hash: exactly one hash; Always: bytes equal."""
    seen = {}
    for name, (login, password) in cases().items():
        browser, hashes = Client(), []
        browser.post(SIGN_IN, {"login": login})
        verify, encode = Argon2PasswordHasher.verify, Argon2PasswordHasher.encode
        with (
            patch.object(Argon2PasswordHasher, "verify", lambda *a: hashes.append(1) or verify(*a)),
            patch.object(Argon2PasswordHasher, "encode", lambda *a: hashes.append(1) or encode(*a)),
            CaptureQueriesContext(connection) as queries,
        ):
            answer = browser.post(PASSWORD_PAGE, {"password": password})
        seen[name] = (masked(answer, login), len(hashes), len(queries), answer.status_code, sorted(answer.cookies))
    first = seen["unknown"]
    assert first[1] == 1
    assert {name: facts for name, facts in seen.items() if facts != first} == {}


def test_a_shared_address_is_refused_kindly(client):
    """C5: the sentence that everybody reads says what to do."""
    cases()
    client.post(SIGN_IN, {"login": "shared@example.org"})
    page = client.post(PASSWORD_PAGE, {"password": PASSWORD}).content.decode()
    assert "If more than one ID uses your email address, sign in with your One Healthcare ID." in page


def test_a_refused_attempt_makes_no_hash(client):
    """policy, password hash: exactly one in every attempt that no limit refuses; those: none."""
    for login in ("nobody.here", AccountFactory(login_name="known.one").login_name):
        cache.clear()
        hashes = []
        verify = Argon2PasswordHasher.verify
        for _ in range(5):
            browser = Client()
            browser.post(SIGN_IN, {"login": login})
            browser.post(PASSWORD_PAGE, {"password": "Wrong-Pass-1"})
        with patch.object(Argon2PasswordHasher, "verify", lambda *a: hashes.append(1) or verify(*a)):
            browser.post(PASSWORD_PAGE, {"password": PASSWORD})
        assert hashes == []


def test_signing_up_with_a_known_address_is_the_same(inbox):
    """interface: no "e-mail exists" on the page; the same bytes, queries and hashes."""
    AccountFactory(email="known@example.org")
    seen = []
    for number, address in enumerate(("known@example.org", "fresh@example.org")):
        browser = Client()
        hashes = []
        encode = Argon2PasswordHasher.encode
        with (
            patch.object(Argon2PasswordHasher, "encode", lambda *a: hashes.append(1) or encode(*a)),
            CaptureQueriesContext(connection) as queries,
        ):
            answer = post(browser, **{**GOOD, "email": address, "login_name": f"new.person{number}"})
        page = browser.get(answer.url)
        seen.append((masked(page), len(hashes), len(queries), answer.url))
    assert seen[0] == seen[1]
    assert seen[0][1] == 1


@pytest.mark.parametrize("page", ["/id/forgot-id/", "/id/forgot-password/"])
def test_forgot_pages_ask_nothing_and_so_tell_nothing(page):
    """S1-15: the same page for everybody, whatever was typed before."""
    AccountFactory(login_name="known.one", email="known@example.org")
    seen = set()
    for login in ("known.one", "nobody.here", "known@example.org", "nobody@example.org"):
        browser = Client()
        browser.post(SIGN_IN, {"login": login})
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(page)
        assert answer.status_code == 200
        assert [q for q in queries if "django_session" not in q["sql"]] == []
        seen.add(masked(answer, login))
    assert len(seen) == 1


def test_a_known_device_does_not_tell_whose_name_exists(client, provider, inbox):
    """The question for known devices depends on the browser's cookies, never on the name that was typed."""
    from tests.steps.sign_in import sign_in_by_mail

    sign_in_by_mail(client, "dr.provider")
    client.post("/id/sign-out/")
    counts = []
    AccountFactory(login_name="known.one")
    for login in ("nobody.here", "known.one"):
        client.post(SIGN_IN, {"login": login})
        with CaptureQueriesContext(connection) as queries:
            client.post(PASSWORD_PAGE, {"password": "Wrong-Pass-1"})
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert RememberedDevice.objects.count() == 1


class TestKeptPages:
    """Pages that are rendered once for all strangers hold nothing of the one who came first."""

    def test_each_stranger_gets_an_own_token_and_an_own_name(self):
        pages = []
        for login in ("first.person", "second.person"):
            browser = Client(enforce_csrf_checks=True)
            page = browser.get(SIGN_IN).content.decode()
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
            browser.post(SIGN_IN, {"login": login, "csrfmiddlewaretoken": token})
            pages.append(browser.get(PASSWORD_PAGE).content.decode())
            assert login in pages[-1]
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', pages[-1])[1]
            answer = browser.post(PASSWORD_PAGE, {"password": "Wrong-Pass-1", "csrfmiddlewaretoken": token})
            assert answer.status_code == 200, "the token counts"
        assert "first.person" not in pages[1]

    @pytest.mark.parametrize(
        "login", ["<script>alert(1)</script>", '"><img src=x>', "[the token of this form]", "{{ x }}"]
    )
    def test_what_was_typed_stays_text(self, client, login):
        client.post(SIGN_IN, {"login": login})
        page = client.get(PASSWORD_PAGE).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
        assert page.count("[the token of this form]") == (2 if login.startswith("[the") else 0)

    def test_languages_and_places_do_not_mix(self, client):
        for path, words in (
            (f"{SIGN_IN}?next=/p/trucase/enter/", "Sign In With Your Optum ID"),
            (SIGN_IN, "Welcome to One Healthcare ID"),
            (f"{SIGN_IN}?next=/p/claims/home/", "<strong>Claims Online Portal</strong>"),
        ):
            assert words in Client().get(path).content.decode()
            assert words in Client().get(path).content.decode()
        spanish = Client(headers={"Accept-Language": "es"}).get(SIGN_IN).content.decode()
        assert "Le damos la bienvenida" in spanish or 'lang="es"' in spanish

    def test_a_told_message_is_shown_once_and_to_its_reader(self, client, provider):
        client.post("/id/sign-in/passkey/", {"credential": "{}"})
        assert "The passkey was not taken" in client.get(SIGN_IN).content.decode()
        assert "The passkey was not taken" not in Client().get(SIGN_IN).content.decode()
