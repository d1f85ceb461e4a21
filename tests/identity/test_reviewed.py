"""What a review of the ways to sign in found: each of these once worked, none does."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.accounts import passwords
from identity.codes import attempts, codes
from identity.factors import authenticators, factors, phones
from identity.governance import securing
from identity.models import (
    Account,
    AuthenticatorDevice,
    Challenge,
    DailySpend,
    OpenSession,
    PhoneDevice,
    RememberedDevice,
    SecurityAlert,
)
from identity.notices import alerts
from identity.sessions import devices, sessions
from portals.factor_needs import strictest
from tests.conftest import make_staff
from tests.factories import NOW, PASSWORD, AccountFactory
from tests.steps.second_steps import code_at
from tests.steps.sign_in import ACCESS, FACTOR, sign_in, sign_in_by_mail, signed_in, without_method
from tests.steps.sign_up import GOOD, sign_up

pytestmark = pytest.mark.django_db
CODES, CONFIRM, PHONE = "/id/methods/recovery-codes/", "/id/confirm/", "/id/verify-phone/"


def later(minutes=6):
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


def with_phone(account, number="+13105550188", **facts):
    return PhoneDevice.objects.create(user=account, name="phone", number=number, **{"confirmed": True, **facts})


def with_authenticator(account) -> str:
    secret = authenticators.new_secret()
    AuthenticatorDevice.objects.create(user=account, name="a", secret=secret)
    return secret


def test_an_answered_call_counts_once(provider):
    """S1-49: the call of one step-up is worth nothing for the next, nor for another phone."""
    device = with_phone(provider)
    browser = signed_in(provider)
    with later():
        asked = browser.get(CODES).url
        browser.post(f"{asked}&use=phone", {"send": "call"})
        challenge = Challenge.objects.get()
        phones.answer_call(challenge=challenge, typed=codes.code_of(challenge), now=timezone.now())
        assert browser.post(f"{asked}&use=phone", {"entered": "1"}).url == CODES
        assert browser.post(f"{asked}&use=phone", {"entered": "1"}).url != CODES
    with later(20):
        assert browser.post(f"{asked}&use=phone", {"entered": "1"}).url != CODES
        assert browser.get(CODES).status_code == 302
    now = timezone.now()
    assert not phones.redeem_answer(challenge_id=str(challenge.pk), device=device, purpose="phone", now=now)


def test_a_number_that_staff_began_to_prove_is_no_way_round_their_second_factor(client, inbox):
    """Admin and staff need a second factor always: the one they have, not one that the password can bring along."""
    agent = make_staff("an.agent", "service desk")
    agent.phonedevice_set.all().delete()
    with_authenticator(agent)
    with_phone(agent, confirmed=False)
    assert sign_in(client, "an.agent").url == FACTOR
    for path, data in ((f"{PHONE}update/", {"country": "US", "phone": "3105550199"}), (PHONE, {"method": "text"})):
        assert client.post(path, data).url == FACTOR
    assert "_auth_user_id" not in client.session


def test_staff_who_never_proved_their_phone_prove_that_one_and_no_other(client, inbox):
    agent = make_staff("an.agent", "service desk")
    agent.phonedevice_set.update(confirmed=False)
    assert sign_in(client, "an.agent").url == PHONE
    assert "Update Phone Number" not in client.get(PHONE).content.decode()
    assert client.post(f"{PHONE}update/", {"country": "US", "phone": "3105550199"}).url == PHONE
    assert agent.phonedevice_set.get().number == "+13105550121"


def test_under_nist_a_spent_budget_does_not_replace_the_second_factor(client, provider, settings):
    settings.REALM_PROFILES = {"ohid": "nist"}
    with_phone(provider)
    DailySpend.objects.create(day=timezone.now().date(), cents=settings.PHONE_CENTS_PER_DAY)
    assert sign_in(client, "dr.provider").url == FACTOR
    client.post(FACTOR, {"by_mail": "1"})
    assert "_auth_user_id" not in client.session


def test_another_number_in_place_of_the_skipped_one_is_told_and_taken_back(provider, inbox):
    """policy, alerts: whatever row held the number before."""
    with_phone(provider, "+13105550100", confirmed=False, created_at=provider.date_joined)
    alert = transaction.atomic(alerts.raise_alert)(account=provider, kind="new device", now=timezone.now())
    browser = signed_in(provider)
    browser.post(f"{PHONE}update/", {"country": "US", "phone": "3105550199"})
    browser.post(PHONE, {"method": "text"})
    browser.post(f"{PHONE}text/", {"code": inbox.newest("text").code})
    assert SecurityAlert.objects.filter(kind="method added", what="phone").exists()
    securing.secure(alert=alert, now=timezone.now())
    assert not PhoneDevice.objects.exists()


def test_an_ended_session_does_not_come_back_through_the_cache(provider):
    """Whatever another request put back into the cache meanwhile is idle."""
    here, there = signed_in(provider), signed_in(provider)
    key = there.session.session_key
    copy = cache.get(f"session.{key}")
    here.post(f"/id/devices/sessions/{OpenSession.objects.get(session_key=key).pk}/end/")
    cache.set(f"session.{key}", copy)
    assert there.post("/id/session/stay/").json() == {"state": "signed out", "rested": False}
    assert there.get("/id/profile/").status_code == 302


@pytest.mark.parametrize("ended", [passwords.change, None])
def test_a_sign_in_that_had_begun_ends_with_all_sessions(provider, inbox, ended):
    """Who waits at the second step with the old password does not get in with it later."""
    thief, now = Client(), timezone.now()
    with_phone(provider)
    assert sign_in(thief, "dr.provider").url == FACTOR
    code = inbox.newest("text").code
    account = Account.objects.get(pk=provider.pk)
    if ended:
        passwords.change(account=account, password="Other-Pass-22", now=now)
    else:
        sessions.end_all(account=account, by=None, now=now)
    assert thief.post(FACTOR, {"otp_token": code}).url == "/id/sign-in/"
    assert "_auth_user_id" not in thief.session


def test_a_proved_phone_makes_fresh_when_it_is_proved_not_when_continue_is_pressed(provider, inbox):
    browser = signed_in(provider)
    browser.post(f"{PHONE}update/", {"country": "US", "phone": "3105550188"})
    browser.post(PHONE, {"method": "text"})
    browser.post(f"{PHONE}text/", {"code": inbox.newest("text").code})
    with later(25):
        browser.post(PHONE)
        assert browser.get(CODES).status_code == 302


@pytest.mark.source_profile
def test_on_a_remembered_device_the_password_alone_removes_no_method(client, provider, inbox):
    """Fresh is what the best method of the account has proved."""
    secret = with_authenticator(provider)
    sign_in(client, "dr.provider")
    client.post(FACTOR, {"otp_token": code_at(secret, timezone.now()), "skip_next": "1"})
    client.post("/id/sign-out/")
    with later(60):
        assert sign_in(client, "dr.provider").url == reverse("profile")
        device = AuthenticatorDevice.objects.get()
        answer = client.post(f"/id/methods/authenticator/{device.pk}/remove/", {"knows": "1"})
        assert answer.url.startswith(CONFIRM)
        assert AuthenticatorDevice.objects.exists()


@pytest.mark.source_profile
def test_a_mailed_code_for_a_portal_makes_no_sensitive_act_fresh(provider, inbox):
    browser = signed_in(provider)
    session = browser.session
    session["account_authentication_methods"] = []
    session.save()
    asked = f"{CONFIRM}?next=/p/claims/home/&for=claims"
    browser.post(asked, {"resend": "1"})
    browser.post(asked, {"code": inbox.newest("mail").code})
    assert browser.get(CODES).url.startswith(CONFIRM)


class TestRememberedDevices:
    @pytest.mark.source_profile
    def test_removing_the_method_ends_the_skipping(self, client, provider, inbox):
        secret = with_authenticator(provider)
        sign_in(client, "dr.provider")
        client.post(FACTOR, {"otp_token": code_at(secret, timezone.now()), "skip_next": "1"})
        factors.remove(device=AuthenticatorDevice.objects.get(), knows=True, now=timezone.now())
        client.post("/id/sign-out/")
        assert sign_in(client, "dr.provider").url == ACCESS

    @pytest.mark.source_profile
    def test_the_mail_that_stands_in_for_a_text_spares_nothing_later(self, client, provider, inbox, settings):
        with_phone(provider)
        DailySpend.objects.create(day=timezone.now().date(), cents=settings.PHONE_CENTS_PER_DAY)
        sign_in(client, "dr.provider")
        client.post(FACTOR, {"by_mail": "1"})
        assert "Skip this step" not in client.get(ACCESS).content.decode()
        client.post(ACCESS, {"code": inbox.newest("mail").code, "skip_next": "1"})
        client.post("/id/sign-out/")
        assert sign_in(client, "dr.provider").url == FACTOR

    def test_a_new_password_forgets_them(self, client, provider, inbox):
        sign_in_by_mail(client, "dr.provider", skip_next="1")
        passwords.change(account=Account.objects.get(), password="Other-Pass-22", now=timezone.now())
        assert not RememberedDevice.objects.filter(ended_at=None).exists()

    def test_what_another_person_chose_in_this_browser_is_not_the_next_ones(self, client, provider, inbox):
        secret = with_authenticator(provider)
        sign_in(client, "dr.provider")
        client.post(FACTOR, {"otp_token": "000000", "skip_next": "1"})
        session = client.session
        session["door_skip"] = "authenticator"
        session.save()
        assert secret
        sign_up(client)
        client.post("/id/verify-email/", {"code": inbox.newest("mail").code})
        client.post("/id/verify-email/")
        client.post(PHONE, {"skip": "1"})
        assert RememberedDevice.objects.get(account__login_name=GOOD["login_name"]).skips_until is None

    def test_a_button_pressed_twice_is_no_copy(self, db):
        account, now = AccountFactory(), timezone.now()
        row = devices.seen(account=account, device=None, browser="b", place="p", is_new_account=True, now=now)
        first = devices.parse(devices.value_of(row))
        devices.seen(account=account, device=row, browser="b", place="p", is_new_account=True, now=now)
        assert devices.find([first], now=now + timedelta(seconds=30)) == []
        assert not SecurityAlert.objects.exists()
        assert devices.find([first], now=now + timedelta(seconds=61)) == []
        assert SecurityAlert.objects.get().kind == "device copied"


def test_of_two_removals_one_is_the_last(db):
    """Staff keep a second factor: what is left is counted under the lock, not on the page."""
    agent = make_staff("an.agent", "service desk")
    with_authenticator(agent)
    phone, app = agent.phonedevice_set.get(), AuthenticatorDevice.objects.get()
    factors.remove(device=phone, knows=True, now=NOW)
    with pytest.raises(factors.NeedsFactor):
        factors.remove(device=app, knows=True, now=NOW)


def test_the_removed_phone_is_told(provider, inbox):
    """policy, alerts: changes are told to the old address and phone."""
    device = with_phone(provider, confirmed_at=timezone.now() - timedelta(days=3))
    signed_in(provider, verified=True).post(f"/id/methods/phone/{device.pk}/remove/", {"knows": "1"})
    assert "A sign-in method was removed" in inbox.newest("text", "+13105550188").text


@pytest.mark.source_profile
def test_an_address_proved_in_another_browser_proves_no_mailbox_here(client, inbox):
    """S0-29: a stranger who signed up with somebody's address is not let in by that person's click."""
    sign_up(client)
    Client().post(inbox.newest("mail").link)
    client.post("/id/verify-email/")
    assert client.post(PHONE, {"skip": "1"}).url == ACCESS
    assert "_auth_user_id" not in client.session


def test_portals_that_are_alike_and_strict_are_strict(monkeypatch, provider):
    from dataclasses import replace

    from identity.tenancy import tenancy
    from portals import registry
    from tests.factories import GrantFactory

    GrantFactory(account=provider)
    for key, portal in list(registry.portals().items()):
        strict = replace(portal, factors=frozenset({"passkey"}), remembers_devices=False)
        monkeypatch.setitem(registry.portals(), key, strict)
    assert tenancy().needs(provider, "") == strictest(["claims"], "")
    assert tenancy().needs(provider, "").factors == {"passkey"}


class TestLimits:
    def test_an_ipv6_client_is_its_network(self):
        for number in range(20):
            attempts.begin(series=f"s{number}", address=f"2001:db8::{number:x}", now=NOW)
        with pytest.raises(attempts.TooManyAttempts):
            attempts.begin(series="another", address="2001:db8::ffff", now=NOW)
        attempts.begin(series="another", address="2001:db8:0:1::1", now=NOW)

    def test_proving_a_phone_and_signing_in_share_the_numbers_limits(self, db):
        """policy, resend: 10 a day per phone, across accounts and purposes."""
        now = NOW
        for number in range(10):
            account = AccountFactory()
            purpose = "phone" if number % 2 else "second_factor"
            codes.issue(account=account, purpose=purpose, target="+13105550123", channel="text", now=now)
            now += timedelta(minutes=11)
        with pytest.raises(codes.TooManySendings):
            codes.issue(account=AccountFactory(), purpose="phone", target="+13105550123", channel="text", now=now)

    def test_too_busy_is_no_wrong_password(self, client, provider, monkeypatch):
        from identity.keys import hash_pool

        def busy(*_):
            raise hash_pool.Busy

        client.post("/id/sign-in/", {"login": "dr.provider"})
        with monkeypatch.context() as patched:
            patched.setattr(hash_pool.pool, "run", busy)
            for _ in range(7):
                assert client.post("/id/sign-in/password/", {"password": PASSWORD}).status_code == 503
        assert sign_in(client, "dr.provider").status_code == 302, "none was counted as wrong"

    def test_challenges_are_not_a_strangers_way_to_fill_the_table(self, client):
        for _ in range(300):
            attempts.check_can_ask_challenge(address="127.0.0.1", now=timezone.now())
        assert client.get("/id/sign-in/passkey/").status_code == 429


class TestRubbish:
    """Malformed input is refused, never a 500."""

    @pytest.mark.parametrize(
        "credential", ["9" * 5000, "[" * 100_000, '{"id": null}', "[]", '"x"', "NaN", '{"id":{}}', '{"a": "\\u0000"}']
    )
    def test_passkeys(self, client, credential):
        client.get("/id/sign-in/passkey/")
        assert client.post("/id/sign-in/passkey/", {"credential": credential}).url == "/id/sign-in/"

    def test_an_empty_attestation(self, provider, settings):
        import json

        from tests.soft_passkey import SoftPasskey

        settings.PUBLIC_URL = "http://localhost"
        browser = signed_in(provider)
        made = json.loads(SoftPasskey().make(browser.get("/id/methods/passkey/options/").json()))
        for broken in ("", "oA", "AAAA"):
            made["response"]["attestationObject"] = broken
            answer = browser.post("/id/methods/passkey/", {"name": "x", "credential": json.dumps(made)})
            assert answer.status_code == 200

    def test_a_held_form_after_the_session_was_ended_elsewhere(self, provider):
        browser = signed_in(provider)
        sessions.end_all(account=Account.objects.get(pk=provider.pk), by=None, now=timezone.now())
        assert browser.post("/id/profile/", {"held": str(uuid.uuid4())}).status_code == 302

    def test_a_call_to_a_phone_that_was_removed_while_it_rang(self, client, provider, inbox):
        device = with_phone(provider)
        challenge = phones.send_code(device=device, method="call", purpose="second_factor", now=timezone.now())
        device.delete()
        answer = client.post(f"/id/voice/{codes.token_of(challenge)}/", {"Digits": "123456"})
        assert b"not the code" in answer.content
        assert [m for m in inbox.all() if m.channel == "voice"] == []

    def test_paths_with_a_nul(self, provider):
        assert signed_in(provider).post("/id/session/keep/?path=/a%00b", {"a": "1"}).status_code == 404

    @pytest.mark.parametrize("path", ["/" + "ñ" * 2000, "/" + "x" * 5000])
    def test_a_place_too_long_for_a_cookie_is_not_remembered(self, client, provider, path):
        client.get("/id/sign-in/", {"next": path})
        client.post("/id/sign-in/", {"login": "ñ" * 254})
        assert len(client.cookies["sessionid-door"].value) < 4000
        assert client.get("/id/sign-in/password/").status_code == 200


def test_signing_out_works_without_redis(provider, monkeypatch):
    from redis.exceptions import RedisError

    from identity.keys import limits

    def broken(*_a, **_k):
        raise RedisError

    browser = signed_in(provider)
    monkeypatch.setattr(limits.Server, "execute_command", broken)
    assert browser.post("/id/sign-out/").url == "/id/signed-out/"
    assert not OpenSession.objects.exists()


def test_an_alert_says_what_its_button_takes_back(client, provider):
    alert = transaction.atomic(alerts.raise_alert)(account=provider, kind="new device", now=timezone.now())
    with_authenticator(provider)
    page = client.get(f"/id/not-me/{alert.token}/").content.decode()
    assert "removed will be: <strong>authenticator</strong>" in page


def test_kept_forms_do_not_pile_up(provider):
    from django.http import QueryDict

    from identity.models import SavedPost
    from identity.sessions import saved_posts

    for number in range(30):
        saved_posts.keep(account_id=provider.pk, path=f"/{number}/", body=QueryDict("a=1"), now=NOW)
    assert SavedPost.objects.count() == saved_posts.MAX_PER_ACCOUNT


class TestWalked:
    """What a newcomer stumbled over."""

    def test_recovery_codes_alone_lock_nobody_out(self, client, provider, inbox):
        """They recover another method: without one, and when the tenth is used, they are not asked for."""
        from identity.factors import recovery_codes

        recovery_codes.make(account=provider, now=timezone.now())
        assert sign_in(client, "dr.provider").url == without_method()
        with_phone(provider)
        codes_left = recovery_codes.make(account=provider, now=timezone.now())
        from identity.models import RecoveryDevice

        for code in codes_left:
            assert recovery_codes.accept(device=RecoveryDevice.objects.get(), typed=code, now=timezone.now())
        sign_in(client, "dr.provider")
        assert "Use a recovery code" not in client.get(FACTOR).content.decode()
        browser = signed_in(provider, verified=True)
        remove = f"/id/methods/recovery/{RecoveryDevice.objects.get().pk}/remove/"
        assert browser.get(remove).status_code in (200, 404)

    def test_a_used_recovery_code_says_how_many_are_left_and_forgives_digits(self, client, provider):
        from identity.factors import recovery_codes

        with_phone(provider)
        code = recovery_codes.make(account=provider, now=timezone.now())[0]
        sign_in(client, "dr.provider")
        typed = code.replace("O", "0").replace("I", "1")
        answer = client.post(f"{FACTOR}?use=recovery", {"otp_token": typed}, follow=True)
        assert "You have 9 recovery codes left." in answer.content.decode()

    def test_step_up_by_text_keeps_the_form_of_one_button(self, provider, inbox):
        """The address keeps what it carries; a form without fields is sent again too."""
        with_phone(provider)
        browser = signed_in(provider, verified=True)
        with later():
            asked = browser.post("/id/devices/forget/").url
            page = browser.get(asked)
            assert page.context["held"]
            at_phone = browser.post(f"{asked}&use=phone", {"send": "text"}).url
            assert at_phone.endswith("&use=phone")
            held = browser.get(at_phone).context["held"]
            sent = {"otp_token": inbox.newest("text").code, "held": held}
            answer = browser.post(at_phone, sent)
            assert (answer.status_code, answer.url) == (307, "/id/devices/forget/")
            browser.post(answer.url, sent)
            assert not RememberedDevice.objects.filter(ended_at=None).exists()

    def test_a_passkey_that_was_begun_in_time_is_finished(self, provider, settings):
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

    @pytest.mark.parametrize("path", ["/id/sign-out/", "/id/devices/forget/", "/id/devices/sessions/end/"])
    def test_the_address_of_a_button_says_so(self, provider, path):
        answer = signed_in(provider).get(path)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert "This address belongs to a button" in answer.content.decode()

    def test_the_signed_out_page_can_be_read_in_spanish(self, client):
        page = client.get("/id/signed-out/").content.decode()
        assert "/id/language/es/?next=%2Fid%2Fsigned-out%2F" in page

    def test_staff_are_told_up_front_that_the_last_method_stays(self, db):
        agent = make_staff("an.agent", "service desk")
        browser = signed_in(agent, verified=True)
        page = browser.get(f"/id/methods/phone/{agent.phonedevice_set.get().pk}/remove/").content.decode()
        assert "this is the last one" in page
        assert ">Remove</button>" not in page

    def test_a_secured_account_is_not_offered_to_skip(self, client, inbox):
        AccountFactory(login_name="the.doc", phone="+13105550177", secured_at=timezone.now())
        sign_in(client, "the.doc")
        assert "Skip this step" not in client.get(FACTOR).content.decode()

    def test_optum_id_is_called_so_in_every_sentence(self, client):
        """S0-14, C21."""
        client.get("/id/sign-in/?next=/p/trucase/enter/")
        assert "Create Optum ID" in client.get("/id/create/").content.decode()
        client.post("/id/sign-in/", {"login": "nobody.here"})
        page = client.post("/id/sign-in/password/", {"password": "x"}).content.decode()
        assert "The Optum ID or the password is not correct" in page
