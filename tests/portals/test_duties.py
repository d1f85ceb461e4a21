"""The duties of somebody who runs a practice's users: agreed to before the first act (C18)."""

import pytest
from django.http import HttpResponse
from django.urls import path

from config.urls import urlpatterns as pages_of_the_product
from identity.accounts import agreements
from identity.models import Account, Signature
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from rbac.models import Practice
from rbac.roles import ADMINISTRATOR
from tests.factories import NOW
from tests.steps.invitations import practice_user
from tests.steps.sign_in import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
OFFICE, DUTIES = "/p/provider-online/office/", "/p/provider-online/duties/"


@portal_page(practice=ADMINISTRATOR)
def office(request: PortalRequest) -> HttpResponse:
    return HttpResponse("the first act")


urlpatterns = [path("p/<slug:portal_key>/office/", office), *pages_of_the_product]


@pytest.fixture
def practice(db) -> Practice:
    return Practice.objects.create(name="Lakeside Clinic")


@pytest.fixture
def oaa(practice) -> Account:
    return practice_user(practice, "olga.admin", role=ADMINISTRATOR)


def test_the_first_act_asks_for_them_and_goes_on(oaa):
    browser = signed_in(oaa, verified=True)
    asked = browser.get(f"{OFFICE}?page=2").url
    assert asked == f"{DUTIES}?next=%2Fp%2Fprovider-online%2Foffice%2F%3Fpage%3D2"
    page = browser.get(asked).content.decode()
    assert "Duties of an Online Account Administrator" in page
    assert "When somebody leaves" in page
    wrong = browser.post(asked, {"typed_name": "Somebody Else"}).content.decode()
    assert "Type the name “Olga Adams” as it is shown." in wrong
    assert browser.post(asked, {"typed_name": "olga adams"}).url == f"{OFFICE}?page=2"
    assert browser.get(OFFICE).content == b"the first act"
    signature = Signature.objects.get(account=oaa)
    assert (signature.agreement, signature.version, signature.mode) == ("provider-online-duties", 1, "typed name")


def test_they_are_no_terms_of_everybody(oaa, practice):
    """The realm's own terms stay as they are agreed to, and a user of the practice owes nothing."""
    assert agreements.owes(oaa, ADMINISTRATOR)
    terms = oaa.terms_version
    duty = agreements.for_role(oaa, ADMINISTRATOR)
    agreements.sign(account=oaa, language="en", now=NOW, typed_name="Olga Adams", agreement=duty)
    assert Account.objects.get(pk=oaa.pk).terms_version == terms
    assert not agreements.owes(oaa, ADMINISTRATOR)
    user = practice_user(practice, "a.user")
    assert not agreements.owes(user, "user")
    assert signed_in(user, verified=True).get(DUTIES).status_code == 403


def test_a_form_is_not_taken_before_and_a_foreign_address_is_never_followed(oaa):
    browser = signed_in(oaa, verified=True)
    assert browser.post(OFFICE).url == f"{DUTIES}?"
    answer = browser.post(f"{DUTIES}?next=//evil.example.org/", {"typed_name": "Olga Adams"})
    assert answer.url == "/p/provider-online/home/"
    assert browser.get(DUTIES).url == "/p/provider-online/home/"


def test_the_copy_stands_among_the_agreements(oaa):
    browser = signed_in(oaa, verified=True)
    browser.post(DUTIES, {"typed_name": "Olga Adams"})
    assert "Duties of an Online Account Administrator" in browser.get("/id/profile/agreements/").content.decode()


def test_the_page_keeps_its_query_budget(oaa, django_assert_max_num_queries):
    """speed."""
    browser = signed_in(oaa, verified=True)
    browser.get(DUTIES)
    with django_assert_max_num_queries(7):
        assert browser.get(DUTIES).status_code == 200
