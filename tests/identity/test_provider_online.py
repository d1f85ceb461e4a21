"""The realm of Provider OnLine: user names, one log-in page, a phone for everybody, recovery in its own words."""

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.accounts import accounts, agreements, passwords
from identity.models import Account, PhoneDevice, Signature
from identity.notices import alerts
from identity.policy.realms import PROVIDER_ONLINE
from tests.factories import PASSWORD, AccountFactory, GrantFactory
from tests.steps.provider_online import AGREE, CHOOSE, ENTER, HOME, PHONE, TEXT, UPDATE, log_in
from tests.steps.sign_in import ACCESS, FACTOR, SIGN_IN, signed_in

pytestmark = pytest.mark.django_db


def office_user(name: str = "k", **fields) -> Account:
    """Somebody whose administrator's invitation was accepted: a proved address, a user name of one letter."""
    return AccountFactory(
        login_name=name, realm="provider-online", first_name="Kim", last_name="O'Neill Jr.", terms_version=0, **fields
    )


@pytest.fixture
def registered(db) -> Account:
    """The same, later: with a phone, terms signed, access given."""
    account = office_user(phone=PHONE)
    agreements.sign(account=account, typed_name="Kim ONeill", language="en", now=timezone.now())
    GrantFactory(account=account, portal_key="provider-online")
    return account


class TestLogInPage:
    def test_it_says_what_the_documents_say(self, client):
        """S4-29: heading, sentence, both fields on one page, the links."""
        assert client.get(ENTER).url.startswith(SIGN_IN)
        page = client.get(f"{SIGN_IN}?next={ENTER}").content.decode()
        for text in (
            "Log in to your account", "Enter your username and password to log in to your Provider OnLine account",
            "Username", "Password", "Forgot User ID", "Reset Password", "Edit profile",
        ):  # fmt: skip
            assert text in page, text

    def test_edit_profile_asks_for_the_same_with_its_reason(self, client, registered, inbox):
        """S4-36: "In order to keep your account safe, you will be asked to complete two-step authentication"."""
        page = client.get(f"{SIGN_IN}?portal=provider-online&next=/id/profile/").content.decode()
        assert "Edit your profile" in page
        assert "you will be asked to complete two-step authentication in the next step" in page
        assert client.post(SIGN_IN, {"login": "K", "password": PASSWORD}).url == FACTOR
        assert client.post(FACTOR, {"otp_token": inbox.newest("text").code}).url == "/id/profile/"
        profile = client.get("/id/profile/").content.decode()
        assert "Provider OnLine" in profile
        assert "One Healthcare ID" not in profile

    def test_names_of_one_realm_mean_nothing_in_the_other(self, client, provider, registered):
        """decisions, Realm: a login name lives in one realm."""
        assert "is not correct" in log_in(client, "dr.provider").content.decode()
        assert accounts.find_for_sign_in(realm="ohid", typed="k") is None
        other = Client()
        other.post(SIGN_IN, {"login": "k"})
        assert "is not correct" in other.post("/id/sign-in/password/", {"password": PASSWORD}).content.decode()

    def test_the_same_name_may_live_in_both_realms(self, registered):
        """C1: unique per realm."""
        assert AccountFactory(login_name="kim.oneill")
        assert AccountFactory(login_name="kim.oneill", realm="provider-online")

    def test_the_password_page_leads_to_the_one_page(self, client, registered):
        client.get(f"{SIGN_IN}?next={ENTER}")
        client.post(SIGN_IN, {"login": "k", "password": "Wrong-Pass-1"})
        assert client.get("/id/sign-in/password/").url == SIGN_IN
        assert 'value="k"' in client.get(SIGN_IN).content.decode()


