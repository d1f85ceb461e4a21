"""The one decorator of pages: who may come, how, and what no cache and no report keeps."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.utils import timezone

from identity.models import Account, is_signed_in
from identity.sign_in import step_up
from identity.views.page import METHODS, page
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db


def asked(rf, user, view, method="get", **data):
    request = getattr(rf, method)("/a/page/", data)
    request.user = user
    return request, view(request)


def view(request):
    return HttpResponse("shown")


@pytest.mark.parametrize("methods", METHODS)
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete", "options"])
def test_a_page_takes_the_methods_it_names_and_refuses_all_others(rf, provider, methods, method):
    answer = asked(rf, provider, page(methods=methods)(view), method)[1]
    assert answer.status_code == (200 if method.upper() in METHODS[methods] else 405)


@pytest.mark.parametrize("method", ["get", "post", "put"])
@pytest.mark.parametrize("fresh", [True, False])
def test_a_stranger_is_led_to_sign_in_whatever_the_method(rf, fresh, method):
    answer = asked(rf, AnonymousUser(), page(methods="read", fresh=fresh)(view), method)[1]
    assert answer.status_code == 302
    assert answer["Location"].startswith("/id/sign-in/?next=/a/page/")
    assert "no-store" in answer["Cache-Control"]


def test_a_guard_is_asked_in_the_place_of_the_sign_in(rf, provider):
    def closed(view):
        return lambda request: HttpResponse("closed", status=403)

    answer = asked(rf, provider, page(guard=closed, methods="read")(view), "post")[1]
    assert answer.status_code == 403
    assert "no-store" in answer["Cache-Control"]


def test_a_page_for_strangers_is_shown_to_them_and_not_cached_either(rf):
    answer = asked(rf, AnonymousUser(), page(login=False)(view))[1]
    assert answer.content == b"shown"
    assert "no-store" in answer["Cache-Control"]


def test_sensitive_fields_are_named_before_anything_else_is_asked(rf):
    """attack L6: what was typed stands in no report, wherever the error happens."""
    request, _answer = asked(rf, AnonymousUser(), page(sensitive=("password",))(view), "post", password="x")
    assert request.sensitive_post_parameters == ("password",)


def test_a_sensitive_act_asks_for_a_fresh_proof(provider, monkeypatch):
    """S1-47, C7, through a real page: its proof counts for five minutes."""
    browser = signed_in(provider)
    assert browser.get("/id/profile/name/").status_code == 200
    later = timezone.now() + timedelta(minutes=6)
    monkeypatch.setattr(step_up.timezone, "now", lambda: later)
    assert browser.get("/id/profile/name/")["Location"].startswith("/id/confirm/?next=%2Fid%2Fprofile%2Fname%2F")


def test_a_request_is_somebodys_as_soon_as_its_user_is_an_account(rf, provider):
    request = rf.get("/")
    request.user = AnonymousUser()
    assert not is_signed_in(request)
    request.user = Account.objects.get(pk=provider.pk)
    assert is_signed_in(request)
