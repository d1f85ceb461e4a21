"""Every way to sign in, as stories in a real browser: passkey, authenticator, step-up, the idle warning, alerts."""

import subprocess
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from identity.factors import authenticators
from identity.models import Account, AuthenticatorDevice, PasskeyDevice
from identity.policy import lifecycle
from tests.factories import PASSWORD, AccountFactory, GrantFactory
from tests.steps.browser import arrive, sign_in, spoken

SECOND = timedelta(seconds=1)
SIGN_IN, METHODS = "/id/sign-in/", "/id/faster-sign-in/"


def with_authenticator_chip(visitor) -> None:
    """The browser's own virtual authenticator: a laptop with a fingerprint reader."""
    devtools = visitor.context.new_cdp_session(visitor.page)
    devtools.send("WebAuthn.enable")
    chip = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": chip})


def oathtool(secret: str) -> str:
    """The code of the moment, from an independent tool."""
    return subprocess.run(
        ["oathtool", "--totp", "-b", secret], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize(("language", "width"), [("en", 1200), ("es", 320)])
def test_a_passkey_is_set_up_and_then_signs_in_by_itself(visit, inbox, language, width):
    """S1-51, S1-52: "Setup", named, "Added", recovery codes to fall back on; the next sign-in offers it under the field."""
    her, account = visit(language=language, width=width), AccountFactory(login_name="ana.nunez", language=language)
    with_authenticator_chip(her)
    her.go(f"{SIGN_IN}?next={METHODS}")
    sign_in(her, inbox, account, language=language)
    her.look(spoken(language, "Switch to faster and more secure sign-in methods"))
    her.page.locator("a[href$='/methods/passkey/']").click()
    her.look(spoken(language, "Set up a passkey"))
    her.fill(name="Portátil de la oficina")
    her.press(spoken(language, "Make the passkey"))
    her.look(spoken(language, "Switch to faster and more secure sign-in methods"))
    assert "Portátil de la oficina" in her.page.locator("main").inner_text()
    her.press(spoken(language, "Continue"))
    her.look(spoken(language, "One method is easily lost"))
    her.follow(spoken(language, "Print recovery codes"))
    her.look(spoken(language, "Recovery codes"))
    her.press(spoken(language, "Show my codes"))
    her.look(spoken(language, "Your recovery codes"))
    with her.page.expect_download() as download:
        her.press(spoken(language, "Download as a file"))
    assert download.value.suggested_filename == "recovery-codes.txt"
    her.press(spoken(language, "I have saved them"))
    her.look()
    her.press(spoken(language, "Sign out"))
    her.look(spoken(language, "You have signed out"))
    her.go(SIGN_IN)  # the browser offers the passkey under the field; the chip takes it at once
    her.arrive("/id/profile/")
    her.look(spoken(language, "My Profile"))


def test_a_passkey_is_the_second_step_and_never_the_only_way(visit, inbox):
    """C7: after a password the passkey is asked for; another browser, without it, has another way."""
    her, account = visit(), AccountFactory(login_name="ana.nunez", phone="+13105550199")
    with_authenticator_chip(her)
    her.go(f"{SIGN_IN}?next={METHODS}")
    sign_in(her, inbox, account, "+13105550199")
    her.page.locator("a[href$='/methods/passkey/']").click()
    her.press("Make the passkey")
    her.look("Switch to faster and more secure sign-in methods")
    there = visit()
    there.go(SIGN_IN)
    there.fill(login="ana.nunez")
    there.press("Continue")
    there.fill(password=PASSWORD)
    there.press("Sign In")
    there.look("Confirm that it is you")
    assert there.page.get_by_role("button", name="Use your passkey").is_visible()
    there.follow("Send a code to XXX-XXX-0199")
    there.press("Text message")
    there.look("Confirm that it is you")
    there.fill(otp_token=inbox.newest("text", "+13105550199").code)
    there.press("Verify")
    there.look("My Profile")
    assert PasskeyDevice.objects.count() == 1


@pytest.mark.parametrize("script", [True, False])
def test_an_authenticator_is_set_up_and_used(visit, inbox, script):
    """S1-51..53: QR and key, checked with oathtool, with and without script."""
    her, account = visit(script=script), AccountFactory(login_name="ana.nunez")
    her.go(f"{SIGN_IN}?next=/id/methods/authenticator/")
    her.fill(login="ana.nunez")
    her.press("Continue")
    her.fill(password=PASSWORD)
    her.press("Sign In")
    her.page.wait_for_url("**/access-code/")
    her.fill(code=inbox.newest("mail", account.email).code)
    her.press("Next")
    her.page.wait_for_url("**/authenticator/")
    if script:
        her.look("Set up an authenticator")
    assert her.page.locator(".qr svg").is_visible()
    secret = her.page.locator(".key").inner_text().replace(" ", "")
    her.fill(code="000000")
    her.press("Verify")
    her.told()
    her.fill(code=oathtool(secret))
    her.press("Verify")
    her.page.wait_for_url(f"**{METHODS}")
    assert "Your authenticator is set up" in her.page.locator("body").inner_text()
    her.press("Sign out")
    AuthenticatorDevice.objects.update(last_step=0)  # the same half minute: the story goes on, the rule has its test
    her.go(SIGN_IN)
    her.fill(login="ana.nunez")
    her.press("Continue")
    her.fill(password=PASSWORD)
    her.press("Sign In")
    her.page.wait_for_url("**/second-factor/")
    her.fill(otp_token=oathtool(secret))
    her.press("Verify")
    her.page.wait_for_url("**/profile/")


def test_a_sensitive_act_asks_again_and_goes_on_where_it_was(visit, inbox):
    """Step-up: a POST is held, the proof is given, the browser sends the same form again."""
    her, account = visit(), AccountFactory(login_name="ana.nunez")
    her.go(f"{SIGN_IN}?next=/id/verify-phone/update/")
    sign_in(her, inbox, account)
    her.look("Update Phone Number")
    her.fill(phone="310 555 0177")
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        her.press("Update")
        her.look("Confirm that it is you")
        her.fill(password=PASSWORD)
        her.press("Continue")
        her.look("Verify Phone Number")
    assert account.phonedevice_set.get().number == "+13105550177"


def test_the_warning_stands_in_every_tab_of_every_portal_and_what_was_typed_is_kept(visit, inbox):
    """S3-17: thirty minutes, warned five before, in every tab; the half-filled form waits for the same person."""
    her, account = visit(), AccountFactory(login_name="ana.nunez")
    for key in ("claims", "physician"):
        GrantFactory(account=account, portal_key=key)
    her.go(f"{SIGN_IN}?next=/p/claims/home/")
    sign_in(her, inbox, account)
    her.look("Claims Online Portal")
    her.context.clock.install()
    tabs = [her.page, her.context.new_page(), her.context.new_page()]
    for tab, path in zip(tabs, ("/p/claims/home/", "/p/physician/home/", "/id/profile/preferences/"), strict=True):
        tab.goto(her.base + path)
        tab.wait_for_load_state("networkidle")
    warnings = [tab.locator("dialog.timeout") for tab in tabs]
    assert not any(warning.is_visible() for warning in warnings)
    with time_machine.travel(timezone.now(), tick=True) as server:

        def pass_time(minutes: int, seconds: int = 0) -> None:
            server.shift(timedelta(minutes=minutes, seconds=seconds))
            her.context.clock.fast_forward(f"{minutes:02}:{seconds:02}")

        warned_at = lifecycle.after("session_idle") - lifecycle.after("idle_warning")
        minutes, seconds = divmod(int((warned_at - 10 * SECOND).total_seconds()), 60)
        pass_time(minutes, seconds)
        her.page.wait_for_timeout(500)
        assert not any(warning.is_visible() for warning in warnings), "not ten seconds early"
        pass_time(0, 15)
        for warning in warnings:
            warning.wait_for(state="visible")
        her.look("Are you still there?")
        assert her.page.locator("[data-countdown]").inner_text().startswith("4:")
        assert "5 minutes left" in her.page.locator("[data-spoken]").inner_text()
        tabs[1].get_by_role("button", name="Stay signed in").click()
        for warning in warnings:
            warning.wait_for(state="hidden")
        tabs[2].check("#id_language_1")
        pass_time(25, 5)
        for warning in warnings:
            warning.wait_for(state="visible")
        pass_time(4, 30)
        tabs[2].wait_for_timeout(2000)  # half a minute before the end, what is typed is kept
        pass_time(1)
        for tab in tabs:
            tab.wait_for_url("**/id/sign-in/**")
            assert "nothing happened for 30 minutes" in tab.locator("body").inner_text()
        sign_in(her, inbox, account)
        her.look("We kept what you had filled in")
        her.press("Go on with it")
        her.look("Mi perfil")
    assert Account.objects.get().language == "es"


def test_a_tab_that_is_answered_first_waits_for_the_one_that_knows_why(visit):
    """S3-17: tabs ask at the same moment, one question ends the session, the other finds none: both say why it ended."""
    her = visit()
    arrive(her, AccountFactory(), verified=False)
    first, second = her.page, her.context.new_page()
    for tab in (first, second):
        tab.goto(f"{her.base}/id/profile/")
        tab.wait_for_load_state("networkidle")
    second.route("**/id/session/", lambda route: route.fulfill(json={"state": "signed out", "rested": False}))
    with time_machine.travel(timezone.now() + lifecycle.after("session_idle") + SECOND, tick=True):
        for tab in (second, first):
            tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        for tab in (first, second):
            tab.wait_for_url("**/id/sign-in/**")
            assert "nothing happened for 30 minutes" in tab.locator("body").inner_text()


def test_this_was_not_me_secures_the_account(visit, inbox):
    """policy, alerts: a mail about a new device, one button, everybody is out, a new password."""
    her, thief, account = visit(width=320), visit(), AccountFactory(login_name="ana.nunez")
    thief.go(SIGN_IN)
    sign_in(thief, inbox, account)
    thief.look("My Profile")
    mail = next(m for m in inbox.all() if "New sign-in" in m.subject)
    her.go(mail.link)
    her.look("Was this not you?")
    her.press("This was not me")
    her.look("Your ID is secured")
    thief.go("/id/profile/")
    thief.look("Welcome to One Healthcare ID")
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        her.follow("Sign in and choose a new password")
        sign_in(her, inbox, account)
        her.look("Choose a new password")
        her.fill(password="Brand-New-Pass-7", password_again="Brand-New-Pass-7")
        her.press("Continue")
        her.look("My Profile")


def test_sessions_are_seen_and_ended(visit, inbox):
    """policy, session: list with device and last use, end all others."""
    here, there, account = visit(width=320), visit(), AccountFactory(login_name="ana.nunez")
    for browser, minutes in ((here, 0), (there, 1)):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            browser.go(SIGN_IN)
            sign_in(browser, inbox, account)
            browser.look("My Profile")
    here.go("/id/devices/")
    here.look("Where you are signed in")
    here.press("Sign out everywhere else")
    here.look("Where you are signed in")
    there.go("/id/profile/")
    there.look("Welcome to One Healthcare ID")


def test_somebody_without_a_phone_reaches_a_portal_that_asks_for_one(visit, inbox, monkeypatch):
    """S1-47, C7: the phone was skipped until a portal needs it; the person is led through and arrives."""
    from dataclasses import replace

    from portals import registry

    strict = replace(registry.get("physician"), factors=frozenset({"phone"}))
    monkeypatch.setitem(registry.portals(), "physician", strict)
    her, account = visit(), AccountFactory(login_name="ana.nunez")
    GrantFactory(account=account, portal_key="physician")
    her.go(f"{SIGN_IN}?next=/p/physician/home/")
    sign_in(her, inbox, account)
    her.look("Set up a second step first")
    her.follow("Set up a method")
    her.look("Switch to faster and more secure sign-in methods")
    her.page.locator("a[href$='/verify-phone/']").click()
    her.look("Update Phone Number")
    her.fill(phone="310 555 0177")
    her.press("Update")
    her.press("Text message")
    her.fill(code=inbox.newest("text", "+13105550177").code)
    her.press("Verify")
    her.look("Phone Number Verified")
    her.press("Continue")
    her.look("Switch to faster and more secure sign-in methods")
    her.press("Continue")
    her.look("Physician Information Portal")


def test_the_old_authenticator_page_is_gone_from_the_guides(visit):
    """S1-51: both guides lead to the set-up."""
    her = visit()
    assert authenticators.DIGITS == 6
    for path in ("/id/help/passkey/", "/id/help/authenticator/"):
        her.go(path)
        her.look()
        assert her.page.locator(f"main a[href='{METHODS}']").count() == 1
