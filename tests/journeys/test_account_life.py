"""The account's life, as stories in a real browser: back in without ID, password or phone; My Profile; Provider OnLine."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from identity.accounts import agreements
from identity.models import Account, FactorReset, PhoneDevice
from tests.conftest import make_staff
from tests.factories import PASSWORD, AccountFactory, GrantFactory
from tests.steps.browser import sign_in, spoken

SIGN_IN, PROFILE = "/id/sign-in/", "/id/profile/"
PHONE, NEW = "+13105550123", "Another-Pass-7-fresh"


@pytest.fixture
def holder(transactional_db) -> Account:
    """Somebody with a phone and a second address."""
    account = AccountFactory(login_name="ana.holder", phone=PHONE)
    EmailAddress.objects.create(user=account, email="ana.home@example.org", primary=False, verified=True)
    return account


@pytest.mark.parametrize(("language", "width"), [("en", 1200), ("es", 320)])
def test_forgotten_id_and_password(visit, inbox, holder, language, width):
    """S2-07, S2-32, S4-33..35: the mail with the IDs, the mail with the link, the second step, the new password."""
    her = visit(language=language, width=width)
    Account.objects.update(language=language)

    def say(text: str) -> str:
        return spoken(language, text)

    her.go(SIGN_IN)
    her.page.locator("main a[href$='/forgot-id/']").click()
    her.look()
    her.press(say("Continue"))
    her.told()
    her.look()
    her.fill(email=holder.email)
    her.press(say("Continue"))
    her.look(say("Email sent"))
    assert "ana.holder" in inbox.newest("mail", holder.email).text
    her.follow(say("Sign In"))
    her.fill(login="ana.holder")
    her.press(say("Continue"))
    her.page.locator("main a[href$='/forgot-password/']").click()
    her.look(say("Forgot Password?"))
    assert her.page.input_value("#id_login_name") == "ana.holder"
    her.fill(email=holder.email)
    her.press(say("Next"))
    her.look(say("Email sent"))
    her.go(inbox.newest("mail", holder.email).link)
    her.look(say("Choose a new password"))
    her.press(say("Continue"))
    her.look(say("Confirm that it is you"))
    her.press(say("Text message"))
    her.page.locator("#id_otp_token").wait_for()
    her.fill(otp_token=inbox.newest("text", PHONE).code)
    her.press(say("Verify"))
    her.page.locator("#id_password").wait_for()
    her.look(say("Choose a new password"))
    her.fill(password=NEW, password_again=NEW)
    her.press(say("Continue"))
    her.look(say("Your new password is set"))
    her.follow(say("Sign In"))
    her.look(say("Enter your password"))
    her.fill(password=NEW)
    her.press(say("Sign In"))
    her.look(say("Confirm that it is you"))


def test_the_reset_without_script(visit, inbox, holder):
    """Issue: every page of recovery without script."""
    her = visit(script=False, width=320)
    her.go("/id/forgot-password/")
    her.fill(login_name="ana.holder", email=holder.email)
    her.press("Next")
    her.go(inbox.newest("mail", holder.email).link)
    her.press("Continue")
    her.press("Text message")
    her.fill(otp_token=inbox.newest("text", PHONE).code)
    her.press("Verify")
    her.fill(password=NEW, password_again=NEW)
    her.press("Continue")
    her.told("Your new password is set")


def test_a_lost_phone_and_two_mailboxes(visit, inbox, holder):
    """Issue: two independent proofs, then new methods; the old phone is told."""
    her = visit(width=320, dark=True)
    her.go(SIGN_IN)
    her.fill(login="ana.holder")
    her.press("Continue")
    her.fill(password=PASSWORD)
    her.press("Sign In")
    her.look("Confirm that it is you")
    her.follow("I cannot use any of these")
    for address in (holder.email, "ana.home@example.org"):
        her.look("Lost your sign-in methods?")
        her.press("Send a code")
        her.page.locator("#id_code").wait_for()
        her.look("Lost your sign-in methods?")
        her.fill(code=inbox.newest("mail", address).code)
        her.press("Next")
    her.look("Remove your old sign-in methods")
    her.press("Remove them")
    her.look("Switch to faster and more secure sign-in methods")
    assert not PhoneDevice.objects.exists()
    assert any("All sign-in methods" in told.text for told in inbox.all() if told.to == PHONE)


def test_the_help_desk_and_the_person_who_says_stop(visit, inbox, holder):
    """S4-37: call back, two agents, the notice, "Stop this"."""
    first, second = make_staff("desk.first", "service desk"), make_staff("desk.second", "service desk")
    one, two, her = visit(), visit(), visit(width=320)
    for window, agent in ((one, first), (two, second)):
        window.go("/id/sign-in/?next=/admin/")
        sign_in(window, inbox, agent, "+13105550121")
    one.go(f"/admin/identity/account/{holder.pk}/change/")
    one.follow("Reset sign-in methods")
    one.look("Reset sign-in methods")
    one.page.check("input[name=called]")
    one.page.fill("#reason", "lost the phone")
    one.press("Start")
    reset = FactorReset.objects.get()
    two.go(f"/admin/identity/factorreset/{reset.pk}/change/")
    two.look("Reset of sign-in methods: ana.holder")
    two.page.fill("#reason", "checked")
    two.press("Confirm")
    two.told("can stop it for 24 hours")
    her.go(inbox.newest("mail", holder.email).link)
    her.look("Stop the reset of your sign-in methods?")
    her.press("Stop this")
    her.look("Stopped")
    reset.refresh_from_db()
    assert reset.state == "stopped"


@pytest.mark.parametrize(("language", "width", "dark"), [("en", 1200, False), ("es", 320, True)])
def test_my_profile_and_all_that_it_leads_to(visit, inbox, language, width, dark):
    """S1-54: every page of the profile, wide and narrow, light and dark, in both languages."""
    her = visit(language=language, width=width, dark=dark)
    account = AccountFactory(login_name="ana.own", language=language)
    GrantFactory(account=account, since=timezone.now() - timedelta(days=60))
    agreements.sign(account=account, language=language, now=timezone.now())
    AccountFactory(login_name="co.worker", email=account.email)
    her.go(SIGN_IN)
    sign_in(her, inbox, account, language=language)
    her.look(spoken(language, "My Profile"))
    pages = (
        "name/", "id/", "password/", "addresses/", "addresses/add/", "questions/", "preferences/", "dates/",
        "agreements/", "history/", "shared-address/",
    )  # fmt: skip
    for page in pages:
        her.go(PROFILE + page)
        her.look()
    her.go(PROFILE + "agreements/")
    her.page.locator("main td a").first.click()
    her.look(spoken(language, "Terms of Use"))
    her.go(PROFILE + "id/")
    her.fill(login_name="co.worker")
    her.press_main()
    her.told()
    her.look()
    her.go(PROFILE + "preferences/")
    her.page.check("input[name=theme][value=dark]")
    her.press_main()
    her.look(spoken(language, "My Profile"))
    assert her.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_an_address_of_ones_own_becomes_the_primary_one(visit, inbox):
    """S1-54, S2-26: add, prove by the link in another window, make primary; the old address is told."""
    her, phone = visit(), visit(width=320)
    account = AccountFactory(login_name="ana.own")
    her.go(SIGN_IN)
    sign_in(her, inbox, account)
    her.follow("Manage addresses")
    her.look("Email addresses")
    her.follow("Add an address")
    her.fill(email="ana.new@example.org")
    her.press("Continue")
    her.look("Verify Your Email Address")
    phone.go(inbox.newest("mail", "ana.new@example.org").link)
    phone.look("Verify Your Email Address")
    phone.fill(code=inbox.newest("mail", "ana.new@example.org").code)
    phone.press("Continue")
    phone.look("Email Address Verified")
    her.go(PROFILE + "addresses/")
    her.page.get_by_role("button", name="Make primary").click()
    her.told("Messages now go to ana.new@example.org.")
    her.look("Email addresses")
    assert "another email address" in inbox.newest("mail", "ana.own@example.org").text


def test_the_first_log_in_to_provider_online(visit, inbox):
    """S4-10..16, S4-29: one log-in page, the mailbox, the phone, the typed name; then in, to the guide, and out."""
    account = AccountFactory(
        login_name="lee", realm="provider-online", first_name="Lee", last_name="Park", terms_version=0
    )
    GrantFactory(account=account, portal_key="provider-online")
    her = visit(width=320)
    her.go("/p/provider-online/")
    her.look("Provider OnLine")
    her.follow("Log In")
    her.look("Log in to your account")
    her.fill(login="lee", password="wrong")
    her.press("Log In")
    her.told()
    her.look("Log in to your account")
    her.fill(password=PASSWORD)
    her.press("Log In")
    her.look("Access Code Sign In")
    her.fill(code=inbox.newest("mail", account.email).code)
    her.press("Next")
    her.look("Two-step authentication")
    her.fill(phone="414 555 0123")
    her.press("Send Code")
    her.page.locator("#id_code").wait_for()
    her.look("Two-step authentication")
    her.fill(code=inbox.newest("text", "+14145550123").code)
    her.press("Verify Code")
    her.look("Phone Number Verified")
    her.press("Continue")
    her.look("Provider OnLine Terms and Conditions")
    her.fill(typed_name="lee park")
    her.press("Sign and continue")
    her.look("Provider OnLine")
    her.arrive("/p/provider-online/home/")
    her.look("Provider OnLine")
    her.follow("User Guide")
    her.look("User Guide")
    her.follow("Preferences")
    her.look("Preferences")
    her.page.go_back()
    her.follow("Home")
    her.look("Provider OnLine")
    her.press("Log Off")
    her.look("You have signed out")


@pytest.mark.source_profile
def test_a_password_of_ninety_days(visit, inbox):
    """S3-18: asked for at the first sign-in after, all proofs kept."""
    account = AccountFactory(login_name="paul.aged", password_changed_at=timezone.now() - timedelta(days=90))
    her = visit(width=320)
    her.go(SIGN_IN)
    sign_in(her, inbox, account)
    her.look("Choose a new password")
    her.fill(password=NEW, password_again=NEW)
    her.press("Continue")
    her.look("My Profile")
