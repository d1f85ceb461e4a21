"""The one page of every mailed code: sent by a press, taken once, and what is said of all else."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.utils import timezone

from identity.codes import codes
from identity.models import Challenge
from identity.views import code_prompt
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db


def request_of(rf, account, **posted):
    request = rf.post("/id/confirm/", posted) if posted else rf.get("/id/confirm/")
    request.user, request.session = account, SessionStore()
    request._messages = CookieStorage(request)
    return request


def page_of(request, account, **shown):
    """The access code's page; it answers "on" once the code was right."""
    return code_prompt.access_code(
        request,
        account,
        url="/id/confirm/",
        template="identity/sign_in/secured_code.html",
        on_success=lambda: HttpResponse("on"),
        **shown,
    )


def said(request):
    return [str(message) for message in get_messages(request)]


def newest(account):
    return codes.newest(account=account, purpose="access", target=account.email)


def test_a_get_sends_nothing_and_a_press_sends_one(rf, provider):
    """C24: what a browser fetches by itself costs nobody a mail."""
    page_of(request_of(rf, provider), provider)
    assert not Challenge.objects.exists()
    request = request_of(rf, provider, resend="1")
    answer = page_of(request, provider)
    assert (answer.status_code, answer["Location"]) == (302, "/id/confirm/")
    assert said(request) == ["We sent a message. Only its code works now."]
    assert newest(provider) is not None


def test_a_second_press_at_once_is_told_to_wait(rf, provider):
    """S0-22: the pause between two sendings."""
    page_of(request_of(rf, provider, resend="1"), provider)
    request = request_of(rf, provider, resend="1")
    page_of(request, provider)
    assert len(said(request)) == 1
    assert said(request)[0].startswith("No further message was sent yet. You can try again in ")
    assert Challenge.objects.count() == 1


def test_the_right_code_goes_on_once(rf, provider):
    page_of(request_of(rf, provider, resend="1"), provider)
    typed = codes.code_of(newest(provider))
    assert page_of(request_of(rf, provider, code=typed), provider).content == b"on"
    again = page_of(request_of(rf, provider, code=typed), provider)
    assert "This code has ended" in again.content.decode()


def test_a_wrong_code_says_how_many_tries_are_left_and_a_misspelt_one_costs_none(rf, provider):
    """T11: a code of the wrong length is no try."""
    page_of(request_of(rf, provider, resend="1"), provider)
    assert "Enter all 8 characters" in page_of(request_of(rf, provider, code="22"), provider).content.decode()
    assert newest(provider).tries == 0
    assert "You have 4 more tries" in page_of(request_of(rf, provider, code="22222222"), provider).content.decode()
    assert newest(provider).tries == 1


def test_a_page_that_does_not_ask_whether_a_code_is_on_its_way_costs_no_look_up(rf, provider, monkeypatch):
    asked = []
    monkeypatch.setattr(codes, "newest", lambda **of: asked.append(of))
    page_of(request_of(rf, provider), provider)
    assert asked == []


def test_masked_hides_the_local_part_whatever_its_length():
    """S0-21."""
    assert code_prompt.masked("a@example.org") == code_prompt.masked("a.b.c@example.org") == "********@example.org"


@pytest.mark.parametrize("verified", [True, False])
def test_an_added_address_is_proved_by_its_code(provider, inbox, verified):
    """S1-54: sent again on a press, taken once."""
    row = EmailAddress.objects.create(user=provider, email="other@example.org", verified=verified, primary=False)
    browser, path = signed_in(provider), f"/id/profile/addresses/{row.pk}/"
    answer = browser.post(path, {"resend": "1"}, follow=True)
    assert ("We sent another message. Only its code and link work now." in answer.content.decode()) is not verified
    if not verified:
        challenge = codes.newest(account=provider, purpose="address", target=row.email)
        answer = browser.post(path, {"code": codes.code_of(challenge)}, follow=True)
        assert re.search(r"other@example\.org\s+is verified", answer.content.decode())
        assert codes.newest(account=provider, purpose="address", target=row.email).used_at <= timezone.now()
    row.refresh_from_db()
    assert row.verified
