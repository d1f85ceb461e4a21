"""Signing in: identifier first, neutral answers, one hash, limits, the second factor, and where it leads."""

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.accounts import accounts
from identity.keys.hashers import OwaspArgon2
from tests.factories import PASSWORD, AccountFactory, GrantFactory
from tests.steps.sign_in import (
    ACCESS,
    FACTOR,
    PASSWORD_PAGE,
    SIGN_IN,
    sign_in,
    sign_in_by_mail,
    signed_in,
)

pytestmark = pytest.mark.django_db


def test_the_sign_in_page_names_everything_of_the_documents(client):
    """S1-14, S1-15, S0-04, C21: heading, promo, field, links, buttons, language, support line."""
    page = client.get(SIGN_IN).content.decode()
    for text in (
        "Welcome to One Healthcare ID", "Secure your account by moving away from Passwords",
        "Switch to Authenticator for secure, convenient and hassle free sign in.", "Get Started",
        "contact support at", "1-855-819-5909", "Sign In", "One Healthcare ID or Email Address",
        "Forgot One Healthcare ID?", "Continue", "Create One Healthcare ID", "Manage My One Healthcare ID",
        "Help Center", "Español",
    ):  # fmt: skip
        assert text in page, text


@pytest.mark.source_profile
def test_an_id_and_a_password_open_a_session(client, provider, inbox):
    """S1-15: identifier, then password; S1-54, C23: My Profile when no portal asked."""
    assert client.post(SIGN_IN, {"login": "DR.Provider"}).url == PASSWORD_PAGE
    assert "DR.Provider" in client.get(PASSWORD_PAGE).content.decode()
    assert client.post(PASSWORD_PAGE, {"password": PASSWORD}).url == ACCESS
    assert client.post(ACCESS, {"code": inbox.newest("mail").code}).url == reverse("profile")
    assert client.session["_auth_user_id"] == str(provider.pk)


@pytest.mark.nist_profile
def test_an_id_and_a_password_alone_open_a_session_without_portals(client, provider, inbox):
    """policy, access code: off, at the door of a portal too; a method is set up first (C7)."""
    GrantFactory(account=provider)
    answer = sign_in(client, "dr.provider", nxt="/p/claims/home/")
    assert answer.url == "/p/claims/home/"
    asked = client.get("/p/claims/home/").url
    page = client.post(asked, {"resend": "1"}).content.decode()
    assert "Set up a second step first" in page
    assert not [mail for mail in inbox.all() if mail.subject == "Access Code Notification"]


def test_a_verified_address_of_one_account_signs_in(client, provider, inbox):
    """S1-35: "One Healthcare ID or Email Address"."""
    assert sign_in_by_mail(client, "DR.provider@Example.org").url == reverse("profile")


def test_an_address_of_two_accounts_and_an_unproved_one_do_not(client, provider):
    """C5: only while exactly one active account of the realm owns it."""
    AccountFactory(login_name="unproved.one", email="unproved@example.org", address=False)
    assert accounts.find_for_sign_in(realm="ohid", typed="unproved@example.org") is None
    second = AccountFactory(login_name="second.one", email=provider.email)
    assert accounts.find_for_sign_in(realm="ohid", typed=provider.email) is None
    second.is_active = False
    second.save()
    assert accounts.find_for_sign_in(realm="ohid", typed=provider.email) == provider


def failing_cases():
    AccountFactory(login_name="known.one")
    AccountFactory(login_name="inactive.one", is_active=False)
    unusable = AccountFactory(login_name="no.password")
    unusable.set_unusable_password()
    unusable.save()
    return {
        "unknown": ("nobody.here", PASSWORD),
        "wrong": ("known.one", "Wrong-Pass-1"),
        "inactive": ("inactive.one", PASSWORD),
        "no password": ("no.password", PASSWORD),
        "unknown address": ("nobody@example.org", PASSWORD),
    }


def test_every_failure_answers_alike_with_one_hash_and_the_same_queries(django_assert_num_queries):
    """policy, password hash and Always: unknown, wrong, inactive cost one hash and read alike."""
    answers = set()
    for name, password in failing_cases().values():
        client = Client()
        client.post(SIGN_IN, {"login": name})
        hashes = []
        verify, encode = Argon2PasswordHasher.verify, Argon2PasswordHasher.encode
        with (
            patch.object(Argon2PasswordHasher, "verify", lambda *a: hashes.append(1) or verify(*a)),
            patch.object(Argon2PasswordHasher, "encode", lambda *a: hashes.append(1) or encode(*a)),
            django_assert_num_queries(1),
        ):
            page = client.post(PASSWORD_PAGE, {"password": password})
        assert len(hashes) == 1, name
        answers.add(page.content.decode().replace(name, "NAME").split("csrfmiddlewaretoken")[0])
        assert "The One Healthcare ID or the password is not correct" in page.content.decode()
    assert len(answers) == 1


