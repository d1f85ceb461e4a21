"""Sign-on at outside applications: the code flow, what an application may ask, and every forgery refused (S0-04)."""

import base64
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.hashers import identify_hasher
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from identity import idle, lifecycle
from identity.models import Account, Challenge, JournalEntry, OpenSession, PhoneDevice
from portals.domain import applications, claims, sign_ons, tokens
from portals.domain.tokens import Kind
from portals.models import Consent, SignOn
from rbac.domain import grants
from rbac.models import AccessGrant, Practice
from tests.conftest import make_staff, signed_in
from tests.factories import NOW, PASSWORD, AccountFactory, GrantFactory
from tests.relying_party import CALLBACK, register, s256, told_to_application

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def party(office_user):
    """An application of the Claims portal, in the browser of somebody who may enter it."""
    party = register()
    party.browser = signed_in(office_user)
    return party


class TestTheFlow:
    def test_a_person_with_access_is_signed_on(self, party, office_user):
        """S0-04: one ID for every application that supports it, by an open standard."""
        answer = party.tokens()
        told = party.claims(answer["id_token"])
        assert told["sub"] == str(office_user.public_id)
        assert told["nonce"] == "a-nonce"
        assert told["sid"] == str(OpenSession.objects.get(account=office_user).pk)
        assert told["exp"] - told["iat"] == lifecycle.after("sign_on_token").total_seconds()
        assert answer["token_type"] == "Bearer"
        assert JournalEntry.objects.get(kind="portals.SignedOn").account == office_user

    def test_the_answer_names_the_issuer_and_the_state(self, party):
        """RFC 9207: an answer of another provider is not taken for ours."""
        told = told_to_application(party.agree())
        assert told["iss"] == "http://testserver"
        assert told["state"] == "a-state"

    def test_the_application_learns_what_was_agreed_to_and_no_more(self, party, office_user):
        assert set(party.userinfo(party.tokens(scope="openid")["access_token"]).json()) == {"sub"}
        known = party.userinfo(party.tokens(scope="openid profile email")["access_token"]).json()
        assert known["preferred_username"] == office_user.login_name
        assert (known["email"], known["email_verified"]) == (office_user.email, True)
        assert "portal" not in known

    def test_a_scope_that_was_not_given_is_left_out(self, party):
        """OpenID Connect Core, 3.1.2.1: some libraries always add offline_access."""
        assert party.tokens(scope="openid email offline_access email admin")["scope"] == "openid email"

    def test_the_claims_carry_the_grant(self, party, office_user):
        """The issue: portal, role, capabilities, practices, old user name. An SSN is told to no application."""
        grant = AccessGrant.objects.get(account=office_user)
        practice = Practice.objects.create(name="Lakeside")
        practice.tins.create(digits="123456789", kind="EIN")
        practice.tins.create(digits="987654321", kind="SSN")
        grant.practices.add(practice)
        AccessGrant.objects.update(capabilities=["bill_tracker"], attributes={"legacy_user_name": "old.user"})
        GrantFactory(account=office_user, portal_key="physician", role="another")
        known = party.userinfo(party.tokens()["access_token"]).json()
        assert known["portal"] == "claims"
        assert known["role"] == "user"
        assert known["capabilities"] == ["bill_tracker"]
        assert known["practices"] == [{"id": str(practice.pk), "name": "Lakeside", "tax_ids": ["123456789"]}]
        assert known["legacy_user_name"] == "old.user"

    def test_userinfo_takes_two_queries_and_a_refresh_two(self, party, django_assert_num_queries):
        """speed: query budgets."""
        answer = party.tokens()
        with django_assert_num_queries(2):
            party.userinfo(answer["access_token"])
        with django_assert_num_queries(2):  # the row, and the one statement that counts it up
            party.refresh(answer["refresh_token"])

    def test_an_application_without_secret_proves_itself_by_pkce(self, office_user):
        party = register(is_public=True)
        party.browser = signed_in(office_user)
        answer = party.change(party.code(), client_id=party.client_id)
        assert answer.status_code == 200
        assert party.refresh(answer.json()["refresh_token"], client_id=party.client_id).status_code == 200

    def test_a_secret_may_come_in_the_form(self, party):
        answer = party.change(party.code(), client_id=party.client_id, client_secret=party.secret, basic=False)
        assert answer.status_code == 200

    def test_who_may_not_refresh_gets_no_token_for_it(self, office_user):
        party = register(refreshes=False)
        party.browser = signed_in(office_user)
        assert "refresh_token" not in party.tokens()

    def test_es256_beside_rs256(self, office_user):
        party = register(algorithm="ES256")
        party.browser = signed_in(office_user)
        token = party.tokens()["id_token"]
        assert json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["alg"] == "ES256"
        assert party.claims(token)["sub"]

    def test_a_request_may_be_posted(self, party):
        answer = Client(enforce_csrf_checks=True).post("/sign-on/authorize", party.asks())
        assert answer.status_code == 303
        assert answer["Location"].startswith("/sign-on/authorize?")

    def test_the_brand_of_the_portal_asks_for_the_sign_in(self, db):
        """S0-10, S0-11: who comes from TruCase's application sees TruCase's sign-in page, and comes back."""
        party = register(portal_key="trucase")
        browser = Client()
        sent = party.authorize(browser)
        assert sent["Location"].startswith("/id/sign-in/?")
        page = browser.get(sent["Location"])
        assert "Sign In With Your Optum ID" in page.content.decode()
        assert "form-action 'self' https://bills.example.org" in page["Content-Security-Policy"]

    def test_a_page_of_somebody_signed_in_ends_nowhere_else(self, party):
        path = f"/sign-on/authorize?{urlencode(party.asks())}"
        assert "bills" not in party.browser.get("/id/profile/", {"next": path})["Content-Security-Policy"]
        assert "bills" in party.browser.get("/id/confirm/", {"next": path})["Content-Security-Policy"]

    def test_forms_end_elsewhere_only_within_a_request_that_is_in_order(self, party, client):
        """interface: form-action names the origin of a registered address only."""
        asked = party.asks(redirect_uri="https://evil.example.org/callback")
        page = client.get("/id/sign-in/", {"next": f"/sign-on/authorize?{urlencode(asked)}"})
        assert "evil" not in page["Content-Security-Policy"]
        assert page["Content-Security-Policy"].count("form-action 'self';") == 1