@pytest.mark.parametrize(("name", "good"), [
    ("k", True), ("x" * 64, True), ("kim.o-neill_1", True), ("kim@clinic!", True), ("josé", True),
    ("", False), ("x" * 65, False), ("kim o", False),
    *((f"kim{symbol}", False) for symbol in ";:<>,[]()\\\"'~`%^&+={}|?/"),
])  # fmt: skip
def test_the_user_name_rule(name, good):
    """S4-08, D-21: 1 to 64 characters, none of these symbols, no space."""
    assert all(rule.holds(name) for rule in PROVIDER_ONLINE.login_name_rules) is good


class TestSettingUpThePhone:
    def test_the_first_log_in(self, client, inbox):
        """S4-10, S4-11, S4-12, S4-13, S4-15, C7: mailbox, phone, code, typed terms; a password alone sets up no phone."""
        account = office_user()
        GrantFactory(account=account, portal_key="provider-online")
        assert log_in(client).url == ACCESS
        assert client.get(UPDATE).url == ACCESS, "the mailbox comes first"
        assert client.post(ACCESS, {"code": inbox.newest("mail").code}).url == CHOOSE
        assert client.get(CHOOSE).url == UPDATE
        page = client.get(UPDATE).content.decode()
        for text in (
            "Two-step authentication", "Enter your phone number and select your preferred method of contact.",
            "United States (+1)", "Send Code", "Call Me", "doesn&#x27;t charge for text messages",
            "will only be used to authenticate your account",
        ):  # fmt: skip
            assert text in page or text.replace("&#x27;", "'") in page, text
        bad = client.post(UPDATE, {"country": "US", "phone": "123", "method": "text"}).content.decode()
        assert "Please enter a valid phone number" in bad
        assert client.post(UPDATE, {"country": "US", "phone": "414 555 0123", "method": "text"}).url == TEXT
        page = client.get(TEXT).content.decode()
        for text in ("XXX-XXX-0123", "Edit", "Verification Code", "Send a new code.", "Verify Code"):
            assert text in page, text
        assert 'name="skip"' not in page
        client.post(TEXT, {"code": inbox.newest("text", PHONE).code})
        assert client.post(CHOOSE).url == AGREE
        assert PhoneDevice.objects.get(user=account).confirmed
        page = client.get(AGREE).content.decode()
        assert "O&#x27;Neill Jr." in page
        assert (
            "Type the name “Kim O&#x27;Neill Jr.” as it is shown."
            in client.post(AGREE, {"typed_name": "Kim Smith"}).content.decode()
        )
        assert client.post(AGREE, {"typed_name": " kim  oneill "}).url == ENTER
        assert client.get(ENTER).url == HOME
        assert client.get(HOME).status_code == 200
        signature = Signature.objects.get(account=account)
        assert (signature.mode, signature.typed_name) == ("typed name", "kim oneill")

    def test_a_call_says_the_code(self, client, inbox):
        """S4-10: "Call Me"."""
        office_user()
        log_in(client)
        client.post(ACCESS, {"code": inbox.newest("mail").code})
        client.post(UPDATE, {"country": "US", "phone": "414 555 0123", "method": "spoken"})
        assert "This is Provider OnLine" in inbox.newest("voice", PHONE).text

    def test_later_log_ins_ask_for_the_phone(self, client, registered, inbox):
        """S4-14, C31."""
        assert log_in(client).url == FACTOR
        text = inbox.newest("text", PHONE)
        assert "Your Provider OnLine verification code" in text.text
        page = client.get(FACTOR).content.decode()
        assert ">Verify Code</button>" in page, "as at registration"
        assert ">Verify</button>" not in page
        assert client.post(FACTOR, {"otp_token": text.code}).url == ENTER
        assert client.get(HOME).status_code == 200

    def test_a_phone_cannot_be_skipped_or_removed(self, client, registered):
        """C7: provider-online requires a phone."""
        device = PhoneDevice.objects.get()
        page = signed_in(registered, verified=True).post(f"/id/methods/phone/{device.pk}/remove/", {"knows": "on"})
        assert page.status_code == 200
        assert PhoneDevice.objects.get().confirmed
        assert "needs a phone" in page.content.decode()


