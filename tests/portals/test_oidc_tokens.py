"""Codes, secrets and tokens of outside applications: every forgery and every replay refused (S0-04)."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import identify_hasher
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from identity.models import Account, JournalEntry
from identity.policy import lifecycle
from portals.models import OidcSession
from portals.oidc import applications, oidc_sessions, tokens
from portals.oidc.tokens import Kind
from rbac.domain import grants
from rbac.models import AccessGrant
from tests.factories import NOW
from tests.relying_party import CALLBACK, register, s256

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


class TestCodes:
    def test_a_code_counts_for_a_minute(self, party):
        """policy: sign-on codes 60 s."""
        begun = timezone.now()
        with time_machine.travel(begun, tick=False):
            early, late = party.code(), party.code()
        with time_machine.travel(begun + lifecycle.after("sign_on_code") - SECOND, tick=False):
            assert party.change(early).status_code == 200
        with time_machine.travel(begun + lifecycle.after("sign_on_code"), tick=False):
            assert party.change(late).json()["error"] == "invalid_grant"

    def test_a_code_counts_once_and_a_second_use_ends_everything(self, party):
        """policy, sign-on codes: a second use revokes the tokens."""
        code = party.code()
        first = party.change(code).json()
        again = party.change(code)
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
        assert party.userinfo(first["access_token"]).status_code == 401
        assert party.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
        assert JournalEntry.objects.get(kind="portals.OidcSessionEnded").facts["because"] == "its code was used twice"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"code_verifier": "w" * 43},
            {"code_verifier": None},
            {"redirect_uri": f"{CALLBACK}/"},
            {"redirect_uri": None},
        ],
    )
    def test_whatever_is_wrong_burns_the_code(self, party, wrong):
        """stack: a wrong verifier burns the code."""
        code = party.code()
        assert party.change(code, **wrong).status_code == 400
        assert party.change(code).json()["error"] == "invalid_grant"

    def test_a_plain_challenge_is_no_way_in(self, party):
        """Bad input: downgraded PKCE. Who saw the challenge cannot send it as the verifier."""
        code = party.code()
        assert party.change(code, code_verifier=s256(party.verifier)).status_code == 400

    def test_the_code_of_another_application(self, party, office_user):
        thief = register(key="thief", name="Thief")
        code = party.code()
        assert thief.change(code, code_verifier=party.verifier).json()["error"] == "invalid_grant"
        assert party.change(code).json()["error"] == "invalid_grant"  # it was in the wrong hands

    @pytest.mark.parametrize("code", ["", "x", "c", "cAAAA", "ä", "c" + "A" * 71, "r" + "A" * 71, "c!!!"])
    def test_a_forged_code(self, party, code):
        assert party.change(code).status_code == 400

    def test_a_code_is_no_token_and_a_token_no_code(self, party):
        answer = party.tokens()
        for one in (answer["access_token"], answer["refresh_token"]):
            assert party.change(one).json()["error"] == "invalid_grant"
            assert party.change("c" + one[1:]).json()["error"] == "invalid_grant"
        assert party.userinfo(answer["refresh_token"]).status_code == 401
        assert party.refresh(answer["access_token"]).json()["error"] == "invalid_grant"

    def test_nothing_of_a_code_or_token_is_stored(self, party):
        answer = party.tokens()
        row = OidcSession.objects.values().get()
        stored = json.dumps(row, default=str)
        assert answer["access_token"] not in stored
        assert answer["refresh_token"] not in stored
        assert party.verifier not in stored

    def test_access_that_ends_between_code_and_token(self, party, office_user):
        """Bad input: revoked grant between code and token."""
        code = party.code()
        grants.end(account=office_user, portal_key="claims", reason="left", by=None, now=timezone.now())
        assert party.change(code).json()["error"] == "invalid_grant"

    @pytest.mark.parametrize("form", [{}, {"grant_type": "password"}, {"grant_type": "client_credentials"}])
    def test_other_grants_are_not_known(self, party, form):
        answer = party.token(**form)
        assert answer.status_code in (400, 401)
        assert answer.json()["error"] in ("unsupported_grant_type", "unauthorized_client", "invalid_request")

    def test_a_parameter_that_stands_twice(self, party):
        answer = party.token(grant_type="authorization_code", code=["one", "two"])
        assert answer.json()["error"] == "invalid_request"

    @pytest.mark.parametrize("path", ["token", "userinfo", "revoke"])
    @pytest.mark.parametrize(
        ("kind", "sent"),
        [
            ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
            ("application/x-www-form-urlencoded; charset=nonsense", b"a=b"),
            ("application/x-www-form-urlencoded", b"a=b&" * 1500),
            ("application/x-www-form-urlencoded", b"a=" + b"b" * 1_100_000),
            ("application/x-www-form-urlencoded", b"grant_type=%ff%fe&code=%ff&client_id=%00"),
            ("multipart/form-data; boundary=x", b"\xff{"),
            ("multipart/form-data", b"x"),
            ("application/json", b"{"),
        ],
    )
    def test_a_body_that_is_none_is_an_error_of_the_standard(self, path, kind, sent):
        answer = Client().generic("POST", f"/sign-on/{path}", sent, content_type=kind)
        assert answer.status_code in (400, 401)
        assert answer.json()["error"]

    @pytest.mark.parametrize("path", ["token", "userinfo", "revoke"])
    def test_an_address_that_cannot_be_read(self, path):
        answer = Client().generic(
            "POST", f"/sign-on/{path}?a=%zz", b"", content_type="application/x-www-form-urlencoded"
        )
        assert answer.json()["error"] == "invalid_request"

    def test_another_host_is_told_nothing(self):
        assert Client().get("/.well-known/jwks.json", headers={"Host": "evil.example.org"}).status_code == 400

    def test_a_code_in_the_address_is_not_taken(self, party):
        assert Client().get("/sign-on/token", {"code": party.code()}).status_code == 405


class TestSecrets:
    def test_a_wrong_secret(self, party):
        code = party.code()
        party.secret = "wrong"
        answer = party.change(code)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    def test_a_wrong_secret_burns_nothing(self, party):
        """A stranger who saw a code cannot spoil it for the application either."""
        code, secret = party.code(), party.secret
        party.secret = "wrong"
        party.change(code)
        party.secret = secret
        assert party.change(code).status_code == 200

    def test_an_unknown_client_and_a_wrong_secret_are_told_alike(self, party):
        party.secret = "wrong"
        known = party.token(grant_type="refresh_token", refresh_token="x")
        party.application.pk = "unknown"
        unknown = party.token(grant_type="refresh_token", refresh_token="x")
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content)

    @pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic Og==", "Basic w6Q6w6Q=", "Bearer x", "Basic /w=="])
    def test_a_header_that_is_no_secret(self, header):
        answer = Client().post(
            "/sign-on/token", {"grant_type": "refresh_token", "refresh_token": "x"}, headers={"Authorization": header}
        )
        assert answer.json()["error"] == "invalid_client"

    def test_two_ways_at_once_are_refused(self, party):
        assert party.change(party.code(), client_secret=party.secret).status_code == 401

    def test_a_confidential_application_needs_its_secret(self, party):
        answer = party.change(party.code(), client_id=party.client_id, basic=False)
        assert answer.json()["error"] == "invalid_client"

    def test_a_secret_is_kept_under_a_fast_hash_that_no_password_can_have(self, party, office_user):
        """stack: machine secrets; a constraint keeps the form out of Account.password."""
        kept = party.application.client.secret
        assert kept.startswith("machine_sha256$")
        assert party.secret not in kept
        with pytest.raises(ValueError, match="machine_sha256"):
            identify_hasher(kept)
        with pytest.raises(IntegrityError), transaction.atomic():
            Account.objects.filter(pk=office_user.pk).update(password=kept)

    def test_a_new_secret_ends_the_old_one(self, party):
        old = party.secret
        party.secret = applications.new_secret(party.application, by=None, now=NOW)
        assert party.token(grant_type="refresh_token", refresh_token="x").json()["error"] == "invalid_grant"
        party.secret = old
        assert party.token(grant_type="refresh_token", refresh_token="x").json()["error"] == "invalid_client"


class TestTokens:
    def test_an_access_token_counts_for_five_minutes(self, party):
        """policy, sign-on codes: ID token 5 min."""
        begun = timezone.now().replace(microsecond=0)
        with time_machine.travel(begun, tick=False):
            answer = party.tokens()
        with time_machine.travel(begun + lifecycle.after("sign_on_token") - SECOND, tick=False):
            assert party.userinfo(answer["access_token"]).status_code == 200
        with time_machine.travel(begun + lifecycle.after("sign_on_token"), tick=False):
            refused = party.userinfo(answer["access_token"])
            assert refused.status_code == 401
            assert 'error="invalid_token"' in refused["WWW-Authenticate"]

    def test_refresh_tokens_rotate(self, party):
        """policy, sign-on codes: refresh tokens rotate."""
        first = party.tokens()
        second = party.refresh(first["refresh_token"]).json()
        third = party.refresh(second["refresh_token"]).json()
        assert len({one["refresh_token"] for one in (first, second, third)}) == 3
        assert party.userinfo(third["access_token"]).status_code == 200
        told = party.claims(third["id_token"])
        assert told["auth_time"] == party.claims(first["id_token"])["auth_time"]
        assert "nonce" not in told

    def test_an_old_refresh_token_ends_the_family(self, party):
        """stack: replay of an old refresh token revokes its family."""
        first = party.tokens()
        second = party.refresh(first["refresh_token"]).json()
        assert party.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
        assert party.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
        assert party.userinfo(second["access_token"]).status_code == 401

    def test_a_generation_that_was_never_made_cannot_be_forged(self, party):
        answer = party.tokens()
        genuine = tokens.parse(Kind.REFRESH, answer["refresh_token"])
        forged = answer["refresh_token"][:-2] + "AA"
        assert tokens.parse(Kind.REFRESH, forged) is None
        assert party.refresh(forged).json()["error"] == "invalid_grant"
        assert party.refresh(answer["refresh_token"]).status_code == 200  # a forgery ends nothing
        assert genuine.number == 0

    def test_another_application_cannot_refresh(self, party):
        thief = register(key="thief", name="Thief")
        answer = party.tokens()
        assert thief.refresh(answer["refresh_token"]).json()["error"] == "invalid_grant"
        assert party.refresh(answer["refresh_token"]).status_code == 200

    def test_a_refresh_says_what_its_token_may(self, party):
        """RFC 6749, 3.3: fewer scopes cannot be had, and the answer says so."""
        answer = party.refresh(party.tokens(scope="openid email")["refresh_token"], scope="openid").json()
        assert answer["scope"] == "openid email"

    def test_a_refresh_token_of_another_sign_on_is_none_of_this(self, party):
        """What is looked up and what is compared are the same token."""
        first, second = (oidc_sessions.of_refresh_token(party.tokens()["refresh_token"]) for _ in range(2))
        token = tokens.make(Kind.REFRESH, second.pk)
        with pytest.raises(oidc_sessions.Refused):
            oidc_sessions.refresh(first, token, client_id=party.client_id, now=timezone.now())
        assert not OidcSession.objects.exclude(ended_at=None).exists()

    def test_more_scopes_are_never_given_by_a_refresh(self, party):
        answer = party.tokens(scope="openid email")
        refused = party.refresh(answer["refresh_token"], scope="openid profile")
        assert refused.json()["error"] == "invalid_scope"

    def test_refreshing_ends_after_twelve_hours(self, party):
        """policy, sign-on codes: bounded lives."""
        begun = timezone.now()
        with time_machine.travel(begun, tick=False):
            answer = party.tokens()
        with time_machine.travel(begun + lifecycle.after("sign_on") - SECOND, tick=False):
            answer = party.refresh(answer["refresh_token"]).json()
        with time_machine.travel(begun + lifecycle.after("sign_on"), tick=False):
            assert party.refresh(answer["refresh_token"]).json()["error"] == "invalid_grant"

    def test_a_token_in_an_address_is_not_taken(self, party):
        """Addresses end up in logs."""
        token = party.tokens()["access_token"]
        assert Client().get("/sign-on/userinfo", {"access_token": token}).status_code == 401
        assert Client().post("/sign-on/userinfo", {"access_token": token}).status_code == 200

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer x y", "Basic x", "Bearer ä", "bearer " + "a" * 9000])
    def test_a_forged_token(self, header):
        answer = Client().get("/sign-on/userinfo", headers={"Authorization": header})
        assert answer.status_code == 401
        assert "no-store" in answer["Cache-Control"]

    def test_an_application_may_give_its_tokens_back(self, party):
        """RFC 7009."""
        answer, other = party.tokens(), party.tokens()
        for token in (answer["refresh_token"], "nonsense"):
            revoked = Client().post(
                "/sign-on/revoke", {"token": token, "client_id": party.client_id, "client_secret": party.secret}
            )
            assert revoked.status_code == 200
        assert party.userinfo(answer["access_token"]).status_code == 401
        assert party.userinfo(other["access_token"]).status_code == 200

    def test_nobody_gives_back_the_tokens_of_another(self, party):
        thief = register(key="thief", name="Thief")
        answer = party.tokens()
        form = {"token": answer["refresh_token"], "client_id": thief.client_id, "client_secret": thief.secret}
        assert Client().post("/sign-on/revoke", form).status_code == 200
        assert party.userinfo(answer["access_token"]).status_code == 200


def test_only_what_holds_is_told(party, office_user):
    """Every condition of Standing.holds ends a live token."""
    answer = party.tokens()
    assert party.userinfo(answer["access_token"]).status_code == 200
    for model, change, back in [
        (Account, {"is_active": False}, {"is_active": True}),
        (Account, {"session_epoch": 7}, {"session_epoch": office_user.session_epoch}),
        (AccessGrant, {"suspended_at": NOW}, {"suspended_at": None}),
        (AccessGrant, {"until": NOW}, {"until": None}),
        (type(party.application), {"is_open": False}, {"is_open": True}),
        (OidcSession, {"ended_at": NOW}, {"ended_at": None}),
    ]:
        model.objects.update(**change)
        assert party.userinfo(answer["access_token"]).status_code == 401, change
        model.objects.update(**back)
        assert party.userinfo(answer["access_token"]).status_code == 200, back
