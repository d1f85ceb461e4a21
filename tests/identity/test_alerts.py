"""Alerts: new device, changed method, and "this was not me", which secures the account (policy: alerts)."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.factors import authenticators, recovery_codes
from identity.governance import securing
from identity.models import (
    Account,
    AuthenticatorDevice,
    PasskeyDevice,
    RecoveryDevice,
    RememberedDevice,
    SecurityAlert,
)
from identity.notices import alerts
from identity.policy.realms import password_rules, realm_profile
from tests.factories import PASSWORD, AccountFactory
from tests.steps.sign_in import ACCESS, FACTOR, sign_in, sign_in_by_mail
from tests.steps.sign_up import sign_up

pytestmark = pytest.mark.django_db
SECURED, NEW = "/id/sign-in/secured/", "Brand-New-Pass-7"


def told(inbox):
    return [m for m in inbox.all() if m.channel == "mail" and "/id/not-me/" in m.text]


class TestWhatIsTold:
    def test_a_new_device_is_told_at_once_a_known_one_is_not(self, client, provider, inbox):
        sign_in_by_mail(client, "dr.provider")
        assert [m.subject for m in told(inbox)] == ["New sign-in to your One Healthcare ID account"]
        client.post("/id/sign-out/")
        with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
            sign_in_by_mail(client, "dr.provider")
        assert len(told(inbox)) == 1

    def test_a_new_id_is_not_told_of_its_own_device(self, client, inbox, db):

        sign_up(client)
        client.post("/id/verify-email/", {"code": inbox.newest("mail").code})
        client.post("/id/verify-email/")
        client.post("/id/verify-phone/", {"skip": "1"})
        assert "_auth_user_id" in client.session
        assert told(inbox) == []

    def test_a_changed_method_is_told_by_mail_and_to_the_phone_on_file(self, inbox, db):
        account = AccountFactory()
        account.phonedevice_set.create(
            name="phone", number="+13105550177", confirmed=True, confirmed_at=timezone.now() - timedelta(days=1)
        )
        recovery_codes.make(account=account, now=timezone.now())
        assert "A sign-in method was added to your ID: recovery codes." in inbox.newest("mail", account.email).text
        assert "Not you?" in inbox.newest("text", "+13105550177").text

    def test_a_phone_added_now_is_not_who_is_told_about_it(self, inbox, db):
        account, now = AccountFactory(), timezone.now()
        account.phonedevice_set.create(name="phone", number="+13105550177", confirmed=True, confirmed_at=now)
        transaction.atomic(alerts.raise_alert)(account=account, kind="method added", what="phone", now=now)
        assert [m.channel for m in inbox.all()] == ["mail"]

    def test_an_alert_is_written_in_its_readers_language(self, inbox, db):
        account = AccountFactory(language="es")
        transaction.atomic(alerts.raise_alert)(account=account, kind="password changed", now=timezone.now())
        assert "Se cambió la contraseña" in inbox.newest("mail").text


class TestNotMe:
    @pytest.fixture
    def link(self, client, provider, inbox):
        sign_in_by_mail(client, "dr.provider", skip_next="1")
        return next(m for m in inbox.all() if "New sign-in" in m.subject).link

    def test_opening_the_link_changes_nothing(self, client, provider, link):
        """policy, Always: scanners open links, run scripts and submit nothing."""
        for method in ("get", "head"):
            assert getattr(Client(), method)(link).status_code == 200
        assert client.get("/id/profile/").status_code == 200
        assert Account.objects.get().secured_at is None

    def test_a_post_without_the_pages_token_changes_nothing(self, link):
        assert Client(enforce_csrf_checks=True).post(link).status_code == 403
        assert Account.objects.get().secured_at is None

    def test_the_button_ends_everything_that_the_other_one_had(self, client, provider, link):
        made_since = recovery_codes.make(account=provider, now=timezone.now())
        assert made_since
        assert "Your ID is secured" in Client().post(link).content.decode()
        assert client.get("/id/profile/").status_code == 302
        assert not RecoveryDevice.objects.exists()
        assert not RememberedDevice.objects.filter(ended_at=None).exists()
        assert Client().get(link).status_code == 410, "it works once"

    def test_what_was_there_before_stays(self, client, provider, inbox):
        recovery_codes.make(account=provider, now=timezone.now() - timedelta(days=1))
        alert = transaction.atomic(alerts.raise_alert)(account=provider, kind="new device", now=timezone.now())
        securing.secure(alert=alert, now=timezone.now())
        assert RecoveryDevice.objects.exists()
        assert not PasskeyDevice.objects.exists()

    def test_the_next_sign_in_proves_the_mailbox_and_sets_a_new_password(self, provider, link, inbox):
        Client().post(link)
        owner = Client()
        with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
            asked = sign_in(owner, "dr.provider").url
            assert asked == (SECURED if realm_profile("ohid") == "nist" else ACCESS), "the device is forgotten"
            owner.post(asked, {"code": inbox.newest("mail").code})
            assert "Choose a new password" in owner.get(SECURED).content.decode()
            for password, again, problem in (
                (PASSWORD, PASSWORD, "the password you have now"),
                ("short", "short", str(password_rules("ohid")[0].says)),
                (NEW, "Other-Pass-9", "not the same"),
            ):
                answer = owner.post(SECURED, {"password": password, "password_again": again})
                assert problem in answer.content.decode()
            assert owner.post(SECURED, {"password": NEW, "password_again": NEW}).url == reverse("profile")
        provider.refresh_from_db()
        assert provider.check_password(NEW)
        assert provider.secured_at is None
        assert any("The password of your ID was changed." in m.text for m in inbox.all())

    def test_a_second_factor_alone_is_not_enough_then(self, client, inbox, db):
        """Whoever phished password and text code has no mailbox."""

        doctor = AccountFactory(login_name="the.doc", phone="+13105550177")
        securing.secure(
            alert=transaction.atomic(alerts.raise_alert)(
                account=doctor, kind="new device", now=timezone.now() + timedelta(seconds=1)
            ),
            now=timezone.now(),
        )
        sign_in(client, "the.doc")
        assert client.post(FACTOR, {"otp_token": inbox.newest("text").code}).url == SECURED
        assert client.post(SECURED, {"password": NEW, "password_again": NEW}).status_code == 200
        assert "_auth_user_id" not in client.session
        assert client.post(SECURED, {"code": inbox.newest("mail").code}).url == SECURED
        assert client.post(SECURED, {"password": NEW, "password_again": NEW}).url == reverse("profile")

    @pytest.mark.parametrize("token", ["x", "", "-", "0" * 32 + "-x"])
    def test_a_made_up_link_is_as_good_as_an_ended_one(self, client, db, token):
        assert client.post(f"/id/not-me/{token or 'y'}/").status_code == 410
        assert not SecurityAlert.objects.filter(answered_at__isnull=False).exists()

    def test_a_link_of_one_account_secures_no_other(self, provider, stranger):
        """The token is bound to its row and account."""
        now = timezone.now()
        first = transaction.atomic(alerts.raise_alert)(account=provider, kind="new device", now=now)
        second = transaction.atomic(alerts.raise_alert)(account=stranger, kind="new device", now=now)
        mixed = f"{first.pk.hex}-{second.token.partition('-')[2]}"
        with pytest.raises(alerts.AlertEnded):
            alerts.find(mixed, now=now)

    def test_links_name_the_public_address_whatever_host_was_asked(self, client, provider, inbox, settings):
        """Host header in mails."""
        settings.ALLOWED_HOSTS = ["*"]
        client.defaults["HTTP_HOST"] = "evil.example"
        sign_in_by_mail(client, "dr.provider")
        assert all("evil.example" not in m.text + m.html for m in inbox.all())


def with_authenticator(account) -> str:
    secret = authenticators.new_secret()
    AuthenticatorDevice.objects.create(user=account, name="a", secret=secret)
    return secret


def test_an_alert_says_what_its_button_takes_back(client, provider):
    alert = transaction.atomic(alerts.raise_alert)(account=provider, kind="new device", now=timezone.now())
    with_authenticator(provider)
    page = client.get(f"/id/not-me/{alert.token}/").content.decode()
    assert "removed will be: <strong>authenticator</strong>" in page
