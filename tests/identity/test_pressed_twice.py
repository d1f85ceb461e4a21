"""A button pressed twice is pressed once: the second press ends no session and shows no error (L1)."""

import pytest
from django.test import Client

from identity.views import factor_prompt
from tests.factories import AccountFactory
from tests.steps.sign_in import ACCESS, FACTOR, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.source_profile]
SESSION = "sessionid"


def twin_of(browser: Client) -> Client:
    """A second request of the same browser, sent before the first was answered."""
    twin = Client()
    twin.cookies = browser.cookies.copy()
    return twin


def takes_away(answer) -> bool:
    return SESSION in answer.cookies and not answer.cookies[SESSION].value


def test_the_second_press_comes_after_the_session_has_its_new_id(client, provider, inbox):
    sign_in(client, "dr.provider")
    code, late = inbox.newest("mail").code, twin_of(client)
    client.post(ACCESS, {"code": code})
    answer = late.post(ACCESS, {"code": code})
    assert answer.status_code == 302
    assert not takes_away(answer), "the browser holds the new cookie by now"
    assert client.get("/id/profile/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_second_press_overlaps_the_first(client, inbox, monkeypatch):
    AccountFactory(login_name="busy.doc", phone="+13105550166")
    sign_in(client, "busy.doc")
    client.post(FACTOR, {"send": "text"})
    code, late, answered = inbox.newest("text").code, twin_of(client), factor_prompt.respond

    def first_ends_meanwhile(request, asking):
        monkeypatch.setattr(factor_prompt, "respond", answered)
        client.post(FACTOR, {"otp_token": code})
        asking.keep()
        return answered(request, asking)

    monkeypatch.setattr(factor_prompt, "respond", first_ends_meanwhile)
    answer = late.post(FACTOR, {"otp_token": code})
    assert answer.status_code == 302, "it was 400: the session of this press is gone"
    assert not takes_away(answer)
    assert client.get("/id/profile/").status_code == 200


def test_signing_out_takes_the_cookie_away(client, provider, inbox):
    sign_in(client, "dr.provider")
    client.post(ACCESS, {"code": inbox.newest("mail").code})
    assert takes_away(client.post("/id/sign-out/"))