class TestAccess:
    def test_without_a_grant_there_is_no_code_and_the_person_is_shown_how_to_ask(self, party, stranger):
        """The issue; D-07."""
        page = party.authorize(signed_in(stranger))
        assert page.status_code == 403
        shown = page.content.decode()
        assert "You have no access to Bill Viewer yet" in shown
        assert "/p/optum-connect/portals/" in shown
        assert "error=access_denied" in shown
        assert not SignOn.objects.exists()

    def test_an_application_may_need_a_capability(self, party, office_user):
        """S0-02: Bill Tracker is a right of its own inside TruCase."""
        party.application.capability = "bill_tracker"
        party.application.save()
        assert party.authorize().status_code == 403
        AccessGrant.objects.update(capabilities=["bill_tracker"])
        tokens_ = party.tokens()
        AccessGrant.objects.update(capabilities=[])
        assert party.userinfo(tokens_["access_token"]).status_code == 401

    def test_access_that_rests_leads_to_the_way_back(self, party):
        """S3-19."""
        AccessGrant.objects.update(suspended_at=NOW)
        assert party.authorize()["Location"] == "/p/claims/way-back/"

    def test_an_account_of_another_realm_is_told_so(self, party):
        kim = GrantFactory(account=AccountFactory(realm="provider-online"), portal_key="provider-online").account
        assert party.authorize(signed_in(kim))["Location"] == "/p/claims/other-account/"
        assert told_to_application(party.authorize(signed_in(kim), prompt="none"))["error"] == "login_required"

    def test_staff_without_access_get_no_code_either(self, party):
        assert party.authorize(signed_in(make_staff("desk.x", "service desk"), verified=True)).status_code == 403


