"""A page behind a portal's door: who comes to it, and what its view finds on the request (ground, portal pages)."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone

from config.urls import urlpatterns as pages_of_the_product
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from rbac.capabilities import Capability
from rbac.models import AccessGrant, Membership
from rbac.roles import ADMINISTRATOR, USER
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, PracticeFactory
from tests.steps.sign_in import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
PLAIN, RIGHT, FRESH, OFFICE = "/p/claims/plain/7/", "/p/trucase/right/", "/p/claims/fresh/", "/p/claims/office/"


@portal_page(methods="read")
def plain(request: PortalRequest, number: int) -> HttpResponse:
    return HttpResponse(f"{request.portal.key} {request.grant.pk} {number}")


@portal_page(capability=Capability.BILL_TRACKER)
def right(request: PortalRequest) -> HttpResponse:
    return HttpResponse("open")


@portal_page(practice=ADMINISTRATOR)
def office(request: PortalRequest) -> HttpResponse:
    return HttpResponse(", ".join(row.practice.name for row in request.memberships))


@portal_page(practice=ADMINISTRATOR)
def desk(request: PortalRequest, number: int) -> HttpResponse:
    return HttpResponse(f"{request.membership.practice.name} {number}")


@portal_page(fresh=True)
def fresh(request: PortalRequest) -> HttpResponse:
    return HttpResponse("open")


urlpatterns = [
    path("p/<slug:portal_key>/plain/<int:number>/", plain),
    path("p/<slug:portal_key>/right/", right),
    path("p/<slug:portal_key>/office/", office),
    path("p/<slug:portal_key>/office/<int:practice_id>/desk/<int:number>/", desk),
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


def test_a_page_of_one_practice_is_a_use_of_that_one_alone(provider):
    """S4-16, D-15: what "last used" says of somebody who works for several, and what the review counts as unused."""
    grant, at = GrantFactory(account=provider), timezone.now().replace(microsecond=0)
    here, there = (MembershipFactory(grant=grant, role=ADMINISTRATOR) for _ in range(2))
    client = signed_in(provider)

    def open_at(page: str, moment: datetime) -> tuple[datetime | None, ...]:
        with time_machine.travel(moment, tick=False):
            client.get(page)
        rows = (AccessGrant.objects.get(pk=grant.pk), *Membership.objects.filter(grant=grant).order_by("pk"))
        return tuple(row.last_used_at for row in rows)

    of = "/p/claims/office/{}/desk/7/"
    assert open_at(of.format(here.practice_id), at) == (at, at, None)
    soon = at + timedelta(minutes=10)
    assert open_at(of.format(there.practice_id), soon) == (at, at, soon), "another clock than the portal's"
    assert open_at(of.format(there.practice_id), soon + timedelta(minutes=9)) == (at, at, soon), "once an hour"
    assert open_at(of.format(PracticeFactory().pk), soon + timedelta(minutes=9)) == (at, at, soon), "a missing one"
    later = at + timedelta(hours=1)
    with time_machine.travel(later, tick=False):
        client = signed_in(provider)
    assert open_at(PLAIN, later) == (later, later, later), "a page that tells no practices apart is one of all"


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


class TestPractice:
    """Pages of whoever holds a role in a practice; the practice may stand in the path."""

    @pytest.fixture
    def grant(self, provider):
        return GrantFactory(account=provider)

    @pytest.fixture
    def own(self, grant) -> Membership:
        return MembershipFactory(grant=grant, practice=PracticeFactory(name="Bay Clinic"), role=ADMINISTRATOR)

    def test_the_practice_of_the_path_is_the_one_that_the_view_gets(self, provider, grant, own):
        second = MembershipFactory(grant=grant, practice=PracticeFactory(name="Hill Clinic"), role=ADMINISTRATOR)
        MembershipFactory(practice=PracticeFactory(name="Elsewhere"), role=ADMINISTRATOR)
        browser = signed_in(provider)
        assert browser.get(OFFICE).content == b"Bay Clinic, Hill Clinic"
        for row in (own, second):
            page = browser.get(f"{OFFICE}{row.practice_id}/desk/3/")
            assert page.content.decode() == f"{row.practice.name} 3"

    def test_another_practice_and_none_answer_alike(self, provider, grant, own):
        """Object checks are in the query: somebody else's has the bytes of a missing one."""
        elsewhere = MembershipFactory(role=ADMINISTRATOR).practice
        as_user = MembershipFactory(grant=grant, role=USER).practice
        ended = MembershipFactory(grant=grant, role=ADMINISTRATOR, until=NOW).practice
        browser = signed_in(provider)
        numbers = (999_999, elsewhere.pk, as_user.pk, ended.pk)
        answers = {number: browser.get(f"{OFFICE}{number}/desk/3/") for number in numbers}
        assert [answer.status_code for answer in answers.values()] == [404] * 4
        assert len({masked(answer, number) for number, answer in answers.items()}) == 1

    @pytest.mark.parametrize(
        "facts",
        [
            {"role": USER},
            {"until": timezone.now()},
            {"suspended_at": timezone.now()},
            {"ends_on": timezone.localdate() - timedelta(days=1)},
        ],
    )
    def test_without_the_role_a_page_says_so_whatever_practice_it_names(self, provider, grant, own, facts):
        """D-11, D-29: a membership counts while it is open, not suspended and not past its last day."""
        Membership.objects.filter(pk=own.pk).update(**facts)
        browser = signed_in(provider)
        for page in (OFFICE, f"{OFFICE}{own.practice_id}/desk/3/", f"{OFFICE}999999/desk/3/"):
            answer = browser.get(page)
            assert answer.status_code == 403
            assert "it needs this role in a practice: administrator." in answer.content.decode()

    def test_a_membership_behind_another_portal_is_none_here(self, provider, grant):
        other = GrantFactory(account=provider, portal_key="physician")
        MembershipFactory(grant=other, role=ADMINISTRATOR)
        assert signed_in(provider).get(OFFICE).status_code == 403

    def test_whose_role_ends_while_a_page_is_open_is_refused_at_the_next_press(self, provider, grant, own):
        browser = signed_in(provider)
        path = f"{OFFICE}{own.practice_id}/desk/3/"
        assert browser.get(path).status_code == 200
        Membership.objects.filter(pk=own.pk).update(until=timezone.now())
        assert browser.post(path).status_code == 403

    def test_memberships_cost_a_query_only_where_they_are_looked_at(
        self, provider, grant, own, django_assert_num_queries
    ):
        browser = signed_in(provider)
        browser.get(OFFICE)
        with django_assert_num_queries(2):
            assert browser.get(PLAIN).status_code == 200
        with django_assert_num_queries(3):
            assert browser.get(f"{OFFICE}{own.practice_id}/desk/3/").status_code == 200


def masked(answer: HttpResponse, number: int) -> bytes:
    """A page without what stands in it by chance: the number of its path, and the marks of forms and scripts."""
    text = answer.content.replace(str(number).encode(), b"N")
    return re.sub(rb'(csrfmiddlewaretoken" value=|nonce=)"[^"]+"', b"", text)