class TestChangingThePhone:
    def test_only_with_a_code_to_the_old_number(self, registered, inbox):
        """S4-36: the new phone alone changes nothing."""
        browser = signed_in(registered)
        answer = browser.get("/id/profile/phone/")
        assert answer.url.startswith("/id/confirm/?")
        assert "by=phone" in answer.url
        browser.post(answer.url, {"send": "text"})
        assert browser.post(answer.url, {"otp_token": inbox.newest("text", PHONE).code}).url == "/id/profile/phone/"
        sent = browser.post("/id/profile/phone/", {"country": "US", "phone": "414 555 0199", "method": "text"})
        assert sent.url == TEXT
        assert PhoneDevice.objects.get(confirmed=True).number == PHONE, "until the new one is proved"
        browser.post(TEXT, {"code": inbox.newest("text", "+14145550199").code})
        assert [device.number for device in PhoneDevice.objects.all()] == ["+14145550199"]
        told = [m.text for m in inbox.all() if m.channel == "text" and m.to == PHONE]
        assert any("phone number of your ID was changed" in text for text in told)

    def test_the_phone_serves_authentication_only(self, registered, inbox):
        """S4-12, C35, B5: other changes are told by mail, to every address, and no text leaves; a change of the number
        itself is told to it. The page, the terms and the privacy policy say the same."""
        passwords.change(account=registered, password="Another-Password-1", now=timezone.now())
        transaction.atomic(alerts.raise_alert)(
            account=registered, kind="login name changed", what="k", now=timezone.now()
        )
        told = inbox.all()
        assert [m.to for m in told] == [registered.email] * 2
        transaction.atomic(alerts.raise_alert)(
            account=registered, kind="methods reset", old_number=PHONE, now=timezone.now()
        )
        assert [m.to for m in inbox.all() if m.channel == "text"] == [PHONE]
        says = "will only be used to authenticate your account. The one other message it gets says that it is changed"
        browser = signed_in(registered, verified=True)
        for page in ("/id/profile/phone/", "/id/terms-of-use/?portal=provider-online", "/id/privacy-policy/"):
            assert says in browser.get(page).content.decode(), page
        assert "and your phone" not in browser.get("/id/profile/password/").content.decode()

    def test_a_number_that_was_never_proved_is_cleared_away(self, registered):
        from datetime import timedelta

        from identity.factors import phones
        from identity.governance import retention

        now = timezone.now()
        phones.add(account=registered, number="+14145550199", replacing=True, now=now - timedelta(days=2))
        first_number = AccountFactory(login_name="new.person")
        phones.add(account=first_number, number="+14145550188", now=now - timedelta(days=2))
        retention.prune(now=now)
        assert phones.waiting(registered) is None
        assert phones.waiting(first_number) is not None, "the first number of an account waits on"

    def test_another_method_does_not_stand_for_it(self, registered):
        """S4-36, S4-37: a passkey or recovery code changes no phone number."""
        from identity.factors import recovery_codes
        from identity.models import RecoveryDevice

        recovery_codes.make(account=registered, now=timezone.now())
        browser = signed_in(registered, device=RecoveryDevice.objects.get())
        assert "by=phone" in browser.get("/id/profile/phone/").url

    def test_without_a_phone_the_page_says_so(self, provider):
        browser = signed_in(provider)
        assert "This needs your phone" in browser.get("/id/profile/phone/", follow=True).content.decode()


