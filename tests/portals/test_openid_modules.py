"""What the OpenID Foundation's test modules for providers ask and no other test of ours does; and the list of all of them,
docs/openid-conformance.md, kept true."""

import ast
import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import jwt
import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from portals.models import OidcSession
from tests.relying_party import AFTERWARDS, register, told_to_application
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
ROOT = Path(settings.BASE_DIR)
LIST = ROOT / "docs" / "openid-conformance.md"


@pytest.fixture
def party(office_user):
    """Somebody who agreed before: what is asked is answered at once."""
    party = register(asks_consent=False)
    party.browser = signed_in(office_user)
    return party


def test_the_header_of_an_id_token_names_its_key(party):
    """oidcc-idtoken-signature: signed by the key that `kid` names, by the algorithm of the registration."""
    header = jwt.get_unverified_header(party.tokens()["id_token"])
    published = {key["kid"]: key for key in Client().get("/.well-known/jwks.json").json()["keys"]}
    assert header["alg"] == "RS256"
    assert published[header["kid"]]["use"] == "sig"


def test_an_id_token_is_never_unsigned(party):
    """oidcc-idtoken-unsigned is left out by the suite where discovery does not name `none`."""
    told = Client().get("/.well-known/openid-configuration").json()
    assert told["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]


@pytest.mark.parametrize("way", ["get", "post-header", "post-body"])
def test_userinfo_is_told_for_a_token_in_header_or_body(party, office_user, way):
    """oidcc-userinfo-get, oidcc-userinfo-post-header, oidcc-userinfo-post-body."""
    token = party.tokens()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    answer = {
        "get": lambda: Client().get("/sign-on/userinfo", headers=bearer),
        "post-header": lambda: Client().post("/sign-on/userinfo", headers=bearer),
        "post-body": lambda: Client().post("/sign-on/userinfo", {"access_token": token}),
    }[way]()
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")
    assert answer.json()["sub"] == str(office_user.public_id)


def test_a_request_without_nonce_succeeds_and_the_token_has_none(party):
    """oidcc-ensure-request-without-nonce-succeeds-for-code-flow."""
    assert "nonce" not in party.claims(party.tokens(nonce=None)["id_token"])


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("openid", set()),
        ("openid profile", {"name", "given_name", "family_name", "preferred_username", "locale"}),
        ("openid email", {"email", "email_verified"}),
        ("email openid", {"email", "email_verified"}),
        (
            "profile email openid",
            {"name", "given_name", "family_name", "preferred_username", "locale", "email", "email_verified"},
        ),
    ],
)
def test_each_scope_tells_its_claims_in_whatever_order(party, scope, told):
    """oidcc-scope-profile, oidcc-scope-email, oidcc-ensure-other-scope-order-succeeds."""
    known = party.userinfo(party.tokens(scope=scope)["access_token"]).json()
    assert set(known) - {"sub"} == told


@pytest.mark.parametrize(
    "more",
    [
        {"display": "page"},
        {"display": "popup"},
        {"extra": "foobar"},
        {"login_hint": "office.user@example.org"},
        {"ui_locales": "es en"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"acr_values": "1 2"},
        {"acr_values": "aal2"},
        {"max_age": "10000"},
        {"claims": json.dumps({"userinfo": {"name": {"essential": True}}})},
    ],
    ids=str,
)
def test_a_request_that_says_more_succeeds(party, more):
    """oidcc-display-page, -display-popup, -ensure-request-with-unknown-parameter-succeeds, -login-hint, -ui-locales,
    -claims-locales, -ensure-request-with-acr-values-succeeds, -max-age-10000, -claims-essential."""
    tokens = party.tokens(**more)
    assert party.claims(tokens["id_token"])["auth_time"]
    assert "name" in party.userinfo(tokens["access_token"]).json()


def test_two_sign_ons_in_one_session_tell_the_same_moment(party):
    """oidcc-prompt-none-logged-in, oidcc-max-age-10000: nobody proves anything anew, so auth_time stays."""
    first = party.claims(party.tokens()["id_token"])
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        second = party.claims(party.tokens(prompt="none", max_age="10000")["id_token"])
    assert (second["auth_time"], second["sub"], second["sid"]) == (first["auth_time"], first["sub"], first["sid"])


def test_an_expected_person_is_signed_on_silently(party):
    """oidcc-id-token-hint: prompt=none with the ID token of before."""
    token = party.tokens()["id_token"]
    assert party.tokens(prompt="none", id_token_hint=token)