class TestAgreement:
    def test_a_person_is_asked_once(self, party, office_user):
        assert "Continue to Bill Viewer?" in party.authorize().content.decode()
        told_to_application(party.agree())
        assert "code" in told_to_application(party.authorize())
        assert Consent.objects.get().scopes == ["email", "openid", "portal_access", "profile"]

    def test_nothing_is_agreed_to_without_access(self, party, stranger):
        """Whoever may not enter, or has to prove more first, has agreed to nothing yet."""
        assert party.agree(signed_in(stranger)).status_code == 403
        assert party.agree(prompt="login")["Location"].startswith("/id/confirm/")
        assert not Consent.objects.exists()

    def test_asking_for_more_asks_again(self, party):
        party.agree(scope="openid")
        assert "code" in told_to_application(party.authorize(scope="openid"))
        assert party.authorize(scope="openid email").status_code == 200

    def test_who_does_not_agree_is_not_signed_on(self, party):
        told = told_to_application(party.agree(answer="deny"))
        assert told["error"] == "access_denied"
        assert not Consent.objects.exists()

    def test_nobody_agrees_by_a_link(self, party):
        """policy, Always: a GET changes nothing."""
        answer = party.browser.get(f"/sign-on/agree?{urlencode(party.asks())}")
        assert answer["Location"].startswith("/sign-on/authorize?")
        assert not Consent.objects.exists()

    def test_what_is_agreed_to_stands_in_the_address(self, party):
        asked = party.asks()
        del asked["redirect_uri"]
        path = f"/sign-on/agree?{urlencode(asked)}"
        assert party.browser.post(path, {"answer": "allow", "redirect_uri": CALLBACK}).status_code == 400

    def test_another_site_cannot_agree_for_somebody(self, party, office_user):
        browser = Client(enforce_csrf_checks=True)
        browser.cookies = party.browser.cookies
        answer = browser.post(f"/sign-on/agree?{urlencode(party.asks())}", {"answer": "allow"})
        assert answer.status_code == 403

    def test_an_application_of_the_house_need_not_ask(self, office_user):
        party = register(asks_consent=False)
        assert "code" in told_to_application(party.authorize(signed_in(office_user)))

    def test_prompt_consent_asks_anew(self, party):
        party.agree()
        assert party.authorize(prompt="consent").status_code == 200
        assert "code" in told_to_application(party.agree(prompt="consent"))


