"""Remembered devices: what they spare, and what makes them forgotten."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from identity.accounts import passwords
from identity.factors import authenticators, factors
from identity.models import (
    Account,
    AuthenticatorDevice,
    DailySpend,
    PhoneDevice,
    RememberedDevice,
    SecurityAlert,
)
from identity.sessions import devices
from tests.factories import AccountFactory
from tests.steps.second_steps import code_at
from tests.steps.sign_in import ACCESS, FACTOR, sign_in, sign_in_by_mail
from tests.steps.sign_up import GOOD, sign_up

pytestmark = pytest.mark.django_db
CONFIRM = "/id/confirm/"
PHONE = "/id/verify-phone/"


def with_authenticator(account) -> str:
    secret = authenticators.new_secret()
    AuthenticatorDevice.objects.create(user=account, name="a", secret=secret)
    return secret


def later(minutes=6):
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


def with_phone(account, number="+13105550188", **facts):
    return PhoneDevice.objects.create(user=account, name="phone", number=number, **{"confirmed": True, **facts})


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
