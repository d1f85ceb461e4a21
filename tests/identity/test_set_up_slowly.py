"""Whatever a person began to set up outlives every proof and every sign-in that comes between (T01)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from identity.models import AuthenticatorDevice, PasskeyDevice
from tests.factories import PASSWORD, AccountFactory
from tests.soft_passkey import SoftPasskey
from tests.steps.second_steps import code_at
from tests.steps.sign_in import sign_in_by_mail, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.source_profile]
AUTHENTICATOR, PASSKEY = "/id/methods/authenticator/", "/id/methods/passkey/"
STILL_RIGHT = "What your app has is still right. Enter the code that it shows now."


def key_of(page) -> str:
    return page.context["key"].replace(" ", "")


def prove(browser: Client, asked: str):
    """Give the password, with the form that is held, and send that form again as a browser does."""
    held = asked.partition("held=")[2].partition("&")[0]
    answer = browser.post(asked, {"password": PASSWORD, "held": held})
    if answer.status_code == 307:
        return browser.post(answer.url, {"password": PASSWORD, "held": held})
    return browser.get(answer.url)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


class TestAuthenticator:
    def test_the_app_installed_slowly_has_the_right_secret_after_the_proof(self, provider, clock):
        """T01: scanned, 312 seconds of installing, the app's right code posted; the server had made another secret."""
        browser = signed_in(provider)
        key = key_of(browser.get(AUTHENTICATOR))
        clock.shift(timedelta(seconds=312))
        asked = browser.post(AUTHENTICATOR, {"code": code_at(key, timezone.now())}).url
        page = prove(browser, asked)
        assert STILL_RIGHT in page.content.decode()
        assert key_of(page) == key
        clock.shift(timedelta(seconds=30))
        answer = browser.post(AUTHENTICATOR, {"code": code_at(key, timezone.now())}, follow=True)
        assert "Your authenticator is set up" in answer.content.decode()
        assert AuthenticatorDevice.objects.get(user=provider).secret == key

    def test_a_reload_after_the_proof_shows_the_same_picture(self, provider, clock):
        browser = signed_in(provider)
        key = key_of(browser.get(AUTHENTICATOR))
        clock.shift(timedelta(minutes=6))
        assert key_of(prove(browser, browser.get(AUTHENTICATOR).url)) == key

    def test_it_outlives_the_end_of_the_session(self, client, provider, inbox, clock):
        """S3-17: thirty-one minutes of installing; the next sign-in leads back to what was held."""
        sign_in_by_mail(client, "dr.provider")
        key = key_of(client.get(AUTHENTICATOR))
        clock.shift(timedelta(minutes=31))
        assert client.post(AUTHENTICATOR, {"code": code_at(key, timezone.now())}).url.startswith("/id/sign-in/")
        held = sign_in_by_mail(client, "dr.provider").url
        page = client.post(AUTHENTICATOR, {"held": held.split("/")[-2]})
        assert STILL_RIGHT in page.content.decode()
        answer = client.post(AUTHENTICATOR, {"code": code_at(key, timezone.now())}, follow=True)
        assert "Your authenticator is set up" in answer.content.decode()

    def test_after_an_hour_the_page_says_what_to_do(self, provider, clock):
        """lifecycle, authenticator_set_up."""
        browser = signed_in(provider)
        key = key_of(browser.get(AUTHENTICATOR))
        for _ in range(4):  # somebody who comes back now and then
            clock.shift(timedelta(minutes=15))
            page = prove(browser, browser.post(AUTHENTICATOR, {"code": code_at(key, timezone.now())}).url)
        assert "Delete the entry in your app, and scan the new picture." in page.content.decode()
        assert key_of(page) != key

    def test_one_that_is_set_up_is_not_shown_again(self, provider, clock):
        browser = signed_in(provider)
        key = key_of(browser.get(AUTHENTICATOR))
        browser.post(AUTHENTICATOR, {"code": code_at(key, timezone.now())})
        assert key_of(browser.get(AUTHENTICATOR)) != key

    def test_the_next_person_in_this_browser_gets_another(self, client, provider, inbox, clock):
        sign_in_by_mail(client, "dr.provider")
        key = key_of(client.get(AUTHENTICATOR))
        client.post("/id/sign-out/")
        AccountFactory(login_name="the.next")
        sign_in_by_mail(client, "the.next")
        assert key_of(client.get(AUTHENTICATOR)) != key

    def test_the_browser_keeps_it_sealed(self, provider):
        browser = signed_in(provider)
        key = key_of(browser.get(AUTHENTICATOR))
        assert key not in browser.cookies["sessionid-door"].value
        assert browser.cookies["sessionid-door"]["httponly"]


class TestOtherThings:
    def test_the_name_of_a_passkey_is_kept_and_the_page_says_what_to_do(self, provider, clock, settings):
        settings.PUBLIC_URL = "http://localhost"
        browser = signed_in(provider)
        made = SoftPasskey().make(browser.get(f"{PASSKEY}options/").json())
        clock.shift(timedelta(minutes=6))
        page = prove(browser, browser.post(PASSKEY, {"name": "Office laptop", "credential": made}).url)
        assert "Press the button once more to make the passkey." in page.content.decode()
        assert 'value="Office laptop"' in page.content.decode()
        assert "could not be made" not in page.content.decode()
        again = SoftPasskey().make(browser.get(f"{PASSKEY}options/").json())
        browser.post(PASSKEY, {"name": "Office laptop", "credential": again})
        assert PasskeyDevice.objects.get().name == "Office laptop"

    def test_a_number_that_is_being_proved(self, provider, inbox, clock):
        browser = signed_in(provider)
        browser.post("/id/verify-phone/update/", {"country": "US", "phone": "(310) 555-0188"})
        clock.shift(timedelta(minutes=6))
        asked = browser.post("/id/verify-phone/", {"method": "text"}, follow=True)
        if "/confirm/" in asked.redirect_chain[-1][0]:
            prove(browser, asked.redirect_chain[-1][0])
        browser.post("/id/verify-phone/text/", {"code": inbox.newest("text").code})
        assert provider.phonedevice_set.get(confirmed=True).number == "+13105550188"

    def test_an_address_that_is_being_proved(self, provider, inbox, clock):
        browser = signed_in(provider)
        page = browser.post("/id/profile/addresses/add/", {"email": "second@example.org"}).url
        code = inbox.newest("mail", "second@example.org").code
        clock.shift(timedelta(minutes=6))
        answer = browser.post(page, {"code": code})
        if "/confirm/" in answer.url:
            assert "second@example.org" in prove(browser, answer.url).content.decode()
            browser.post(page, {"code": code})
        assert provider.emailaddress_set.get(email="second@example.org").verified