class TestWhatAnApplicationMayAsk:
    def test_without_any_page(self, party):
        """prompt=none answers at once, whatever the answer is."""
        assert told_to_application(party.authorize(Client(), prompt="none"))["error"] == "login_required"
        assert told_to_application(party.authorize(prompt="none"))["error"] == "consent_required"
        party.agree()
        assert "code" in told_to_application(party.authorize(prompt="none"))
        AccessGrant.objects.update(suspended_at=NOW)
        assert told_to_application(party.authorize(prompt="none"))["error"] == "interaction_required"
        AccessGrant.objects.update(suspended_at=None, until=NOW)
        assert told_to_application(party.authorize(prompt="none"))["error"] == "access_denied"

    @pytest.mark.parametrize("ask", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "300"}])
    def test_a_proof_that_is_recent(self, party, ask):
        """stack: max_age and prompt=login ask for a new proof, once; auth_time says when it was."""
        party.agree()
        with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
            before = party.claims(party.tokens()["id_token"])["auth_time"]
            asked = party.authorize(**ask)
            assert asked["Location"].startswith("/id/confirm/")
            assert party.authorize(**ask)["Location"].startswith("/id/confirm/")  # asking twice proves nothing
            party.browser.post(asked["Location"], {"password": PASSWORD})
            token = party.change(told_to_application(party.authorize(**ask))["code"]).json()["id_token"]
            assert party.claims(token)["auth_time"] > before
            assert party.claims(token)["auth_time"] == int(timezone.now().timestamp())
            assert party.authorize(**ask | {"nonce": "another", "prompt": "login"})["Location"].startswith("/id/conf")

    def test_a_proof_given_for_one_request_does_not_count_for_another(self, party):
        party.agree()
        asked = party.authorize(prompt="login")
        party.browser.post(asked["Location"], {"password": PASSWORD})
        assert party.authorize(prompt="login", state="other")["Location"].startswith("/id/confirm/")

    def test_who_has_just_signed_in_is_not_asked_twice(self, party):
        """prompt=login is answered by the sign-in itself."""
        sent = party.authorize(Client(), prompt="login consent")["Location"]
        assert "prompt%3Dconsent" in sent
        assert "login" not in sent.partition("?")[2].replace("/id/", "")

    def test_a_silent_question_moves_no_clock_and_is_no_use_of_the_portal(self, party):
        """policy, session: polls never move it. Libraries ask every few minutes by themselves."""
        party.agree()
        used = AccessGrant.objects.get().last_used_at
        session = party.browser.session
        with time_machine.travel(timezone.now() + timedelta(minutes=20)):
            AccessGrant.objects.update(last_used_at=NOW)
            assert "code" in told_to_application(party.authorize(prompt="none"))
            assert idle.left(session, now=timezone.now()) <= timedelta(minutes=10)
            assert AccessGrant.objects.get().last_used_at == NOW
            assert "code" in told_to_application(party.authorize())
            assert idle.left(session, now=timezone.now()) > timedelta(minutes=20)
        assert used is not None

    def test_max_age_that_is_kept(self, party):
        party.agree()
        assert "code" in told_to_application(party.authorize(max_age="300"))
        with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
            assert told_to_application(party.authorize(max_age="300", prompt="none"))["error"] == "login_required"

    def test_somebody_else_than_the_application_expects(self, party, office_user):
        token = party.tokens()["id_token"]
        assert "code" in told_to_application(party.authorize(id_token_hint=token))
        other = GrantFactory(account=AccountFactory(), portal_key="claims").account
        assert told_to_application(party.authorize(signed_in(other), id_token_hint=token))["error"] == "login_required"
        assert told_to_application(party.authorize(id_token_hint="a.b.c"))["error"] == "login_required"

    def test_a_new_id_may_be_asked_for(self, party):
        assert party.authorize(Client(), prompt="create")["Location"].startswith("/id/create/?next=")

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"response_type": "token"}, "unauthorized_client"),
            ({"response_type": "code id_token"}, "unauthorized_client"),
            ({"response_type": None}, "invalid_request"),
            ({"scope": "profile"}, "invalid_scope"),
            ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"code_challenge_method": None}, "invalid_request"),
            ({"code_challenge": "short"}, "invalid_request"),
            ({"code_challenge": "ä" * 43}, "invalid_request"),
            ({"prompt": "none login"}, "invalid_request"),
            ({"prompt": "dance"}, "invalid_request"),
            ({"max_age": "-1"}, "invalid_request"),
            ({"max_age": "soon"}, "invalid_request"),
            ({"request": "ey.ey.ey"}, "request_not_supported"),
            ({"request_uri": "https://evil.example.org/"}, "request_uri_not_supported"),
            ({"response_mode": "form_post"}, "invalid_request"),
            ({"nonce": ["one", "two"]}, "invalid_request"),
            ({"nonce": "n" * 501}, "invalid_request"),
            ({"claims": "{"}, "invalid_request"),
            ({"state": "s" * 2000}, "invalid_request"),
        ],
    )
    def test_what_is_out_of_order_is_refused_in_the_words_of_the_standard(self, party, change, error):
        """Bad input: PKCE may not be left out, nor weakened."""
        assert told_to_application(party.authorize(**change))["error"] == error
        assert not SignOn.objects.exists()

    @pytest.mark.parametrize(
        "uri",
        [
            None,
            "",
            f"{CALLBACK}/",
            f"{CALLBACK}x",
            f"{CALLBACK}?more=1",
            f"{CALLBACK}#part",
            f"{CALLBACK}/../callback",
            "https://bills.example.org/%63allback",
            "https://bills.example.org:443/callback",
            "https://bills.example.org:8443/callback",
            "https://bills.example.org@evil.example.org/callback",
            "https://user@bills.example.org/callback",
            "https://bills.example.org.evil.example.org/callback",
            "https://BILLS.example.org/callback",
            "http://bills.example.org/callback",
            "//bills.example.org/callback",
            "/callback",
            "javascript:alert(1)",
            "https://bills.example.org/callback\r\nX: 1",
            "https://bills.example.org\\@evil.example.org/callback",
        ],
    )
    def test_an_address_that_is_not_registered_letter_by_letter_is_sent_nothing(self, party, uri):
        """Bad input: prefix, encoding, userinfo, fragment."""
        page = party.authorize(redirect_uri=uri)
        assert page.status_code == 400
        assert "This request cannot be answered" in page.content.decode()
        assert '="https://evil' not in page.content.decode()

    @pytest.mark.parametrize("client_id", ["unknown", "", None, "\x00", "' or 1=1", "x" * 5000])
    def test_an_unknown_client_is_sent_nothing(self, party, client_id):
        assert party.authorize(client_id=client_id).status_code == 400

    def test_a_repeated_address_is_sent_nothing(self, party):
        assert party.authorize(redirect_uri=[CALLBACK, "https://evil.example.org/"]).status_code == 400

    def test_a_closed_application_is_an_unknown_one(self, party):
        applications.set_open(party.application, False, by=None, now=NOW)
        assert party.authorize().status_code == 400
        assert party.token(grant_type="authorization_code", code="x").json()["error"] == "invalid_client"


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
        """policy: a second use revokes the tokens."""
        code = party.code()
        first = party.change(code).json()
        again = party.change(code)
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
        assert party.userinfo(first["access_token"]).status_code == 401
        assert party.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
        assert JournalEntry.objects.get(kind="portals.SignOnEnded").facts["because"] == "its code was used twice"

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
        row = SignOn.objects.values().get()
        stored = json.dumps(row, default=str)
        assert answer["access_token"] not in stored
        assert answer["refresh_token"] not in stored
        assert party.verifier not in stored

    def test_access_that_ends_between_code_and_token(self, party, office_user):
        """Bad input: revoked grant between code and token."""
        code = party.code()
        grants.end(account=office_user, portal_key="claims", because_of="left", by=None, now=timezone.now())
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
        """policy: ID token 5 min."""
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
        """policy: refresh tokens rotate."""
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
        genuine = tokens.read(Kind.REFRESH, answer["refresh_token"])
        forged = answer["refresh_token"][:-2] + "AA"
        assert tokens.read(Kind.REFRESH, forged) is None
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
        first, second = (sign_ons.of_refresh_token(party.tokens()["refresh_token"]) for _ in range(2))
        token = tokens.make(Kind.REFRESH, second.pk)
        with pytest.raises(sign_ons.Refused):
            sign_ons.refresh(first, token, client_id=party.client_id, now=timezone.now())
        assert not SignOn.objects.exclude(ended_at=None).exists()

    def test_more_scopes_are_never_given_by_a_refresh(self, party):
        answer = party.tokens(scope="openid email")
        refused = party.refresh(answer["refresh_token"], scope="openid profile")
        assert refused.json()["error"] == "invalid_scope"

    def test_refreshing_ends_after_twelve_hours(self, party):
        """policy: bounded lives."""
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


