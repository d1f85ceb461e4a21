"""The sample application takes nothing on trust: its state, the issuer, logout tokens, and whatever an error says."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.utils import timezone

from portals.oidc import applications, signing_keys
from portals.oidc.applications import Registration
from portals.oidc.messages import LOGOUT_EVENT
from tests.factories import AccountFactory, GrantFactory
from tests.interop.servers import ROOT, running
from tests.relying_party import register
from tests.services import free_port


@pytest.fixture
def bill_tracker(product, tmp_path):
    """Its address; it runs by itself, without the product's code."""
    address = f"http://localhost:{free_port()}"
    party = register(key="bill-tracker", name="Bill Tracker", redirect_uris=[f"{address}/callback"])
    asked = Registration(key="curo", name="CURO", portal_key="claims", redirect_uris=[f"{address}/curo/callback"])
    _, other = applications.register(asked, by=None, now=timezone.now(), client_id="curo")
    words = {"name": "CURO", "portal": "Optum Pro", "brand": "One Healthcare ID"}
    kept, played = tmp_path / "secret", tmp_path / "played"
    for file, text in ((kept, party.secret), (played, json.dumps({"curo": [other, words]}))):
        file.touch(mode=0o600)
        file.write_text(text)
    facts = {
        "PYTHONPATH": str(ROOT / "config" / "demo"), "SAMPLE_PORT": address.rpartition(":")[2], "ISSUER": product,
        "CLIENT_ID": party.client_id, "CLIENT_SECRET_FILE": str(kept), "PLAYED_FILE": str(played),
    }  # fmt: skip
    with running([sys.executable, "-m", "bill_tracker"], address=f"{address}/", folder=tmp_path, **facts):
        yield address, party


@pytest.fixture
def signed_on(bill_tracker, browser):
    """Somebody who is signed on there; answers their session's id and their own."""
    address, _ = bill_tracker
    account = GrantFactory(account=AccountFactory(first_name="<b>Zoë</b>")).account
    browser.sign_in(account)
    browser.open(f"{address}/login")
    browser.press("Continue")
    assert browser.page.url == f"{address}/bills"
    return str(account.oidc_sessions.get().session), str(account.public_id)


def logout_token(party, session, person, **change):
    now = timezone.now()
    told = {
        "iss": settings.PUBLIC_URL, "aud": party.client_id, "sub": person, "sid": session, "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=2)).timestamp()), "jti": os.urandom(8).hex(), "events": {LOGOUT_EVENT: {}},
    } | change  # fmt: skip
    told = {name: value for name, value in told.items() if value is not None}
    return signing_keys.sign(told, algorithm="RS256", kind="logout+jwt", now=timezone.now())


OUT_OF_ORDER = (
    {"iss": "https://evil.example.org"}, {"aud": "another"}, {"exp": 1}, {"exp": None}, {"iat": 99_999_999_999},
    {"iat": None}, {"jti": None}, {"events": None}, {"events": {"something": {}}}, {"events": [LOGOUT_EVENT]},
    {"nonce": "n"}, {"sid": None, "sub": None},
)  # fmt: skip


def test_a_logout_token_that_is_not_in_order_ends_nothing(bill_tracker, signed_on, browser):
    """OpenID Connect Back-Channel Logout 1.0, 2.6."""
    address, party = bill_tracker
    for change in OUT_OF_ORDER:
        wrong = logout_token(party, *signed_on, **change)
        answer = browser.http.post(f"{address}/back-channel-logout", {"logout_token": wrong})
        assert answer.status_code == 400, change
        assert browser.open(f"{address}/bills").url == f"{address}/bills", change


def test_a_logout_token_is_verified_and_counts_once(bill_tracker, signed_on, browser):
    """Unsigned, signed by somebody else, of another session: nothing ends. The right one ends the session."""
    address, party = bill_tracker
    right = logout_token(party, *signed_on)
    told = jwt.decode(right, options={"verify_signature": False})
    for wrong in (
        jwt.encode(told, "", algorithm="none"),
        jwt.encode(told, "k" * 32),
        right[:-6] + "AAAAAA",
        "",
        "a.b.c",
    ):
        assert browser.http.post(f"{address}/back-channel-logout", {"logout_token": wrong}).status_code == 400
    other = logout_token(party, "another session", signed_on[1])
    assert browser.http.post(f"{address}/back-channel-logout", {"logout_token": other}).status_code == 200
    assert browser.open(f"{address}/bills").url == f"{address}/bills"
    assert browser.http.post(f"{address}/back-channel-logout", {"logout_token": right}).status_code == 200
    assert browser.open(f"{address}/bills").url == f"{address}/"
    browser.open(f"{address}/login")  # the session at the ID goes on: signed on again, at once
    assert browser.page.url == f"{address}/bills"
    assert browser.http.post(f"{address}/back-channel-logout", {"logout_token": right}).status_code == 200
    assert browser.open(f"{address}/bills").url == f"{address}/bills", "a replay ends nothing"


def test_what_comes_back_must_belong_to_this_browser_and_issuer(bill_tracker, browser):
    """Bad input: forged state, another provider's answer; what an error says is shown as text."""
    address, _ = bill_tracker
    page = browser.open(f"{address}/callback?state=forged&code=x&iss=x")
    assert page.status_code == 403
    assert "unknown_state" in page.text
    sent = browser.ask(f"{address}/login").headers["Location"]
    state = sent.split("state=")[1].split("&")[0]
    page = browser.open(f"{address}/callback?state={state}&code=x&iss=https://evil.example.org")
    assert "mix_up" in page.text
    sent = browser.ask(f"{address}/login").headers["Location"]
    state = sent.split("state=")[1].split("&")[0]
    page = browser.open(f"{address}/callback?state={state}&error=<script>alert(1)</script>&error_description=<b>x</b>")
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text
    assert "<b>" not in page.text


def test_names_are_shown_as_text_and_forms_of_other_sites_do_nothing(bill_tracker, signed_on, browser):
    address, _ = bill_tracker
    assert "&lt;b&gt;Zoë" in browser.page.text
    assert browser.page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert browser.http.post(f"{address}/logout", {"form_token": "guessed"}).status_code == 200
    assert browser.open(f"{address}/bills").url == f"{address}/bills"
    assert browser.http.post(f"{address}/refresh", b"x" * 30_000).status_code == 413


def test_it_plays_another_application_at_a_path_of_its_own(bill_tracker, browser):
    """Issue 14: the sample plays any of the grid's applications; who is signed on to one is not to the other."""
    address, _ = bill_tracker
    browser.sign_in(GrantFactory(account=AccountFactory()).account)
    browser.open(f"{address}/curo/login")
    browser.press("Continue")
    assert browser.page.url == f"{address}/curo/bills"
    browser.open(f"{address}/bills")
    assert browser.page.url == f"{address}/"


def test_it_does_not_start_with_a_secret_that_others_can_read(bill_tracker, tmp_path):
    _, party = bill_tracker
    open_file = tmp_path / "open"
    open_file.write_text(party.secret)
    open_file.chmod(0o644)
    facts = {"SAMPLE_PORT": "1", "ISSUER": "http://localhost", "CLIENT_ID": "x", "CLIENT_SECRET_FILE": str(open_file)}
    answer = subprocess.run(
        [sys.executable, "-m", "bill_tracker"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "config" / "demo"), **facts},
    )  # fmt: skip
    assert answer.returncode == 1
    assert "can be read by others" in answer.stderr
