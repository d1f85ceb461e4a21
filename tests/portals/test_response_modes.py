"""How an application asks and is answered: by a form (T06), with empty parameters (T14), in a language (T08), and with
whatever else a stranger puts into an address (M8)."""

import re
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.test import Client

from rbac.models import AccessGrant
from tests.relying_party import CALLBACK, register, told_to_application

pytestmark = pytest.mark.django_db

# What ASP.NET Core 8 sends unless it is told otherwise (Microsoft.AspNetCore.Authentication.OpenIdConnect).
DOT_NET = {
    "response_mode": "form_post",
    "scope": "openid profile",
    "state": "CfDJ8Nrs-sealed_by+Data/Protection=",
    "nonce": "638000000000000000.MGE4ZTY4Yzct",
    "x-client-SKU": "ID_NET8_0",
    "x-client-ver": "7.1.2.0",
}


def posted(page):
    """Where the form of a page leads, and its fields."""
    text = page.content.decode()
    form = re.search(r'<form method="post" action="([^"]*)"[^>]*data-answer.*?</form>', text, re.S)
    assert form, text
    return form[1], dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[0]))


class TestFormPost:
    """OAuth 2.0 Form Post Response Mode."""

    def test_the_code_is_posted(self, party):
        """T06: no address holds it; a script presses the button, or a person."""
        page = party.agree(**DOT_NET)
        action, told = posted(page)
        assert page.status_code == 200
        assert action == CALLBACK
        assert told["state"] == DOT_NET["state"]
        assert told["iss"] == settings.PUBLIC_URL
        assert "form-action 'self' https://bills.example.org;" in page["Content-Security-Policy"]
        assert "script-src 'self';" in page["Content-Security-Policy"]
        assert "no-store" in page["Cache-Control"]
        assert page["Referrer-Policy"] == "strict-origin"
        assert ">Continue</button>" in page.content.decode()
        tokens = party.change(told["code"]).json()
        assert party.claims(tokens["id_token"])["nonce"] == DOT_NET["nonce"]

    def test_at_once_where_nobody_is_asked(self, party):
        party.agree()
        page = party.authorize(**DOT_NET)
        assert "code" in posted(page)[1]
        assert "form-action 'self' https://bills.example.org;" in page["Content-Security-Policy"]

    @pytest.mark.parametrize(
        ("change", "error"),
        [({"prompt": "dance"}, "invalid_request"), ({"response_type": "token"}, "unauthorized_client")],
    )
    def test_errors_are_posted_too(self, party, change, error):
        action, told = posted(party.authorize(**DOT_NET | change))
        assert (action, told["error"], told["state"]) == (CALLBACK, error, DOT_NET["state"])
        assert posted(party.agree(answer="deny", **DOT_NET))[1]["error"] == "access_denied"
        assert posted(party.authorize(Client(), prompt="none", **DOT_NET))[1]["error"] == "login_required"

    def test_what_an_application_says_is_text(self, party):
        told = posted(party.authorize(**DOT_NET | {"prompt": "dance", "state": '"><script>alert(1)</script>'}))[1]
        assert told["state"] == "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"

    def test_who_has_no_access_goes_back_by_a_form(self, party):
        AccessGrant.objects.all().delete()
        page = party.authorize(**DOT_NET)
        assert page.status_code == 403
        text = page.content.decode()
        assert f'<form method="post" action="{CALLBACK}">' in text
        assert '<input type="hidden" name="error" value="access_denied">' in text
        assert "form-action 'self' https://bills.example.org;" in page["Content-Security-Policy"]

    def test_an_application_on_a_phone_cannot_be_posted_to(self, office_user):
        party = register(is_public=True, redirect_uris=["com.example.bills:/back"])
        answer = party.authorize(redirect_uri="com.example.bills:/back", response_mode="form_post")
        assert answer.status_code == 302
        assert answer["Location"].startswith("com.example.bills:/back?error=invalid_request")

    def test_it_is_announced(self):
        told = Client().get("/.well-known/openid-configuration").json()
        assert told["response_modes_supported"] == ["query", "form_post"]


EMPTY = [
    "max_age", "response_mode", "request", "request_uri", "prompt", "nonce", "state", "claims", "ui_locales",
    "id_token_hint", "acr_values", "login_hint", "display", "unknown",
]  # fmt: skip


