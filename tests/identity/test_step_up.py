"""Step-up: a fresh or a stronger proof within a session, and going on where one was, a POST included."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.codes import codes
from identity.factors import authenticators, phones
from identity.models import (
    Account,
    AuthenticatorDevice,
    Challenge,
    PhoneDevice,
    RememberedDevice,
    SavedPost,
)
from identity.sessions import sessions
from portals import registry
from portals.factor_needs import strictest
from tests.factories import NOW, PASSWORD, AccountFactory, GrantFactory
from tests.steps.second_steps import code_at
from tests.steps.sign_in import FACTOR, sign_in, sign_in_by_mail, signed_in

pytestmark = pytest.mark.django_db
PHONE = "/id/verify-phone/"
CODES, CONFIRM = "/id/methods/recovery-codes/", "/id/confirm/"


def later(minutes=6):
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


def sensitive():
    return [
        (CODES, {}),
        ("/id/methods/passkey/", {"name": "x", "credential": "{}"}),
        ("/id/methods/authenticator/", {"code": "123456"}),
        ("/id/methods/phone/1/remove/", {}),
        ("/id/devices/forget/", {"device": ""}),
        ("/id/verify-phone/update/", {"country": "US", "phone": "310 555 0123"}),
    ]


@pytest.mark.parametrize(("path", "data"), sensitive())
def test_sensitive_acts_ask_for_a_proof_younger_than_five_minutes(provider, path, data):
    """policy, session: fresh sign-in of 5 min for sensitive acts."""
    browser = signed_in(provider)
    with later():
        assert browser.post(path, data).url.startswith(CONFIRM)


class TestGoingOn:
    def test_a_page_is_shown_after_the_password(self, provider):
        browser = signed_in(provider)
        with later():
            asked = browser.get(CODES).url
            assert "The password is not correct" in browser.post(asked, {"password": "Wrong-Pass-1"}).content.decode()
            assert browser.post(asked, {"password": PASSWORD}).url == CODES
            assert browser.get(CODES).status_code == 200

    def test_a_form_that_was_sent_is_sent_again_and_done(self, provider):
        """ "the person returns to what they were doing, a POST included": 307, the same address, the same fields."""
        browser = signed_in(provider)
        with later():
            asked = browser.post("/id/verify-phone/update/", {"country": "US", "phone": "(310) 555-0188"}).url
            held = SavedPost.objects.get()
            assert f'name="held" value="{held.pk}"' in browser.get(asked).content.decode()
            answer = browser.post(asked, {"password": PASSWORD, "held": str(held.pk)})
            assert (answer.status_code, answer.url) == (307, "/id/verify-phone/update/")
            browser.post(answer.url, {"password": PASSWORD, "held": str(held.pk)})  # what a browser does
            assert provider.phonedevice_set.get().number == "+13105550188"
            assert not SavedPost.objects.exists(), "once"

    def test_what_is_held_lies_encrypted_without_secrets_and_belongs_to_one_person(self, provider, stranger):
        from django.db import connection

        browser = signed_in(provider)
        with later():
            browser.post(
                "/id/verify-phone/update/",
                {"country": "US", "phone": "3105550188", "password": "Secret-1", "code": "1"},
            )
            held = SavedPost.objects.get()
            assert held.body == "country=US&phone=3105550188"
            with connection.cursor() as cursor:
                cursor.execute("SELECT body FROM identity_savedpost")
                assert "3105550188" not in cursor.fetchone()[0]
            thief = signed_in(stranger)
            thief.post("/id/verify-phone/update/", {"held": str(held.pk)})
            assert not stranger.phonedevice_set.exists()
            assert thief.get(reverse("held", args=[held.pk])).url == reverse("profile")
            assert SavedPost.objects.exists()

    def test_it_fits_its_own_address_only(self, provider):
        browser = signed_in(provider)
        with later():
            browser.post(CODES, {"x": "1"})
            held = SavedPost.objects.get()
        browser = signed_in(provider)
        browser.post("/id/profile/", {"held": str(held.pk)})
        assert SavedPost.objects.exists()

    @pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
    def test_no_open_redirect(self, provider, path):
        answer = signed_in(provider).post(f"{CONFIRM}?next={path}", {"password": PASSWORD})
        assert answer.url == reverse("profile")

    def test_whoever_has_a_stronger_method_is_asked_for_it(self, provider):
        secret = authenticators.new_secret()
        AuthenticatorDevice.objects.create(user=provider, name="a", secret=secret)
        browser = signed_in(provider)
        with later():
            asked = browser.get(CODES).url
            page = browser.get(asked).content.decode()
            assert "Open the authenticator app" in page
            assert 'name="password"' not in page
            assert browser.post(asked, {"otp_token": code_at(secret, timezone.now())}).url == CODES
            assert browser.session["otp_device_id"].startswith("identity.authenticatordevice/")

    def test_the_session_gets_a_new_id(self, provider):
        """policy, Always: the session id changes at each rise of rights; the old one is worth nothing."""
        browser = signed_in(provider)
        before = browser.cookies["sessionid"].value
        with later():
            browser.post(browser.get(CODES).url, {"password": PASSWORD})
            assert browser.session.session_key != before
            thief = Client()
            thief.cookies["sessionid"] = before
            assert thief.get("/id/profile/").status_code == 302

    def test_guessing_the_password_here_is_slowed_down_too(self, provider):
        browser = signed_in(provider)
        with later():
            asked = browser.get(CODES).url
            for _ in range(5):
                browser.post(asked, {"password": "Wrong-1"})
            assert "Too many attempts" in browser.post(asked, {"password": PASSWORD}).content.decode()


class TestPortals:
    """C7, C8: the factor policy of a portal is checked at its door."""

    @pytest.fixture
    def phone_only(self, monkeypatch):
        """The Physician Information Portal as strict as Provider OnLine will be."""
        strict = replace(registry.get("physician"), factors=frozenset({"phone"}), remembers_devices=False)
        monkeypatch.setitem(registry.portals(), "physician", strict)

    @pytest.mark.source_profile
    def test_a_session_without_any_proof_is_asked_for_the_mailed_code(self, provider, inbox):
        """S1-47: nothing stronger is set up, so the mailbox is what there is."""
        GrantFactory(account=provider)
        browser = signed_in(provider)
        session = browser.session
        session["account_authentication_methods"] = []
        session.save()
        asked = browser.get("/p/claims/home/").url
        assert asked.startswith(CONFIRM)
        assert "asks for one more step" in browser.get(asked).content.decode()
        assert not inbox.all() or all("Access Code" not in m.subject for m in inbox.all()), "a GET sends nothing"
        browser.post(asked, {"resend": "1"})
        assert browser.post(asked, {"code": inbox.newest("mail").code}).url == "/p/claims/home/"
        assert browser.get("/p/claims/home/").status_code == 200

    def test_a_portal_that_needs_a_phone_leads_to_setting_one_up(self, provider, phone_only):
        """S1-47: the phone may be skipped until a portal needs it."""
        GrantFactory(account=provider, portal_key="physician")
        browser = signed_in(provider)
        page = browser.get(browser.get("/p/physician/home/").url).content.decode()
        assert "asks for one of these methods" in page
        assert "<li>Phone</li>" in page
        assert "<li>Passkey</li>" not in page

    def test_another_strong_method_is_not_enough_where_a_phone_is_asked(self, provider, phone_only, inbox):
        GrantFactory(account=provider, portal_key="physician")
        secret = authenticators.new_secret()
        AuthenticatorDevice.objects.create(user=provider, name="a", secret=secret)
        provider.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
        browser = signed_in(provider)
        asked = browser.get("/p/physician/home/").url
        assert "XXX-XXX-0199" in browser.get(asked).content.decode()
        browser.post(asked, {"send": "text"})
        assert browser.post(asked, {"otp_token": inbox.newest("text").code}).url == "/p/physician/home/"
        assert browser.get("/p/physician/home/").status_code == 200

    def test_the_strictest_wins_when_one_account_enters_several(self, provider, phone_only, inbox):
        GrantFactory(account=provider, portal_key="claims")
        secret = authenticators.new_secret()
        browser = signed_in(provider, device=AuthenticatorDevice.objects.create(user=provider, name="a", secret=secret))
        assert browser.get("/p/claims/home/").status_code == 200
        GrantFactory(account=provider, portal_key="physician")
        assert browser.get("/p/claims/home/").url.startswith(CONFIRM)
        assert strictest(["claims", "physician"], "claims").factors == {"phone"}
        assert not strictest(["claims", "physician"], "claims").remembers

    def test_without_common_methods_a_place_keeps_its_own(self, monkeypatch, phone_only):
        claims = replace(registry.get("claims"), factors=frozenset({"passkey"}))
        monkeypatch.setitem(registry.portals(), "claims", claims)
        assert strictest(["claims", "physician"], "claims").factors == {"passkey"}
        assert strictest(["claims", "physician"], "physician").factors == {"phone"}

    @pytest.mark.source_profile
    def test_a_remembered_device_is_not_enough_where_two_factors_are_asked_each_time(self, client, phone_only, inbox):
        """policy, remembered device: 0 for portals that need two factors each time."""

        doctor = AccountFactory(login_name="busy.doc", phone="+13105550166")
        sign_in(client, "busy.doc")
        client.post(FACTOR, {"otp_token": inbox.newest("text").code, "skip_next": "1"})
        client.post("/id/sign-out/")
        assert sign_in(client, "busy.doc").url == reverse("profile")
        GrantFactory(account=doctor, portal_key="physician")
        assert client.get("/p/physician/home/").url.startswith(CONFIRM)
        client.post("/id/sign-out/")
        assert sign_in(client, "busy.doc").url == FACTOR, "nor is it at sign-in"

    def test_a_recovery_code_stands_for_what_it_recovers(self, client, provider, phone_only, inbox):
        from identity.factors import recovery_codes

        GrantFactory(account=provider, portal_key="physician")
        provider.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
        made = recovery_codes.make(account=provider, now=timezone.now())
        sign_in(client, "dr.provider", nxt="/p/physician/home/")
        client.post(f"{FACTOR}?use=recovery", {"otp_token": made[0]})
        assert client.get("/p/physician/home/").status_code == 200


@pytest.mark.source_profile
def test_mail_alone_is_enough_where_a_portal_says_so(client, provider, inbox):
    """C7: `ohid` takes the e-mailed code when nothing stronger is set up."""
    GrantFactory(account=provider)
    assert sign_in_by_mail(client, "dr.provider", nxt="/p/claims/home/").url == "/p/claims/home/"
    assert client.get("/p/claims/home/").status_code == 200


def with_phone(account, number="+13105550188", **facts):
    return PhoneDevice.objects.create(user=account, name="phone", number=number, **{"confirmed": True, **facts})


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


def test_a_proved_phone_makes_fresh_when_it_is_proved_not_when_continue_is_pressed(provider, inbox):
    browser = signed_in(provider)
    browser.post(f"{PHONE}update/", {"country": "US", "phone": "3105550188"})
    browser.post(PHONE, {"method": "text"})
    browser.post(f"{PHONE}text/", {"code": inbox.newest("text").code})
    with later(25):
        browser.post(PHONE)
        assert browser.get(CODES).status_code == 302


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


def test_a_held_form_after_the_session_was_ended_elsewhere(provider):
    browser = signed_in(provider)
    sessions.end_all(account=Account.objects.get(pk=provider.pk), by=None, now=timezone.now())
    assert browser.post("/id/profile/", {"held": str(uuid.uuid4())}).status_code == 302


def test_kept_forms_do_not_pile_up(provider):
    from django.http import QueryDict

    from identity.models import SavedPost
    from identity.sessions import saved_posts

    for number in range(30):
        saved_posts.keep(account_id=provider.pk, path=f"/{number}/", body=QueryDict("a=1"), now=NOW)
    assert SavedPost.objects.count() == saved_posts.MAX_PER_ACCOUNT


def test_step_up_by_text_keeps_the_form_of_one_button(provider, inbox):
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
