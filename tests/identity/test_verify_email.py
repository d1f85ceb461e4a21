"""Proving the address: code, link with a button, resending, another address, scanners."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.accounts import emails
from identity.codes import codes
from identity.models import (
    Account,
    Challenge,
)
from identity.notices.messages import ActivationMail
from tests.factories import NOW, PASSWORD, AccountFactory
from tests.steps.sign_in import ACCESS
from tests.steps.sign_up import GOOD, QUESTIONS, sign_up

pytestmark = pytest.mark.django_db
PHONE = "/id/verify-phone/"
VERIFY = "/id/verify-email/"


@pytest.fixture
def newcomer(client, inbox) -> Account:
    """Somebody who sent the sign-up form in this browser a moment ago."""
    sign_up(client)
    return Account.objects.get()


def is_verified() -> bool:
    return EmailAddress.objects.get().verified


def test_the_page_says_where_to_look_and_masks_the_address(client, newcomer):
    """S0-21, S0-22, S0-23, S0-24, S0-25, S1-44, C32: steps, sender, masked local part, resend and update links, support line."""
    page = client.get(VERIFY).content.decode()
    for text in (
        "Verify Your Email Address", "********@example.org", "noreply_healthid@optum.com",
        "Click on the activation link in the email or enter the 10-digit activation code.",
        "Still waiting for your activation code?", "Resend email", "update email address",
        "Allow up to 1-2 minutes", "junk or spam folders", "1-855-819-5909", "optumsupport@optum.com",
    ):  # fmt: skip
        assert text in page, text
    assert "ana@example.org" not in page


def test_the_mail_carries_button_and_code(client, newcomer, inbox):
    """S0-26, S2-06, mail E1: one mail, both ways, support line."""
    mail = inbox.newest("mail", "ana@example.org")
    assert mail.subject == "Activate my One Healthcare ID"
    assert "Just one step left to do and your One Healthcare ID will be ready to use." in mail.text
    assert len(mail.code) == 10
    assert mail.code in mail.html
    assert "Activate my One Healthcare ID</a>" in mail.html
    assert mail.link in mail.html
    assert "1-855-819-5909 or optumsupport@optum.com" in mail.text


def test_the_code_verifies_with_spaces_and_leads_on(client, newcomer, inbox):
    """S0-21, S0-27, S1-44, S1-45: verify, success, Continue."""
    code = inbox.newest("mail").code
    assert client.post(VERIFY, {"code": f" {code[:4]} {code[4:7]}-{code[7:]} "}).url == VERIFY
    assert is_verified()
    page = client.get(VERIFY).content.decode()
    assert "Email Address Verified" in page
    assert "Your One Healthcare ID is ready to use." in page
    assert "This will be your credentials for all One Healthcare ID Applications." in page, "S0-18"
    assert client.post(VERIFY).url == reverse("verify_phone")


def test_the_link_waits_for_a_person_and_the_code_still_works_after_it_was_opened(client, newcomer, inbox):
    """C24, policy, Always: GET, HEAD and a scanner's browser consume nothing."""
    mail = inbox.newest("mail")
    for scanner in (Client(), Client(headers={"user-agent": "SafeLinks"})):
        for _ in range(3):
            assert scanner.get(mail.link).status_code == 200
            assert scanner.head(mail.link).status_code == 200
    assert not is_verified()
    assert Challenge.objects.get().used_at is None
    assert client.post(VERIFY, {"code": mail.code}).url == VERIFY
    assert is_verified()


def test_the_links_button_in_the_same_browser_goes_on_with_the_sign_up(client, newcomer, inbox):
    """C22: the browser that holds the sign-up goes on."""
    link = inbox.newest("mail").link
    assert "Activate Your One Healthcare ID" in client.get(link).content.decode()
    page = client.post(link).content.decode()
    assert "Email Address Verified" in page
    assert f'action="{VERIFY}"' in page
    assert client.post(VERIFY).url == reverse("verify_phone")


def test_the_links_button_in_another_browser_verifies_and_leads_to_sign_in(client, newcomer, inbox):
    """C22, S0-28: verification alone opens no session."""
    other = Client()
    link = inbox.newest("mail").link
    page = other.post(link).content.decode()
    assert is_verified()
    assert reverse("account_login") in page
    assert "_auth_user_id" not in other.session
    assert "Email Address Verified" in client.get(VERIFY).content.decode(), "the first browser sees it too"