class TestHonesty:
    """stack: auth_time, amr, acr; text, call and e-mail are told honestly."""

    def told(self, party, **change):
        token = party.tokens(**change)["id_token"]
        told = party.claims(token)
        return told["amr"], told["acr"]

    def test_a_password_and_a_mailed_code(self, party):
        assert self.told(party) == (["email", "pwd"], "aal1")

    @pytest.mark.parametrize(("channel", "word"), [("text", "sms"), ("call", "tel"), ("spoken", "tel")])
    def test_a_phone(self, party, office_user, channel, word):
        device = PhoneDevice.objects.create(
            user=office_user, number="+13105550199", confirmed=True, confirmed_at=NOW, method="text"
        )
        Challenge.objects.create(
            account=office_user, purpose="second_factor", target_key="x", channel=channel,
            sent_at=NOW, expires_at=NOW, used_at=NOW,
        )  # fmt: skip
        from identity.domain import phones

        party.browser = signed_in(office_user, device=device)
        session = party.browser.session
        for record in session["account_authentication_methods"]:
            if record["method"] == "mfa":
                record["channel"] = phones.answered_by(device)
        session.save()
        amr, acr = self.told(party)
        assert word in amr
        assert "mfa" in amr
        assert acr == "aal2-restricted"

    def test_a_remembered_device_is_no_second_factor(self, party, office_user):
        session = party.browser.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": timezone.now().timestamp()},
            {"method": "remembered", "type": "phone", "at": timezone.now().timestamp()},
        ]
        session.save()
        assert self.told(party) == (["pwd"], "aal1")


class TestDocuments:
    def test_the_issuer_is_fixed_whatever_the_host_says(self, party, settings):
        """stack: issuer taken from the Host header."""
        settings.ALLOWED_HOSTS = ["*"]
        told = Client().get("/.well-known/openid-configuration", headers={"Host": "evil.example.org"}).json()
        assert told["issuer"] == "http://testserver"
        assert "evil" not in json.dumps(told)

    def test_discovery_promises_what_is_kept(self, party):
        told = Client().get("/.well-known/openid-configuration").json()
        assert told["code_challenge_methods_supported"] == ["S256"]
        assert told["response_types_supported"] == ["code"]
        assert told["backchannel_logout_supported"] is True
        for name, address in told.items():
            if name.endswith(("_endpoint", "_uri")):
                assert Client().get(address.removeprefix("http://testserver")).status_code < 500
        known = party.userinfo(party.tokens()["access_token"]).json()
        assert set(known) <= set(told["claims_supported"])
        assert list(claims.SCOPES) == told["scopes_supported"]


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
        (SignOn, {"ended_at": NOW}, {"ended_at": None}),
    ]:
        model.objects.update(**change)
        assert party.userinfo(answer["access_token"]).status_code == 401, change
        model.objects.update(**back)
        assert party.userinfo(answer["access_token"]).status_code == 200, back