def test_a_code_that_comes_back_after_half_a_minute_ends_its_tokens(party):
    """oidcc-codereuse-30seconds."""
    code = party.code()
    tokens = party.change(code).json()
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        assert party.change(code).json()["error"] == "invalid_grant"
        assert party.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize(
    ("name", "error"), [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")]
)
def test_request_objects_are_refused_as_the_standard_says(party, name, error):
    """oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported, oidcc-unsigned-request-object-...,
    oidcc-ensure-request-object-with-redirect-uri: what is in the object is never looked at."""
    inside = {"redirect_uri": "https://evil.example.org/", "response_type": "code"}
    value = jwt.encode(inside, key="", algorithm="none") if name == "request" else "https://evil.example.org/object"
    told = told_to_application(party.authorize(**{name: value}))
    assert (told["error"], told["state"]) == (error, "a-state")


def test_a_wrong_verifier_is_refused_and_the_right_one_taken(party):
    """oidcc-ensure-request-with-valid-pkce-succeeds."""
    assert party.change(party.code(), code_verifier="w" * 43).json()["error"] == "invalid_grant"
    assert party.change(party.code()).status_code == 200


def test_both_logouts_are_announced():
    """oidcc-rp-initiated-logout-discovery-endpoint-verification, oidcc-backchannel-logout-discovery-endpoint-verification."""
    told = Client().get("/.well-known/openid-configuration").json()
    assert told["end_session_endpoint"].endswith("/sign-on/logout")
    assert told["backchannel_logout_supported"] is told["backchannel_logout_session_supported"] is True


class TestLogout:
    """The RP-initiated plan: what it varies is sent with the hint of a session that is open."""

    @pytest.fixture
    def hint(self, party):
        return party.tokens()["id_token"]

    @staticmethod
    def ask(party, **asked):
        return party.browser.get("/sign-on/logout", asked)

    def assert_only_asked(self, party, asked):
        """T07: nothing has ended, and a button is there that ends it; nobody is sent to the application."""
        page = self.ask(party, **asked)
        assert page.status_code == 200
        assert ">Sign out</button>" in page.content.decode()
        assert OidcSession.objects.get().ended_at is None
        assert party.browser.post(f"/sign-on/leave?{urlencode(asked)}")["Location"] == "/id/signed-out/"
        assert OidcSession.objects.get().ended_at is not None

    def test_after_it_a_silent_sign_on_is_refused(self, party, hint):
        """oidcc-rp-initiated-logout, oidcc-backchannel-rp-initiated-logout: back with the state, then login_required."""
        answer = self.ask(party, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS, state="a-state")
        assert answer["Location"] == f"{AFTERWARDS}?state=a-state"
        assert told_to_application(party.authorize(prompt="none"))["error"] == "login_required"

    @pytest.mark.parametrize(
        "asked",
        [
            {"post_logout_redirect_uri": AFTERWARDS, "state": "s"},  # no-id-token-hint: by whom is not known
            {},  # no-params
            {"state": "s"},  # only-state
        ],
    )
    def test_without_a_hint_nobody_is_sent_on_without_being_asked(self, party, hint, asked):
        """oidcc-rp-initiated-logout-no-id-token-hint, -no-params, -only-state."""
        self.assert_only_asked(party, asked)

    def test_without_an_address_it_ends_on_our_page(self, party, hint):
        """oidcc-rp-initiated-logout-no-post-logout-redirect-uri."""
        assert self.ask(party, id_token_hint=hint, state="s")["Location"] == "/id/signed-out/"

    def test_without_state_none_is_made_up(self, party, hint):
        """oidcc-rp-initiated-logout-no-state."""
        assert self.ask(party, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS)["Location"] == AFTERWARDS

    @pytest.mark.parametrize("forged", ["modified", "signed by somebody else"])
    def test_a_hint_that_is_not_ours_sends_nobody_on(self, party, hint, forged):
        """oidcc-rp-initiated-logout-modified-id-token-hint, -bad-id-token-hint."""
        header, body, seal = hint.split(".")
        told = jwt.decode(hint, options={"verify_signature": False})
        wrong = f"{header}.{body}.{seal[:-8]}AAAAAAAA" if forged == "modified" else jwt.encode(told, "k" * 32)
        self.assert_only_asked(party, {"id_token_hint": wrong, "post_logout_redirect_uri": AFTERWARDS, "state": "s"})

    @pytest.mark.parametrize("address", [f"{AFTERWARDS}?foo=bar", "https://bills.example.org/other"])
    def test_a_query_that_was_added_to_the_address_is_refused(self, party, hint, address):
        """oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri, -bad-post-logout-redirect-uri."""
        self.assert_only_asked(party, {"id_token_hint": hint, "post_logout_redirect_uri": address, "state": "s"})


def test_every_test_that_the_list_names_exists():
    """Issue 5: the names of the modules in docs/, each with the test that covers it."""
    rows = re.findall(r"^\| `(oidcc-[\w-]+)` \| (.+) \|$", LIST.read_text(), re.MULTILINE)
    assert len(rows) == len({name for name, _ in rows}) == 53
    for name, covered in rows:
        named = re.findall(r"`(test_\w+(?:\.py)?(?:::\w+)+)`", covered)
        assert named or covered.startswith("does not apply"), name
        for one in named:
            file, *parts = one.split("::")
            found = sorted((ROOT / "tests").rglob(file))
            assert found, one
            inside = ast.parse(found[0].read_text()).body
            for part in parts:
                node = next((node for node in inside if getattr(node, "name", "") == part), None)
                assert node is not None, f"{name}: {one}"
                inside = node.body