def test_the_first_page_takes_every_name(client):
    assert client.post(SIGN_IN, {"login": "nobody.here"}).url == PASSWORD_PAGE
    page = client.post(SIGN_IN, {"login": ""}).content.decode()
    assert "Fill in “One Healthcare ID or Email Address”." in page


def test_five_wrong_passwords_are_free_then_pauses_double(client, provider):
    """D-04, policy wrong passwords: slower, and the right password is not even looked at."""
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        for _ in range(5):
            assert "not correct" in sign_in(Client(), "dr.provider", "Wrong-1").content.decode()
        assert "30 seconds" in sign_in(Client(), "dr.provider").content.decode()
        clock.shift(timedelta(seconds=30))
        assert "not correct" in sign_in(Client(), "dr.provider", "Wrong-1").content.decode()
        assert "1 minute" in sign_in(Client(), "dr.provider").content.decode()
        clock.shift(timedelta(minutes=1))
        assert sign_in(client, "dr.provider").status_code == 302


def test_unknown_names_are_slowed_down_alike():
    """policy, wrong passwords: unknown names counted alike, so that the pause tells nothing."""
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(5):
            sign_in(Client(), "nobody.here", "Wrong-1")
        assert "30 seconds" in sign_in(Client(), "nobody.here").content.decode()


def test_twenty_attempts_a_minute_from_one_address():
    """policy, wrong passwords: 20 a minute per IP, over all names."""
    with time_machine.travel(timezone.now().replace(second=5), tick=False):
        for number in range(20):
            sign_in(Client(), f"nobody.{number}")
        assert "Too many attempts" in sign_in(Client(), "nobody.20").content.decode()


@pytest.mark.parametrize("nxt", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_no_open_redirect(client, provider, inbox, nxt):
    """S1-35: only paths of this site are returned to."""
    assert sign_in_by_mail(client, "dr.provider", nxt=nxt).url == reverse("profile")


def test_the_page_names_the_portal_that_asks_and_returns_there(client, provider, inbox):
    """S1-13, S1-35: the place is said, and reached afterwards."""
    page = client.get(SIGN_IN + "?next=/p/claims/access-form/").content.decode()
    assert "You are signing in to <strong>Claims Online Portal</strong>" in page
    assert 'data-portal="claims"' in page
    assert sign_in_by_mail(client, "dr.provider").url == "/p/claims/access-form/"


class TestSecondFactor:
    """Whoever proved a phone is asked for a code; nothing gets a session round it."""

    @pytest.fixture
    def doctor(self, db):
        return AccountFactory(login_name="careful.doc", phone="+13105550177")

    def test_the_password_alone_opens_no_session(self, client, doctor, inbox):
        """S1-47, "One door": the code of the text message does."""
        assert sign_in(client, "careful.doc").url == FACTOR
        assert "_auth_user_id" not in client.session
        page = client.get(FACTOR).content.decode()
        assert "XXX-XXX-0177" in page
        assert "310" not in page
        code = inbox.newest("text", "+13105550177").code
        assert client.post(FACTOR, {"otp_token": code}).url == reverse("profile")
        assert client.session["otp_device_id"]

    def test_reloading_sends_nothing_and_resending_waits(self, client, doctor, inbox):
        """stack: two_factor's own page texts again on each GET."""
        sign_in(client, "careful.doc")
        for _ in range(3):
            client.get(FACTOR)
        assert "No further code was sent yet" in client.post(FACTOR, {"send": "text"}, follow=True).content.decode()
        assert len([m for m in inbox.all() if m.channel == "text"]) == 1

    def test_a_code_works_once(self, client, doctor, inbox):
        sign_in(client, "careful.doc")
        code = inbox.newest("text").code
        client.post(FACTOR, {"otp_token": code})
        again = Client()
        sign_in(again, "careful.doc")
        assert again.post(FACTOR, {"otp_token": code}).status_code == 200
        assert "_auth_user_id" not in again.session

    def test_a_code_of_another_purpose_or_person_is_refused(self, client, doctor, inbox):
        other = AccountFactory(login_name="other.doc", phone="+13105550178")
        sign_in(Client(), "other.doc")
        sign_in(client, "careful.doc")
        stranger_code = inbox.newest("text", "+13105550178").code
        own = inbox.newest("text", "+13105550177").code
        if stranger_code != own:
            assert client.post(FACTOR, {"otp_token": stranger_code}).status_code == 200
        assert "_auth_user_id" not in client.session
        assert other.pk != doctor.pk

    def test_tries_are_counted_on_the_account_over_all_browsers(self, doctor, inbox):
        """policy, tries: five a code, however many sessions share them."""
        browsers = [Client() for _ in range(3)]
        for browser in browsers:
            sign_in(browser, "careful.doc")
        code = inbox.newest("text").code
        wrong = "000000" if code != "000000" else "111111"
        for number in range(5):
            browsers[number % 3].post(FACTOR, {"otp_token": wrong})
        assert browsers[0].post(FACTOR, {"otp_token": code}).url == f"{FACTOR}?use=phone"
        assert "_auth_user_id" not in browsers[0].session

    @pytest.mark.parametrize(
        "path", ["/id/profile/", "/admin/", "/p/claims/home/", "/id/faster-sign-in/", "/p/claims/access-form/"]
    )
    def test_half_a_sign_in_opens_nothing(self, client, doctor, path):
        sign_in(client, "careful.doc")
        assert client.get(path).status_code == 302
        assert "_auth_user_id" not in client.session

    def test_the_page_without_a_password_leads_to_sign_in(self, client):
        assert client.get(FACTOR).url == reverse("account_login")


def test_signing_out_ends_the_session_by_post_only(provider):
    client = signed_in(provider)
    assert client.get("/id/sign-out/").status_code == 405
    assert "You have signed out" in client.post("/id/sign-out/", follow=True).content.decode()
    assert "_auth_user_id" not in client.session


def test_deactivation_and_a_raised_epoch_end_sessions_at_once(provider):
    """speed, sessions: a server-side epoch on the account row."""
    client = signed_in(provider)
    assert client.get("/id/profile/").status_code == 200
    provider.session_epoch += 1
    provider.save()
    assert client.get("/id/profile/").status_code == 302
    client = signed_in(provider)
    provider.is_active = False
    provider.save()
    assert client.get("/id/profile/").status_code == 302


def test_the_session_id_changes_at_sign_in(client, inbox):
    AccountFactory(login_name="with.phone", phone="+13105550177")
    sign_in(client, "with.phone")
    before = client.session.session_key
    client.post(FACTOR, {"otp_token": inbox.newest("text").code})
    assert client.session.session_key != before


def test_production_hashes_as_owasp_asks():
    """policy, password hash: Argon2id, 19 MiB, t=2, p=1."""
    encoded = OwaspArgon2().encode("secret", "saltsaltsalt")
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    from config.settings import base

    assert base.PASSWORD_HASHERS == ["identity.keys.hashers.OwaspArgon2"]
    assert django_settings.PASSWORD_HASHERS != base.PASSWORD_HASHERS


def test_no_other_door_exists(client):
    """ "One door": allauth's, two_factor's and the admin's own log-in pages are not mounted."""
    for path in (
        "/accounts/login/",
        "/accounts/signup/",
        "/account/login/",
        "/account/two_factor/setup/",
        "/_allauth/",
    ):
        assert client.get(path).status_code == 404, path
    answer = client.get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer.url) == (302, "/id/sign-in/?next=%2Fadmin%2F")


