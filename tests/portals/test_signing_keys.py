"""Signing keys: published before they sign, believed for a while after, replaced by command without a break."""

from datetime import timedelta

import jwt
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from identity.policy import lifecycle
from portals.models import SigningKey
from portals.oidc import signing_keys
from tests.factories import NOW
from tests.relying_party import register
from tests.steps.sign_in import signed_in
from tests.together import together

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _keys_of_this_test():
    signing_keys.forget()
    yield
    signing_keys.forget()


def kids(at=None):
    return [key.kid for key in signing_keys.published(now=at or NOW)]


def signer(at):
    return signing_keys.signing("ES256", now=at).kid


def test_the_first_key_is_made_when_it_is_needed():
    assert kids() == []
    first = signer(NOW)
    assert kids() == [first]


def test_a_new_key_is_published_before_it_signs():
    """stack: keys rotate without a token that nobody can verify."""
    old = signer(NOW)
    signing_keys.rotate("ES256", by=None, now=NOW)
    assert len(kids()) == 2
    notice = lifecycle.after("signing_key_notice")
    assert signer(NOW + notice - SECOND) == old
    assert signer(NOW + notice) != old


def test_the_former_key_is_believed_for_a_while():
    old = signer(NOW)
    signing_keys.rotate("ES256", by=None, now=NOW)
    end = NOW + lifecycle.after("signing_key_notice") + lifecycle.after("signing_key_afterlife")
    assert old in kids(end - SECOND)
    assert old not in kids(end)


def test_the_published_keys_may_be_kept_for_less_than_the_notice(client):
    """An application that read them a moment before a rotation has read them again when the new key signs."""
    answer = client.get("/.well-known/jwks.json")
    kept = int(lifecycle.after("published_keys").total_seconds())
    assert answer["Cache-Control"] == f"public, max-age={kept}"
    assert lifecycle.after("published_keys") < lifecycle.after("signing_key_notice")
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_lost_key_is_believed_no_longer():
    old = signer(NOW)
    signing_keys.rotate("ES256", by=None, now=NOW, at_once=True)
    assert old not in kids()
    assert signer(NOW) != old


def test_nothing_private_is_published(client):
    signer(NOW)
    signing_keys.signing("RS256", now=NOW)
    for key in client.get("/.well-known/jwks.json").json()["keys"]:
        assert set(key) <= {"kty", "kid", "alg", "use", "n", "e", "crv", "x", "y"}
    stored = SigningKey.objects.extra(select={"raw": "private_pem"}).values_list("raw", flat=True)
    assert all("PRIVATE KEY" not in raw for raw in stored)


def test_a_key_rotated_in_the_middle_of_a_sign_on(office_user):
    """Bad input: the code is changed after a rotation, and the old ID token is still good as a hint."""
    party = register()
    party.browser = signed_in(office_user)
    code = party.code()
    signing_keys.rotate("RS256", by=None, now=timezone.now())
    first = party.change(code).json()
    assert party.claims(first["id_token"])
    with time_machine.travel(timezone.now() + lifecycle.after("signing_key_notice")):
        second = party.refresh(first["refresh_token"]).json()
        assert party.claims(second["id_token"])
        header = [jwt.get_unverified_header(one["id_token"])["kid"] for one in (first, second)]
        assert header[0] != header[1]
        browser = signed_in(office_user)
        assert "code=" in party.authorize(browser, id_token_hint=first["id_token"])["Location"]


def test_the_keys_are_parsed_once_a_process(django_assert_num_queries):
    """speed: 30 ms each time otherwise."""
    signer(NOW)
    kids()
    with django_assert_num_queries(0):
        first = signing_keys.signing("ES256", now=NOW)
        assert Client().get("/.well-known/jwks.json").status_code == 200
        assert signing_keys.signing("ES256", now=NOW) is first


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_processes_make_one_first_key_between_them():
    together(lambda: signing_keys.rotate("ES256", by=None, now=NOW, at_once=True), threads=4)
    numbers = SigningKey.objects.values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert signer(NOW)
