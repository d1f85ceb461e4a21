"""Passkeys: set up, named, removed, and signing in without a password (S1-51, S1-52)."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.models import (
    PasskeyDevice,
)
from identity.policy import lifecycle
from tests.conftest import make_staff
from tests.factories import AccountFactory
from tests.soft_passkey import SoftPasskey
from tests.steps.sign_in import FACTOR, sign_in, signed_in

pytestmark = pytest.mark.django_db
CONFIRM = "/id/confirm/"
METHODS, ADD, SIGN_IN, PASSKEY = "/id/faster-sign-in/", "/id/methods/passkey/", "/id/sign-in/", "/id/sign-in/passkey/"


@pytest.fixture(autouse=True)
def _localhost(settings):
    settings.PUBLIC_URL = "http://localhost"


def set_up(client, passkey, name="Office laptop"):
    options = client.get(f"{ADD}options/").json()
    return client.post(ADD, {"name": name, "credential": passkey.make(options)})


def show(client, passkey):
    return client.post(PASSKEY, {"credential": passkey.show(client.get(PASSKEY).json())})


@pytest.fixture
def passkey(provider):
    made = SoftPasskey()
    assert set_up(signed_in(provider), made).url == METHODS
    return made


def test_a_passkey_is_named_and_listed(provider):
    """S1-51, S1-52: after the set-up the screen returns and says "Added"."""
    browser = signed_in(provider)
    set_up(browser, SoftPasskey(), name="Kitchen tablet")
    page = browser.get(METHODS).content.decode()
    assert "Kitchen tablet" in page
    assert "Added" in page


def test_signing_in_takes_the_passkey_and_nothing_else(client, passkey, provider):
    """S1-51: no ID, no password, no code; it counts as a verified second factor."""
    assert show(client, passkey).url == reverse("profile")
    assert client.session["_auth_user_id"] == str(provider.pk)
    assert client.session["otp_device_id"].startswith("identity.passkeydevice/")


def test_a_member_of_staff_reaches_the_admin_site_by_passkey(client, agent):
    """Admin and staff need a second factor always: a passkey with user verification is one."""
    passkey = SoftPasskey()
    set_up(signed_in(agent, verified=True), passkey)
    show(client, passkey)
    assert client.get("/admin/").status_code == 200


def test_it_serves_as_the_second_step_after_a_password(client, passkey, provider):

    assert sign_in(client, "dr.provider").url == FACTOR
    options = client.get(f"{FACTOR}?use=passkey").context["options"]
    assert client.post(f"{FACTOR}?use=passkey", {"credential": passkey.show(options)}).url == reverse("profile")


@pytest.mark.parametrize("passkey_kind", [{"verified": False}, {"origin": "http://evil.example"}])
def test_without_user_verification_or_from_another_page_none_is_made(provider, passkey_kind):
    browser = signed_in(provider)
    assert set_up(browser, SoftPasskey(**passkey_kind)).status_code == 200
    assert not PasskeyDevice.objects.exists()


def test_user_verification_is_required_at_sign_in(client, passkey):
    """policy, passkey: the fingerprint, face or PIN is asked for, always."""
    passkey.verified = False
    assert show(client, passkey).url == SIGN_IN
    assert "_auth_user_id" not in client.session


def test_a_challenge_is_answered_once_and_belongs_to_its_browser(client, passkey):
    answer = passkey.show(client.get(PASSKEY).json())
    assert Client().post(PASSKEY, {"credential": answer}).url == SIGN_IN, "another browser's answer"
    assert client.post(PASSKEY, {"credential": answer}).url == reverse("profile")
    client.post("/id/sign-out/")
    client.get(SIGN_IN)
    assert client.post(PASSKEY, {"credential": answer}).url == SIGN_IN, "a replay"


def cookie_of(client):
    return client.cookies[f"{site.SESSION_COOKIE_NAME}-passkey"]


def test_a_stranger_who_asks_for_challenges_makes_no_session_row(client):
    """L10: each was a row of the session table, 300 a minute from one address."""
    before = Session.objects.count()
    challenges = {Client().get(PASSKEY).json()["publicKey"]["challenge"] for _ in range(40)}
    assert len(challenges) == 40
    assert Session.objects.count() == before


def test_a_challenge_that_was_answered_is_refused_with_its_cookie_too(client, passkey):
    """L10: without a row, the cookie can be sent once more; the answer does not count once more."""
    answer, cookie = passkey.show(client.get(PASSKEY).json()), cookie_of(client).value
    assert client.post(PASSKEY, {"credential": answer}).url == reverse("profile")
    thief = Client()
    thief.cookies[f"{site.SESSION_COOKIE_NAME}-passkey"] = cookie
    assert thief.post(PASSKEY, {"credential": answer}).url == SIGN_IN
    assert "_auth_user_id" not in thief.session


def test_a_challenge_that_was_answered_badly_is_used_up(client, passkey):
    answer, cookie = passkey.show(client.get(PASSKEY).json()), cookie_of(client).value
    client.post(PASSKEY, {"credential": "{}"})
    client.cookies[f"{site.SESSION_COOKIE_NAME}-passkey"] = cookie
    assert client.post(PASSKEY, {"credential": answer}).url == SIGN_IN


def test_the_challenge_lies_where_no_script_reads_it_and_says_nothing(client):
    cookie = cookie_of(client) if client.get(PASSKEY) else None
    challenge = client.get(PASSKEY).json()["publicKey"]["challenge"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert challenge not in cookie_of(client).value


def test_a_challenge_of_another_step_opens_no_session(client, passkey, provider):
    """What waits in the session for a second step is of one account; a sign-in takes only its own cookie."""

    sign_in(client, "dr.provider")
    options = client.get(f"{FACTOR}?use=passkey").context["options"]
    assert client.post(PASSKEY, {"credential": passkey.show(options)}).url == SIGN_IN
    assert "_auth_user_id" not in client.session


def test_a_challenge_ends(client, passkey):
    length = lifecycle.after("passkey_challenge")
    with time_machine.travel("2026-11-30T12:00:00+00:00", tick=False) as clock:
        answer = passkey.show(client.get(PASSKEY).json())
        clock.shift(length)
        assert client.post(PASSKEY, {"credential": answer}).url == SIGN_IN


@pytest.mark.parametrize("cookie", ["", "x", "gAAAAA", "é", '"', "0" * 4000])
def test_a_cookie_that_we_did_not_make_holds_no_challenge(client, passkey, cookie):
    answer = passkey.show(client.get(PASSKEY).json())
    client.cookies[f"{site.SESSION_COOKIE_NAME}-passkey"] = cookie
    assert client.post(PASSKEY, {"credential": answer}).url == SIGN_IN


@pytest.mark.parametrize("rubbish", ["", "{}", "[]", "null", '"x"', "{not json", json.dumps({"id": 5, "response": {}})])
def test_rubbish_is_refused_neutrally(client, passkey, rubbish):
    client.get(PASSKEY)
    answer = client.post(PASSKEY, {"credential": rubbish}, follow=True)
    assert "The passkey was not taken" in answer.content.decode()


def test_an_inactive_account_and_a_strangers_key_are_refused_alike(client, passkey, provider):
    provider.is_active = False
    provider.save()
    refused = show(client, passkey)
    unknown = SoftPasskey()
    unknown.user_handle = passkey.user_handle
    assert refused.url == show(Client(), unknown).url == SIGN_IN


def test_one_key_cannot_serve_two_accounts(passkey):
    other = signed_in(AccountFactory())
    answer = set_up(other, passkey)
    assert "This passkey is set up already" in answer.content.decode()
    assert PasskeyDevice.objects.count() == 1


def test_ten_are_enough(provider):
    browser = signed_in(provider)
    for _ in range(10):
        set_up(browser, SoftPasskey())
    assert "Ten passkeys are set up" in set_up(browser, SoftPasskey()).content.decode()


def test_renaming_and_removing_are_the_owners_only(passkey, provider, stranger):
    device = PasskeyDevice.objects.get()
    rename, remove = f"/id/methods/passkey/{device.pk}/", f"/id/methods/passkey/{device.pk}/remove/"
    thief = signed_in(stranger)
    assert [thief.post(path, {"name": "x", "knows": "1"}).status_code for path in (rename, remove)] == [404, 404]
    owner = signed_in(provider)
    owner.post(rename, {"name": "Red laptop"})
    assert "Red laptop" in owner.get(METHODS).content.decode()
    assert device.credential.refresh_from_db() or device.credential.data["name"] == "Red laptop"


def test_the_last_method_is_not_removed_by_accident(passkey, provider):
    """ "the last strong method cannot be removed by accident": the page says what it means, a box is ticked."""
    device = PasskeyDevice.objects.get()
    browser = signed_in(provider, device=device)
    path = f"/id/methods/passkey/{device.pk}/remove/"
    assert "This is your last method" in browser.get(path).content.decode()
    assert "Tick the box" in browser.post(path).content.decode()
    assert browser.post(path, {"knows": "1"}).url == METHODS
    assert not PasskeyDevice.objects.exists()


def test_staff_keep_a_second_factor_whatever_they_tick(db):
    agent = make_staff("only.phone", "service desk")
    browser, phone = signed_in(agent, verified=True), agent.phonedevice_set.get()
    answer = browser.post(f"/id/methods/phone/{phone.pk}/remove/", {"knows": "1"})
    assert "always needs a second step" in answer.content.decode()
    assert agent.phonedevice_set.exists()


def test_twenty_passkeys_a_minute_from_one_address(client, passkey):
    """policy, wrong passwords: 20 a minute per IP."""
    for _ in range(20):
        client.post(PASSKEY, {"credential": "{}"})
    assert "Too many attempts" in client.post(PASSKEY, {"credential": "{}"}, follow=True).content.decode()


def test_one_method_alone_asks_for_something_to_fall_back_on(passkey, provider):
    """interface: two methods or printed recovery codes before finishing; nobody is held up."""
    browser = signed_in(provider, device=PasskeyDevice.objects.get())
    assert "One method is easily lost" in browser.post(METHODS).content.decode()
    assert browser.post(METHODS, {"anyway": "1"}).url == reverse("profile")
    browser.post("/id/methods/recovery-codes/")
    assert browser.post(METHODS).url == reverse("profile")


def later(minutes=6):
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


@pytest.mark.parametrize(
    "credential", ["9" * 5000, "[" * 100_000, '{"id": null}', "[]", '"x"', "NaN", '{"id":{}}', '{"a": "\\u0000"}']
)
def test_passkeys(client, credential):
    client.get("/id/sign-in/passkey/")
    assert client.post("/id/sign-in/passkey/", {"credential": credential}).url == "/id/sign-in/"


def test_an_empty_attestation(provider, settings):
    import json

    from tests.soft_passkey import SoftPasskey

    settings.PUBLIC_URL = "http://localhost"
    browser = signed_in(provider)
    made = json.loads(SoftPasskey().make(browser.get("/id/methods/passkey/options/").json()))
    for broken in ("", "oA", "AAAA"):
        made["response"]["attestationObject"] = broken
        answer = browser.post("/id/methods/passkey/", {"name": "x", "credential": json.dumps(made)})
        assert answer.status_code == 200


def test_a_passkey_that_was_begun_in_time_is_finished(provider, settings):
    from tests.soft_passkey import SoftPasskey

    settings.PUBLIC_URL = "http://localhost"
    browser, passkey = signed_in(provider), SoftPasskey()
    with later(4):
        made = passkey.make(browser.get("/id/methods/passkey/options/").json())
    with later(6):
        answer = browser.post("/id/methods/passkey/", {"name": "x", "credential": made})
        assert answer.url == "/id/faster-sign-in/"
    with later(12):
        assert browser.get("/id/methods/passkey/options/").url.startswith(CONFIRM)
