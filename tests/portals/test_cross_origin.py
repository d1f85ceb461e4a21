"""Browser applications call from their own origin (CORS): T05."""

import pytest
from django.test import Client

from portals.oidc import applications
from tests.factories import NOW
from tests.relying_party import CALLBACK, register
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db

OWN, OTHER, SERVER = "https://bills.example.org", "https://other.example.org", "https://server.example.org"
ALLOWED = "Access-Control-Allow-Origin"
ENDPOINTS = {"/sign-on/token": "POST", "/sign-on/userinfo": "GET, POST", "/sign-on/revoke": "POST"}


@pytest.fixture
def party(office_user):
    """A browser application, beside another one, and one on a server."""
    register(key="other", name="Other", is_public=True, redirect_uris=[f"{OTHER}/callback"])
    register(key="server", name="Server", redirect_uris=[f"{SERVER}/callback"])
    party = register(is_public=True)
    party.browser = signed_in(office_user)
    return party


def asked_before(path, origin, **more):
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST", **more}
    return Client().options(path, headers=headers)


def change(party, origin, code):
    form = {
        "grant_type": "authorization_code", "client_id": party.client_id, "code": code, "redirect_uri": CALLBACK,
        "code_verifier": party.verifier,
    }  # fmt: skip
    return Client().post("/sign-on/token", form, headers={"Origin": origin})


@pytest.mark.parametrize(("path", "methods"), ENDPOINTS.items())
def test_the_question_before_the_call_is_answered_for_registered_origins(party, path, methods):
    answer = asked_before(path, OWN, **{"Access-Control-Request-Headers": "content-type"})
    assert answer.status_code == 204
    assert answer[ALLOWED] == OWN
    assert answer["Access-Control-Allow-Methods"] == methods
    assert answer["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert "Origin" in answer["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "origin",
    [
        SERVER,
        "null",
        "*",
        "https://evil.example.org",
        f"{OWN}.evil.example.org",
        f"{OWN}/",
        f"{OWN}:8443",
        "http://bills.example.org",
        "https://bills.example.org\0",
        "https://[",
    ],
)
def test_everybody_else_is_told_nothing(party, path, origin):
    """Also an application on a server: its secret has no place in a browser."""
    for answer in (asked_before(path, origin), Client().post(path, {"token": "x"}, headers={"Origin": origin})):
        assert ALLOWED not in answer
        assert "Origin" in answer["Vary"]


def test_a_caller_without_an_origin_is_answered_as_ever(party):
    for path in ENDPOINTS:
        assert Client().options(path).status_code == 405
        assert ALLOWED not in Client().post(path)


def test_the_answer_is_shown_to_the_own_origin_only(party):
    """Another registered application of a browser gets the call through, and cannot read what came of it."""
    assert change(party, OWN, party.code())[ALLOWED] == OWN
    answer = change(party, OTHER, party.code())
    assert answer.status_code == 200
    assert ALLOWED not in answer
    refused = change(party, OWN, "nonsense")
    assert (refused.status_code, refused[ALLOWED]) == (400, OWN)
    assert ALLOWED not in change(party, OTHER, "nonsense")


def test_userinfo_and_revocation_too(party):
    tokens = change(party, OWN, party.code()).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    known = Client().get("/sign-on/userinfo", headers={"Origin": OWN, **bearer})
    assert (known.status_code, known[ALLOWED]) == (200, OWN)
    assert "Access-Control-Allow-Credentials" not in known
    assert ALLOWED not in Client().get("/sign-on/userinfo", headers={"Origin": OTHER, **bearer})
    form = {"token": tokens["refresh_token"], "client_id": party.client_id}
    assert ALLOWED not in Client().post("/sign-on/revoke", form, headers={"Origin": OTHER})
    assert Client().post("/sign-on/revoke", form, headers={"Origin": OWN})[ALLOWED] == OWN
    over = Client().get("/sign-on/userinfo", headers={"Origin": OWN, **bearer})
    assert (over.status_code, over[ALLOWED]) == (401, OWN)  # the application has to read that its token is over
    assert over["Access-Control-Expose-Headers"] == "WWW-Authenticate"


def test_the_tokens_of_an_application_on_a_server_are_shown_to_no_browser(party, office_user):
    confidential = register(key="both", name="Both")  # the same addresses as the browser application
    confidential.browser = signed_in(office_user)
    bearer = {"Authorization": f"Bearer {confidential.tokens()['access_token']}"}
    answer = Client().get("/sign-on/userinfo", headers={"Origin": OWN, **bearer})
    assert answer.status_code == 200
    assert ALLOWED not in answer


def test_a_closed_application_has_no_origin(party):
    applications.set_open(party.application, False, by=None, now=NOW)
    assert ALLOWED not in asked_before("/sign-on/token", OWN)


@pytest.mark.parametrize(
    ("registered", "origin"),
    [
        ("https://BILLS.example.org:443/x", "https://bills.example.org"),
        ("http://localhost:80/x", "http://localhost"),
        ("http://localhost:5173/x?y", "http://localhost:5173"),
        ("http://[::1]:9000/x", "http://[::1]:9000"),
    ],
)
def test_origins_are_compared_as_browsers_write_them(registered, origin):
    register(is_public=True, redirect_uris=[registered, "com.example.bills:/back"])
    assert asked_before("/sign-on/token", origin)[ALLOWED] == origin