def test_paths_with_a_nul(provider):
    assert signed_in(provider).post("/id/session/keep/?path=/a%00b", {"a": "1"}).status_code == 404


@pytest.mark.parametrize("path", ["/" + "ñ" * 2000, "/" + "x" * 5000])
def test_a_place_too_long_for_a_cookie_is_not_remembered(client, provider, path):
    client.get("/id/sign-in/", {"next": path})
    client.post("/id/sign-in/", {"login": "ñ" * 254})
    assert len(client.cookies["sessionid-door"].value) < 4000
    assert client.get("/id/sign-in/password/").status_code == 200


@pytest.mark.parametrize("path", ["/id/sign-out/", "/id/devices/forget/", "/id/devices/sessions/end/"])
def test_the_address_of_a_button_says_so(provider, path):
    answer = signed_in(provider).get(path)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "This address belongs to a button" in answer.content.decode()


@pytest.mark.parametrize("path", ["/id/verify-email/", "/id/sign-in/access-code/", "/id/sign-in/secured/", FACTOR])
def test_the_back_button_after_a_sign_in_leads_on(provider, path):
    assert signed_in(provider).get(path).url == reverse("profile")


def test_signing_out_ends_a_sign_in_that_was_only_begun(client):
    AccountFactory(login_name="half.way", phone="+13105550166")
    assert sign_in(client, "half.way", PASSWORD).url == FACTOR
    client.post("/id/sign-out/")
    assert client.get(FACTOR).url == reverse("account_login")


def test_a_new_sign_in_right_after_the_last_one_gets_its_own_code(inbox):
    """policy, resend: the pause is between two codes for one step; a used code does not hold up the next sign-in."""
    AccountFactory(login_name="quick.doc", phone="+13105550188")
    seen = []
    for _ in range(2):
        browser = Client()
        sign_in(browser, "quick.doc")
        seen.append(inbox.newest("text", "+13105550188").code)
        assert browser.post(FACTOR, {"otp_token": seen[-1]}).url == reverse("profile")
    assert len(set(seen)) == 2


def test_a_sign_in_for_which_no_code_was_sent_says_so(inbox):
    """Honest: the page does not claim a text that never left; the earlier code still works."""
    AccountFactory(login_name="slow.doc", phone="+13105550189")
    sign_in(Client(), "slow.doc")
    browser = Client()
    sign_in(browser, "slow.doc")
    assert "The code that we sent a moment ago still works." in browser.get(FACTOR).content.decode()
    assert browser.post(FACTOR, {"otp_token": inbox.newest("text").code}).url == reverse("profile")