class TestEmptyParameters:
    """T14: a parameter without a value counts as left out (RFC 6749, 3.1)."""

    @pytest.mark.parametrize("name", EMPTY)
    def test_when_a_sign_on_is_asked_for(self, party, name):
        party.agree()
        assert "code" in told_to_application(party.authorize(**{name: ""}))

    @pytest.mark.parametrize(
        ("name", "error"),
        [("scope", "invalid_scope"), ("code_challenge", "invalid_request"), ("response_type", "invalid_request")],
    )
    def test_what_is_needed_is_missing_when_it_is_empty(self, party, name, error):
        assert told_to_application(party.authorize(**{name: ""}))["error"] == error

    def test_when_a_code_is_changed(self, party):
        answer = party.change(party.code(), scope="", resource="", client_assertion="", client_secret="")
        assert answer.status_code == 200
        assert party.change(party.code(), code_verifier="").json()["error"] == "invalid_request"

    def test_when_somebody_leaves(self, party):
        token = party.tokens()["id_token"]
        asked = {"id_token_hint": token, "client_id": "", "post_logout_redirect_uri": "", "state": ""}
        assert party.browser.get("/sign-on/logout", asked)["Location"] == "/id/signed-out/"


class TestLanguage:
    """T08: ui_locales, when the person's language is not known."""

    @pytest.mark.parametrize(
        ("locales", "language"),
        [("es-MX es en", "es"), ("es-419", "es"), ("fr-CA en", "en"), ("fr tlh", None), ("x" * 600, None), ("", None)],
    )
    def test_the_first_language_that_we_speak(self, party, locales, language):
        browser = Client(headers={"Accept-Language": "en-US"})
        answer = party.authorize(browser, ui_locales=locales)
        page = browser.get(answer["Location"])
        assert f'<html lang="{language or "en"}"' in page.content.decode()
        assert (settings.LANGUAGE_COOKIE_NAME in browser.cookies) is bool(language)

    def test_what_somebody_chose_stays(self, party):
        browser = Client()
        browser.get("/id/language/en/")
        assert browser.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
        page = browser.get(party.authorize(browser, ui_locales="es")["Location"])
        assert '<html lang="en"' in page.content.decode()


HOSTILE = ["a%00b", "%00", "%ED%A0%80", "%C2%B2", "%0D%0A", "%zz", "x" * 5000, "9" * 5000, "%E2%80%AE"]
ASKED = [*EMPTY, "client_id", "redirect_uri", "response_type", "scope", "code_challenge", "code_challenge_method"]


class TestHostileInput:
    """M8: never a 500; run on PostgreSQL too, which keeps no NUL."""

    @pytest.mark.parametrize("name", ASKED)
    def test_in_an_authorization_request(self, party, name):
        party.agree()
        for value in HOSTILE:
            query = urlencode({key: said for key, said in party.asks().items() if key != name})
            for browser in (party.browser, Client()):
                answer = browser.get(f"/sign-on/authorize?{query}&{name}={value}")
                assert answer.status_code < 500, (name, value)
            assert party.browser.post(f"/sign-on/agree?{query}&{name}={value}", {"answer": "allow"}).status_code < 500

    def test_a_nul_is_told_to_the_application(self, party):
        party.agree()
        for name in ("nonce", "state", "unknown", "login_hint"):
            answer = party.authorize(**{name: "a\0b"})
            assert told_to_application(answer)["error"] == "invalid_request"

    @pytest.mark.parametrize("path", ["token", "userinfo", "revoke"])
    def test_at_the_endpoints(self, party, path):
        names = [
            "grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "refresh_token",
            "token", "token_type_hint", "access_token", "scope",
        ]  # fmt: skip
        for grant in ("authorization_code", "refresh_token"):
            good = {"grant_type": grant, "code": party.code(), "refresh_token": "x", "token": "x"}
            for name in names:
                for value in HOSTILE:
                    body = urlencode({key: said for key, said in good.items() if key != name}) + f"&{name}={value}"
                    answer = Client().post(f"/sign-on/{path}", body, content_type="application/x-www-form-urlencoded")
                    assert answer.status_code < 500, (name, value)
        for value in ("Bearer a\0b", "Basic AAAA", "Bearer " + "x" * 5000, "Basic " + quote("²")):
            assert Client().post(f"/sign-on/{path}", headers={"Authorization": value}).status_code < 500

    def test_when_somebody_leaves(self, party):
        for name in ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"):
            for value in HOSTILE:
                assert party.browser.get(f"/sign-on/logout?{name}={value}").status_code < 500
                assert Client().post(f"/sign-on/leave?{name}={value}").status_code < 500
