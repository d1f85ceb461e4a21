"""Factors beside the password, when somebody would go round them: proved, removed, the last one, used twice."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.codes import codes
from identity.factors import authenticators, factors, phones
from identity.models import (
    AuthenticatorDevice,
    DailySpend,
    PhoneDevice,
)
from portals.factor_needs import strictest
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory
from tests.steps.sign_in import FACTOR, sign_in, signed_in, without_method
from tests.steps.verify_phone import CHOOSE, TEXT

pytestmark = pytest.mark.django_db
PHONE = "/id/verify-phone/"


def with_authenticator(account) -> str:
    secret = authenticators.new_secret()
    AuthenticatorDevice.objects.create(user=account, name="a", secret=secret)
    return secret


def with_phone(account, number="+13105550188", **facts):
    return PhoneDevice.objects.create(user=account, name="phone", number=number, **{"confirmed": True, **facts})


def later(seconds=31):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False)


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


def test_a_call_to_a_phone_that_was_removed_while_it_rang(client, provider, inbox):
    device = with_phone(provider)
    challenge = phones.send_code(device=device, method="call", purpose="second_factor", now=timezone.now())
    device.delete()
    answer = client.post(f"/id/voice/{codes.token_of(challenge)}/", {"Digits": "123456"})
    assert b"not the code" in answer.content
    assert [m for m in inbox.all() if m.channel == "voice"] == []


def test_recovery_codes_alone_lock_nobody_out(client, provider, inbox):
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


def test_a_used_recovery_code_says_how_many_are_left_and_forgives_digits(client, provider):
    from identity.factors import recovery_codes

    with_phone(provider)
    code = recovery_codes.make(account=provider, now=timezone.now())[0]
    sign_in(client, "dr.provider")
    typed = code.replace("O", "0").replace("I", "1")
    answer = client.post(f"{FACTOR}?use=recovery", {"otp_token": typed}, follow=True)
    assert "You have 9 recovery codes left." in answer.content.decode()


def test_staff_are_told_up_front_that_the_last_method_stays(db):
    agent = make_staff("an.agent", "service desk")
    browser = signed_in(agent, verified=True)
    page = browser.get(f"/id/methods/phone/{agent.phonedevice_set.get().pk}/remove/").content.decode()
    assert "this is the last one" in page
    assert ">Remove</button>" not in page


def test_whoever_verified_by_call_signs_in_by_call(client, inbox):
    """C9, S1-49: landlines: the page shows the code, the call takes it; a code typed on the page does not count."""
    account = AccountFactory(login_name="land.line", phone="+12135550142")
    PhoneDevice.objects.filter(user=account).update(method="call")
    sign_in(client, "land.line")
    page = client.get(FACTOR)
    code = page.context["code"]
    assert f"{code[:3]} {code[3:]}" in page.content.decode()
    assert client.post(FACTOR, {"otp_token": code}).status_code == 200
    assert "have not received the code" in client.post(FACTOR, {"entered": "1"}, follow=True).content.decode()
    keypad = inbox.newest("voice", "+12135550142").call.keypad_url.removeprefix("http://testserver")
    assert b"The code is right" in client.post(keypad, {"Digits": code}).content
    other = Client()
    sign_in(other, "land.line")
    assert "_auth_user_id" not in other.session
    assert other.post(FACTOR, {"entered": "1"}).url == f"{FACTOR}?use=phone", (
        "another browser gains nothing from this call"
    )
    assert client.post(FACTOR, {"entered": "1"}).url == reverse("profile")


def test_text_and_call_can_be_exchanged_at_sign_in(client, inbox):
    AccountFactory(login_name="both.ways", phone="+12135550143")
    sign_in(client, "both.ways")
    with later():
        client.post(FACTOR, {"send": "call"})
        assert client.get(FACTOR).context["by_call"]
    with later(70):
        client.post(FACTOR, {"send": "text"})
        code = inbox.newest("text", "+12135550143").code
        assert client.post(FACTOR, {"otp_token": code}).url == reverse("profile")


def test_a_factor_that_another_session_proved_does_not_count_here(inbox):
    """Two sessions wait at the phone step; the owner's proof opens only the owner's."""
    account = make_staff("new.agent", "service desk")
    PhoneDevice.objects.filter(user=account).update(confirmed=False)
    owner, thief = Client(), Client()
    for browser in (owner, thief):
        assert sign_in(browser, "new.agent").url == CHOOSE
    owner.post(CHOOSE, {"method": "text"})
    owner.post(TEXT, {"code": inbox.newest("text").code})
    assert thief.post(CHOOSE).url == FACTOR, "the thief is asked for a code"
    assert "_auth_user_id" not in thief.session
    assert owner.post(CHOOSE).status_code == 302
    assert "otp_device_id" in owner.session