class TestRecovery:
    def test_forgot_user_id(self, client, registered, inbox):
        """S4-30..32: "Account lookup", then "Email sent", then a mail with every user name of that address."""
        AccountFactory(login_name="second.user", realm="provider-online", email=registered.email)
        AccountFactory(login_name="other.realm", email=registered.email)
        page = client.get("/id/forgot-id/?portal=provider-online").content.decode()
        assert "Account lookup" in page
        assert "Enter the email address connected with your account and we will send you an email" in page
        sent = client.post("/id/forgot-id/", {"email": registered.email})
        assert "Please check your email for your username." in client.get(sent.url).content.decode()
        mail = inbox.newest("mail", registered.email)
        for text in (
            "Hello", "We have received a request from Provider OnLine to send the username(s) associated with your",
            "Username(s):", "second.user", "Sincerely,", "Chorus Community Health Plans",
        ):  # fmt: skip
            assert text in mail.text, text
        assert "other.realm" not in mail.text

    def test_reset_password(self, client, registered, inbox):
        """S4-33, S4-34, S4-35, C27: name and address, the mailed link, two-step, the new password, then the log-in page."""
        page = client.get("/id/forgot-password/?portal=provider-online").content.decode()
        assert "Enter the username and email associated with your account." in page
        client.post("/id/forgot-password/", {"login_name": "k", "email": registered.email})
        client.post(inbox.newest("mail", registered.email).link)
        page = client.get("/id/reset/").content.decode()
        for text in ("Two-step authentication", "Please select your preferred method of contact.", "XXX-XXX-0123"):
            assert text in page, text
        client.post("/id/reset/", {"send": "text"})
        client.post("/id/reset/", {"otp_token": inbox.newest("text", PHONE).code})
        page = client.get("/id/reset/").content.decode()
        assert "Create a new password" in page
        assert "To update your password enter a new one below" in page
        new = "Another-Pass-7-fresh"
        done = client.post("/id/reset/", {"password": new, "password_again": new}).content.decode()
        assert "Your new password is set" in done
        registered.refresh_from_db()
        assert passwords.is_current(account=registered, password=new)

    def test_lost_phone_calls_the_help_desk(self, client, registered):
        """S4-37: no access to the original number."""
        log_in(client)
        page = client.get("/id/sign-in/lost-methods/").content.decode()
        assert "1-844-202-0117" in page

    def test_who_has_no_phone_cannot_reset_by_mail_alone(self, client, inbox):
        """S4-33: only for users registered with two-step."""
        account = office_user(last_login=None)
        client.get("/id/forgot-password/?portal=provider-online")
        client.post("/id/forgot-password/", {"login_name": "k", "email": account.email})
        client.post(inbox.newest("mail", account.email).link)
        assert "The help desk gets you back in" in client.get("/id/reset/", follow=True).content.decode()


class TestTwoRealmsInOneBrowser:
    def test_a_portal_of_the_other_realm_says_so_and_replaces_the_session(self, provider, registered):
        """decisions, Account: one browser session holds one account; saying so comes first."""
        browser = signed_in(provider)
        answer = browser.get(HOME)
        assert answer.url == reverse("other_realm", args=["provider-online"])
        assert "You are signed in as <strong>dr.provider</strong>" in browser.get(answer.url).content.decode()
        left = browser.post(answer.url)
        assert "portal=provider-online" in left.url
        assert "Log in to your account" in browser.get(left.url).content.decode()
        assert browser.get("/id/profile/").status_code == 302

    def test_the_browser_shows_its_realms_page_next_time(self, client, registered, inbox):
        log_in(client)
        client.post(FACTOR, {"otp_token": inbox.newest("text").code})
        client.post("/id/sign-out/")
        assert "Edit your profile" in client.get(f"{SIGN_IN}?next=/id/profile/").content.decode()
        assert "Welcome to One Healthcare ID" in client.get(f"{SIGN_IN}?portal=").content.decode()


def test_sign_up_belongs_to_the_other_realm(client):
    """S4-07: user names are chosen from an invitation; the public form makes One Healthcare IDs."""
    page = client.get("/id/create/?portal=provider-online")
    assert page.status_code == 302
    assert not EmailAddress.objects.exists()