def test_a_link_works_once_and_then_says_that_all_is_well(client, newcomer, inbox):
    link = inbox.newest("mail").link
    Client().post(link)
    page = Client().post(link)
    assert page.status_code == 200
    assert "already verified" in page.content.decode()


def test_a_wrong_code_counts_down_and_five_end_it(client, newcomer, inbox):
    """policy, tries: five a code, told each time; then even the right one is refused."""
    code = inbox.newest("mail").code
    for left in (4, 3, 2, 1):
        page = client.post(VERIFY, {"code": "0000000000"}).content.decode()
        assert f"{left} more tr" in page
    assert "This code has ended" in client.post(VERIFY, {"code": "0000000000"}).content.decode()
    assert "This code has ended" in client.post(VERIFY, {"code": code}).content.decode()
    assert not is_verified()


def test_resending_waits_thirty_seconds_and_ends_the_old_code(client, newcomer, inbox):
    """S0-22, S0-23, C4, policy resend: newest only."""
    old = inbox.newest("mail")
    assert "You can try again in" in client.post(VERIFY, {"resend": "1"}, follow=True).content.decode()
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
        assert "We sent another message" in client.post(VERIFY, {"resend": "1"}, follow=True).content.decode()
        new = inbox.newest("mail")
        assert new.code != old.code
        assert "This is not the code" in client.post(VERIFY, {"code": old.code}).content.decode()
        stale = Client().get(old.link)
        assert stale.status_code == 410
        assert "newer message was sent" in stale.content.decode()
        assert Client().post(old.link).status_code == 410
        assert client.post(VERIFY, {"code": new.code}).url == VERIFY


def test_the_address_can_be_changed_until_it_is_proved(client, newcomer, inbox):
    """S0-22: "update email address"; the old code is worth nothing for the new address."""
    old = inbox.newest("mail")
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
        assert client.post("/id/verify-email/address/", {"email": "New@Example.org"}).url == VERIFY
        new = inbox.newest("mail", "new@example.org")
        assert "This is not the code we sent" in client.post(VERIFY, {"code": old.code}).content.decode()
        assert not is_verified()
        assert Client().post(old.link).status_code == 410
        assert client.post(VERIFY, {"code": new.code}).url == VERIFY
    assert Account.objects.get().email == "new@example.org"
    assert client.get("/id/verify-email/address/").url == VERIFY, "a proved address is not changed here"


@pytest.mark.parametrize("address", ["", "nonsense", "a@b", "x" * 250 + "@example.org"])
def test_a_bad_new_address_is_refused_beside_the_field(client, newcomer, address):
    page = client.post("/id/verify-email/address/", {"email": address}).content.decode()
    assert 'id="id_email_error"' in page
    assert Account.objects.get().email == "ana@example.org"


@pytest.mark.parametrize("token", ["nonsense", "0" * 32, "0" * 32 + "-abc", "é", "a-b-c"])
def test_a_mangled_link_is_a_page_of_its_own(client, token):
    response = client.get(f"/id/activate/{token}/")
    assert response.status_code == 404
    assert "This link is not complete" in response.content.decode()


def test_signing_in_with_an_unproved_address_asks_for_the_proof(client, inbox):
    """S0-28, S1-44: whoever comes back later meets the same page."""
    AccountFactory(login_name="late.comer", address=False)
    client.post("/id/sign-in/", {"login": "late.comer"})
    assert client.post("/id/sign-in/password/", {"password": PASSWORD}).url == VERIFY
    assert inbox.newest("mail", "late.comer@example.org").code


def test_the_page_is_only_for_a_sign_up_under_way(client):
    assert client.get(VERIFY).url == reverse("account_login")
    assert client.get("/id/verify-email/address/").url == reverse("account_login")


