"""The first sign-in of people whose accounts came over into Provider OnLine's realm (S4-25..28)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.domain import passwords
from identity.models import Account, PhoneDevice, Signature
from portals import registry
from portals.domain import first_sign_ins
from portals.models import LegacyAccount
from rbac.domain import grants
from tests.conftest import signed_in
from tests.factories import NOW, OLD_PASSWORD, AccountFactory, LegacyAccountFactory
from tests.identity.test_provider_online import AGREE, CHOOSE, ENTER, HOME, PHONE, SIGN_IN, TEXT, UPDATE, log_in

pytestmark = pytest.mark.django_db
PAGE, FIRST_PASSWORD = "/p/provider-online/first-sign-in/", "/id/sign-in/first-password/"
VERIFY = "/id/verify-email/"
PORTAL = registry.get("provider-online")


@pytest.fixture
def legacy(db) -> LegacyAccount:
    return LegacyAccountFactory(
        source="provider-online", login_name="kim", first_name="Kim", last_name="O'Neill", email="kim@example.org"
    )


def first(client: Client, name: str = "kim", password: str = OLD_PASSWORD):
    return client.post(PAGE, {"login_name": name, "password": password})


def prove_mailbox(client: Client, inbox) -> None:
    client.post(VERIFY, {"code": inbox.newest("mail", "kim@example.org").code})


class TestTheStepsInTheirOrder:
    def test_old_password_mailbox_new_password_terms_phone(self, client, legacy, inbox):
        """S4-25, S4-26, S4-27, S4-28: in one go; the session exists after the last step only."""
        page = client.get(SIGN_IN + "?next=" + ENTER).content.decode()
        assert f'href="{PAGE}"' in page
        assert "First time since the move?" in page
        assert first(client).url == VERIFY
        prove_mailbox(client, inbox)
        assert client.post(VERIFY).url == FIRST_PASSWORD, "it goes on: there is no password to sign in with yet"
        page = client.get(FIRST_PASSWORD).content.decode()
        assert "Create a new password" in page
        assert "You may keep the password that you had before" in page
        weak = client.post(FIRST_PASSWORD, {"password": "short", "password_again": "short"})
        assert weak.status_code == 200
        kept = client.post(FIRST_PASSWORD, {"password": OLD_PASSWORD, "password_again": OLD_PASSWORD})
        assert kept.url == AGREE, "S4-27: the existing password meets the new rules"
        assert client.post(AGREE, {"typed_name": "Kim O'Neill"}).url == CHOOSE
        assert client.get(HOME).status_code == 302
        assert "_auth_user_id" not in client.session
        client.get(CHOOSE)
        assert client.post(UPDATE, {"country": "US", "phone": "414 555 0123", "method": "text"}).url == TEXT
        client.post(TEXT, {"code": inbox.newest("text", PHONE).code})
        assert client.post(CHOOSE).url == ENTER
        assert client.get(ENTER).url == HOME
        assert client.get(HOME).status_code == 200
        account = Account.objects.get(login_name="kim")
        legacy.refresh_from_db()
        assert (legacy.account, legacy.tied_by) == (account, "first sign-in")
        assert account.realm == "provider-online"
        assert passwords.is_current(account=account, password=OLD_PASSWORD)
        assert Signature.objects.get(account=account).typed_name == "Kim O'Neill"
        assert PhoneDevice.objects.get(user=account).confirmed
        assert grants.of(account)[0].because_of == "legacy sign-in"

    def test_no_step_can_be_skipped(self, client, legacy, inbox):
        """policy: no second door."""
        first(client)
        for path in (FIRST_PASSWORD, AGREE, UPDATE, "/id/sign-in/access-code/"):
            assert client.get(path).url == VERIFY, path
        prove_mailbox(client, inbox)
        client.post(VERIFY)
        for path in (AGREE, UPDATE, VERIFY):
            assert client.get(path).url == FIRST_PASSWORD, path

    def test_an_old_password_alone_takes_nothing(self, client, legacy, inbox):
        """S4-26: the mailbox that is proved is the one that came over with the account; it is not changed here."""
        page = client.get(first(client)["Location"])
        assert "update email address" not in page.content.decode()
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            client.post(reverse("change_address"), {"email": "thief@example.org"})
        assert Account.objects.get(login_name="kim").email == legacy.email
        assert all(mail.to != "thief@example.org" for mail in inbox.all())

    def test_it_may_be_gone_on_with_another_day(self, client, legacy, inbox):
        first(client)
        other = Client()
        assert first(other).url == VERIFY
        assert Account.objects.filter(login_name="kim").count() == 1

    def test_a_mailbox_that_was_proved_elsewhere_does_not_count_here(self, client, legacy, inbox):
        """Whoever knows an old password only gets nowhere by the owner's press."""
        first(client)
        link = inbox.newest("mail", "kim@example.org").link
        Client().post(link)
        assert client.post(VERIFY).url == "/id/sign-in/access-code/"
        assert client.get(FIRST_PASSWORD).url == "/id/sign-in/access-code/"
        client.post("/id/sign-in/access-code/", {"code": inbox.newest("mail", "kim@example.org").code})
        assert client.get(FIRST_PASSWORD).status_code == 200


class TestWhoIsRefused:
    def test_wrong_and_unknown_are_told_alike_and_make_no_account(self, client, legacy):
        for name, password in (("kim", "Wrong-Password-1"), ("nobody", OLD_PASSWORD)):
            assert "is not correct" in first(client, name, password).content.decode()
        assert not Account.objects.exists()

    def test_who_has_been_here_signs_in_as_everybody_does(self, client, legacy):
        account = AccountFactory(login_name="kim", realm="provider-online")
        LegacyAccount.objects.update(account=account, tied_at=NOW, tied_by="first sign-in")
        assert first(client).url == ENTER
        assert "log in with the password that you chose then" in client.get(ENTER, follow=True).content.decode()

    def test_an_old_password_does_not_open_an_account_of_the_same_name(self, client, legacy):
        """The name is somebody's in the realm already: an old password is no key to it."""
        taken = AccountFactory(login_name="KIM", realm="provider-online")
        refused = first(client)
        assert refused.status_code == 409
        assert "1-844-202-0117" in refused.content.decode()
        legacy.refresh_from_db()
        assert legacy.account is None
        assert Account.objects.get() == taken

    @pytest.mark.parametrize("lacks", [{"email": ""}, {"first_name": ""}, {"login_name": "kim o"}])
    def test_what_every_account_needs_is_completed_by_staff(self, client, legacy, lacks):
        for name, value in lacks.items():
            setattr(legacy, name, value)
        legacy.save()
        assert first(client, legacy.login_name).status_code == 409
        assert not Account.objects.exists()

    def test_a_password_is_needed_before_the_ordinary_log_in_works(self, client, legacy):
        first_sign_ins.begin(legacy=legacy, portal=PORTAL, language="en", now=NOW)
        for typed in (OLD_PASSWORD, "!", ""):
            assert log_in(Client(), "kim", typed).status_code == 200

    def test_other_portals_have_no_such_page(self, client, provider):
        for key in ("trucase", "claims", "nowhere"):
            assert client.get(f"/p/{key}/first-sign-in/").status_code == 404
        assert signed_in(provider).get(PAGE).url == ENTER
