"""What an outside application may ask, and how everything else is refused (S0-04)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from identity.sessions import idle
from portals.models import OidcSession
from portals.oidc import applications
from rbac.models import AccessGrant
from tests.factories import NOW, PASSWORD, AccountFactory, GrantFactory
from tests.relying_party import CALLBACK, told_to_application
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db


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
            ({"response_mode": "fragment"}, "invalid_request"),
            ({"nonce": "a\0b"}, "invalid_request"),
            ({"nonce": ["one", "two"]}, "invalid_request"),
            ({"nonce": "n" * 501}, "invalid_request"),
            ({"claims": "{"}, "invalid_request"),
            ({"state": "s" * 2000}, "invalid_request"),
        ],
    )
    def test_what_is_out_of_order_is_refused_in_the_words_of_the_standard(self, party, change, error):
        """Bad input: PKCE may not be left out, nor weakened."""
        assert told_to_application(party.authorize(**change))["error"] == error
        assert not OidcSession.objects.exists()

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


def test_a_clock_that_runs_ahead_spoils_no_hint(party):
    """Bad input, clock skew: what another web server of ours signed a minute "later" is still ours."""
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        token = party.tokens()["id_token"]
    assert "code" in told_to_application(party.authorize(id_token_hint=token))
