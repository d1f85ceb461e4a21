"""A page behind a portal's door: who comes to it, and what its view finds on the request (ground, portal pages)."""

from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone

from config.urls import urlpatterns as pages_of_the_product
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from rbac.capabilities import Capability
from rbac.models import AccessGrant
from tests.factories import AccountFactory, GrantFactory
from tests.steps.sign_in import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
PLAIN, RIGHT, FRESH = "/p/claims/plain/7/", "/p/trucase/right/", "/p/claims/fresh/"


@portal_page(methods="read")
def plain(request: PortalRequest, number: int) -> HttpResponse:
    return HttpResponse(f"{request.portal.key} {request.grant.pk} {number}")


@portal_page(capability=Capability.BILL_TRACKER)
def right(request: PortalRequest) -> HttpResponse:
    return HttpResponse("open")


@portal_page(fresh=True)
def fresh(request: PortalRequest) -> HttpResponse:
    return HttpResponse("open")


urlpatterns = [
    path("p/<slug:portal_key>/plain/<int:number>/", plain),
    path("p/<slug:portal_key>/right/", right),
    path("p/<slug:portal_key>/fresh/", fresh),
    *pages_of_the_product,
]


def test_the_view_gets_portal_and_grant_and_what_the_path_names(provider):
    grant = GrantFactory(account=provider)
    answer = signed_in(provider).get(PLAIN)
    assert answer.content.decode() == f"claims {grant.pk} 7"
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_a_visit_is_a_use_of_the_portal(provider):
    """S3-19: the idle clock of the portal begins anew."""
    grant = GrantFactory(account=provider)
    signed_in(provider).get(PLAIN)
    assert AccessGrant.objects.get(pk=grant.pk).last_used_at is not None


@pytest.mark.parametrize("method", ["get", "post"])
def test_whoever_may_not_come_is_led_to_where_they_get_what_is_missing(client, provider, stranger, method):
    """C7, S1-36, S3-19: before a wrong method is refused."""
    GrantFactory(account=provider, suspended_at=timezone.now())
    other = AccountFactory(realm="provider-online")
    assert getattr(client, method)(PLAIN).url == f"/id/sign-in/?next={PLAIN}"
    assert getattr(signed_in(stranger), method)(PLAIN).url == "/p/optum-connect/portals/"
    assert getattr(signed_in(provider), method)(PLAIN).url == "/p/claims/way-back/"
    assert getattr(signed_in(other), method)(PLAIN).url == "/p/claims/other-account/"
    assert getattr(signed_in(provider), method)("/p/nowhere/plain/7/").status_code == 404


def test_a_wrong_method_is_refused(provider):
    GrantFactory(account=provider)
    assert signed_in(provider).post(PLAIN).status_code == 405


def test_without_the_right_a_page_says_who_gives_it(provider):
    """S0-02, S1-34: the portal is open, this page of it is not."""
    grant = GrantFactory(account=provider, portal_key="trucase")
    browser = signed_in(provider)
    answer = browser.get(RIGHT)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "You may enter TruCase, but this page of it needs a right of its own: Bill Tracker." in page
    assert "The service desk gives it to you." in page
    assert 'href="/p/trucase/contact/"' in page
    AccessGrant.objects.filter(pk=grant.pk).update(capabilities=["bill_tracker"])
    assert browser.get(RIGHT).content == b"open"


def test_a_sensitive_page_asks_for_a_fresh_proof(provider):
    """Policy, session: five minutes."""
    GrantFactory(account=provider)
    browser = signed_in(provider)
    assert browser.get(FRESH).content == b"open"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert browser.get(FRESH).url.startswith("/id/confirm/?next=%2Fp%2Fclaims%2Ffresh%2F")
        assert browser.get(PLAIN).status_code == 200