def test_links_in_mails_never_come_from_the_host_header(client, inbox, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.post(reverse("account_signup"), GOOD, headers={"host": "evil.example"})
    client.post(reverse("choose_questions"), QUESTIONS, headers={"host": "evil.example"})
    assert settings.PUBLIC_URL in inbox.newest("mail").text
    assert "evil.example" not in inbox.newest("mail").text


def test_the_link_remembers_the_portal_that_asked_and_the_persons_language(client, inbox):
    """C22, C23: another browser shows the portal's look and the account's language, and leads on to the portal."""
    client.get("/id/language/es/?next=/")
    client.get(reverse("account_signup") + "?next=/p/claims/access-form/")
    sign_up(client)
    link = inbox.newest("mail").link
    other = Client()
    page = other.get(link).content.decode()
    assert 'data-portal="claims"' in page
    assert '<html lang="es"' in page
    assert "ana.nunez" in page
    assert "/id/sign-in/?next=/p/optum-connect/enter/" in other.post(link).content.decode()
    assert other.get(link.partition("?")[0] + "?portal=//evil.example").status_code == 200


@pytest.mark.parametrize("typed", ["12345", "12345678901", "abcdefghij", "12345 6789x"])
def test_what_cannot_be_a_code_costs_no_try(client, newcomer, typed):
    page = client.post(VERIFY, {"code": typed}).content.decode()
    assert "Enter all 10 digits of the code" in page
    assert Challenge.objects.get().tries == 0


def test_the_back_button_leads_to_the_step_that_is_next(client, newcomer, inbox):
    client.post(VERIFY, {"code": inbox.newest("mail").code})
    client.post(VERIFY)
    assert client.get(VERIFY).url == reverse("verify_phone")


@pytest.mark.source_profile
def test_an_address_proved_in_another_browser_proves_no_mailbox_here(client, inbox):
    """S0-29: a stranger who signed up with somebody's address is not let in by that person's click."""
    sign_up(client)
    Client().post(inbox.newest("mail").link)
    client.post("/id/verify-email/")
    assert client.post(PHONE, {"skip": "1"}).url == ACCESS
    assert "_auth_user_id" not in client.session


def test_a_code_checked_before_the_address_changed_verifies_nothing(db):
    """Check and use are tied together under a lock: the row decides, not what was read before."""
    account = AccountFactory(address=False)
    challenge = emails.send_activation(account=account, tenant="", now=NOW)
    checked = codes.check(
        account=account,
        purpose="email",
        target=account.email,
        channels=("mail",),
        typed=codes.code_of(challenge),
        now=NOW,
    )
    moment = NOW + timedelta(seconds=31)
    emails.change_unverified(
        account=Account.objects.get(pk=account.pk), address="victim@example.org", tenant="", now=moment
    )
    with pytest.raises(codes.CodeEnded):
        emails._verify(checked, now=moment)
    assert not EmailAddress.objects.get().verified


def test_an_address_that_was_proved_meanwhile_is_not_changed(db):
    account = AccountFactory(address=False)
    stale = Account.objects.get(pk=account.pk)
    challenge = emails.send_activation(account=account, tenant="", now=NOW)
    emails.verify_by_link(challenge=challenge, here=True, now=NOW)
    with pytest.raises(emails.AddressFixed):
        emails.change_unverified(account=stale, address="other@example.org", tenant="", now=NOW + timedelta(minutes=1))
    assert emails.is_verified(Account.objects.get())


def test_a_late_activation_mail_goes_to_nobody_when_a_newer_one_was_asked_for(db):
    now = timezone.now()
    account = AccountFactory(address=False)
    first = emails.send_activation(account=account, tenant="", now=now)
    emails.send_activation(account=account, tenant="", now=now + timedelta(seconds=31))
    assert ActivationMail(account_id=account.pk, challenge=str(first.pk), tenant="").render(account=account) is None


def test_five_activation_mails_an_hour_to_one_address_whoever_asks(client, inbox):
    """policy, activation mail: per address, so that sign-up is no mail cannon; the page looks the same."""
    for number in range(7):
        browser = Client()
        with time_machine.travel(timezone.now() + timedelta(minutes=number), tick=False):
            assert sign_up(browser, login_name=f"person.{number}").url == "/id/verify-email/"
            assert "Verify Your Email Address" in browser.get("/id/verify-email/").content.decode()
    assert len([m for m in inbox.all() if m.to == "ana@example.org"]) <= 5
