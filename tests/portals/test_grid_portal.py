"""A portal with a grid: page, tile, menu, sign-on, API and userinfo give one answer, at the very next request (S2-33,
S3-04, S3-10, D-29)."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone, translation

from config.urls import urlpatterns as pages_of_the_product
from identity.models import OutboxMessage
from portals import registry
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from portals.models import OidcSession
from portals.oidc import grid_days
from portals.spec import Tile
from rbac import roles
from rbac.capabilities import GRID, Capability
from rbac.domain import grid, memberships
from rbac.models import Membership
from rbac.roles import ADMINISTRATOR
from tests.conftest import make_staff
from tests.factories import AccountFactory, GrantFactory, MembershipFactory
from tests.rbac.test_grid import MARKETS, expected, role_keys
from tests.relying_party import register, told_to_application
from tests.steps.grid import publish, works_as
from tests.steps.sign_in import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
DAY = timedelta(days=1)
CURO = ("billing_specialist", "", "curo")
TOLD = "https://bills.example.org/back-channel-logout"


def page_of(capability: Capability):
    @portal_page(methods="read", capability=capability)
    def tool(request: PortalRequest) -> HttpResponse:
        return HttpResponse(f"open {capability}")

    return tool


urlpatterns = [
    *(path(f"p/<slug:portal_key>/tool/{one.value}/", page_of(one), name=f"tool_{one.value}") for one in GRID),
    *pages_of_the_product,
]


@pytest.fixture(autouse=True)
def portal(monkeypatch):
    """The Claims portal, with a grid and a tile for each capability of it."""
    tiles = tuple(Tile(name=one.label, description="", page=f"tool_{one.value}", capability=one) for one in GRID)
    made = replace(
        registry.get("claims"), grid=True, hides_what_is_closed=True, tiles=tiles, home_template="portals/home.html"
    )
    portals = registry.portals() | {"claims": made}
    monkeypatch.setattr(registry, "portals", lambda: portals)
    return made


@pytest.fixture
def biller():
    """Somebody to whom CURO is open as a Billing Specialist in Colorado."""
    return works_as("billing_specialist", grant=GrantFactory(account=AccountFactory(login_name="a.biller")))


@pytest.fixture
def party(biller):
    party = register(logout_address=TOLD, capability="curo")
    party.browser = signed_in(biller.grant.account)
    return party


def test_pages_and_tiles_are_the_documents_table_exactly():
    """S2-27..29, S2-33: 14 roles, 2 markets, every page; what is not open is no tile."""
    with translation.override("en"):
        labels = {one: str(one.label) for one in GRID}
    for name, key in role_keys().items():
        for market in MARKETS:
            browser = signed_in(works_as(key, market=market).grant.account)
            opened = {labels[one] for one in GRID if browser.get(f"/p/claims/tool/{one}/").status_code == 200}
            assert opened == expected(name, market), (name, market)
            home = browser.get("/p/claims/home/").content.decode()
            shown = {labels[one] for one in GRID if f'href="/p/claims/tool/{one}/"' in home}
            assert shown == opened, (name, market)


def test_a_refusal_says_what_is_not_open_and_leads_to_why(biller):
    answer = signed_in(biller.grant.account).get("/p/claims/tool/risk_strat/")
    shown = answer.content.decode()
    assert answer.status_code == 403
    assert "Risk Strat. is not open to your role where you work." in shown
    assert "/p/claims/tools/risk_strat/" in shown


def test_rights_given_one_by_one_open_nothing_behind_a_grid(biller):
    """The grid alone decides there: no second way in."""
    type(biller.grant).objects.filter(pk=biller.grant_id).update(capabilities=["risk_strat"])
    assert signed_in(biller.grant.account).get("/p/claims/tool/risk_strat/").status_code == 403
    assert registry.get("claims").capabilities == []


def test_a_page_asks_for_the_version_and_the_memberships_and_no_more(biller, django_assert_max_num_queries):
    """At most 2 a request, however many tiles there are."""
    browser = signed_in(biller.grant.account)
    browser.get("/p/claims/home/")
    # And the session's account and grants, unread messages, the sign-in before this one and what is due.
    with django_assert_max_num_queries(7) as asked:
        page = browser.get("/p/claims/home/")
    assert page.status_code == 200
    texts = [one["sql"] for one in asked.captured_queries]
    assert sum("rbac_gridversion" in text for text in texts) == 1
    assert sum(text.startswith('SELECT "rbac_membership"') for text in texts) == 1
    assert not any("rbac_gridcell" in text for text in texts)


CHANGES = {
    "another role": lambda row: memberships.change_role(
        membership=row, role="no_role_of_the_grid", by=None, now=timezone.now()
    ),
    "the membership ends": lambda row: memberships.end(membership=row, by=None, now=timezone.now()),
    "the membership rests": lambda row: memberships.suspend(membership=row, by=None, now=timezone.now()),
    "its last day passes": lambda row: Membership.objects.filter(pk=row.pk).update(ends_on=timezone.localdate() - DAY),
}


@pytest.mark.parametrize("how", CHANGES)
def test_what_is_taken_is_refused_at_the_very_next_request(party, biller, how):
    """Page, API, userinfo, refresh and a new sign-on, without any job."""
    tokens = party.tokens()
    assert "curo" in party.userinfo(tokens["access_token"]).json()["capabilities"]
    assert party.browser.get("/p/claims/tool/curo/").status_code == 200
    CHANGES[how](biller)
    assert party.browser.get("/p/claims/tool/curo/").status_code == 403
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code in (400, 401)
    assert told_to_application(party.authorize(prompt="none"))["error"] == "access_denied"


def test_a_change_of_role_ends_the_sign_ons_that_it_opened(party, biller):
    party.tokens()
    memberships.change_role(membership=biller, role="no_role_of_the_grid", by=None, now=timezone.now())
    assert OidcSession.objects.get().ended_at is not None
    assert OutboxMessage.objects.filter(kind="portals.BackChannelLogout").count() == 1


def test_a_sign_on_goes_on_while_another_membership_opens_it(party, biller):
    """D-29."""
    works_as("front_office", grant=biller.grant)
    tokens = party.tokens()
    memberships.end(membership=biller, by=None, now=timezone.now())
    assert party.userinfo(tokens["access_token"]).status_code == 200
    assert OidcSession.objects.get().ended_at is None


def test_the_claims_are_the_grids_for_the_rows_of_this_moment(party, biller):
    """S3-04: what a market has not is told to no application."""
    row = works_as("practice_manager", market="CA", grant=biller.grant)
    known = party.userinfo(party.tokens()["access_token"]).json()
    told = known["capabilities"]
    pairs = [("billing_specialist", "CO"), ("practice_manager", "CA")]
    assert told == sorted(grid.allowed(pairs, grid.current(now=timezone.now())))
    assert known["roles"] == [{"role": role, "market": market} for role, market in pairs]
    assert "role" not in known
    Membership.objects.filter(pk=row.pk).update(market="")
    told = party.userinfo(party.tokens()["access_token"]).json()["capabilities"]
    assert "claims_site" not in told


def test_an_application_is_told_a_role_once_and_no_practice_by_it(party, biller):
    """S2-33, D-25: of two practices with one role the list says one; one whose tax ID nobody attested is never named,
    and what rests or has ended is no role."""
    works_as("billing_specialist", market="CO", grant=biller.grant)
    rests = works_as("medical_director", market="CA", grant=biller.grant)
    memberships.suspend(membership=rests, by=None, now=timezone.now())
    known = party.userinfo(party.tokens()["access_token"]).json()
    assert known["roles"] == [{"role": "billing_specialist", "market": "CO"}]
    assert rests.practice.name not in str(known)


def test_headers_of_an_old_application_are_the_same(biller):
    register(key="archive", name="Archive", asks_consent=False, capability="curo")
    browser = signed_in(biller.grant.account)
    answer = browser.get("/sign-on/headers/archive/")
    assert answer.status_code == 204
    assert answer["X-Healthcare-ID-Role"] == "billing_specialist/CO"
    pairs = [("billing_specialist", "CO")]
    assert answer["X-Healthcare-ID-Capabilities"] == ",".join(
        sorted(grid.allowed(pairs, grid.current(now=timezone.now())))
    )
    memberships.change_role(membership=biller, role="no_role_of_the_grid", by=None, now=timezone.now())
    assert browser.get("/sign-on/headers/archive/").status_code == 403


class TestPublication:
    @pytest.fixture
    def version(self, operator, second_operator):
        now = timezone.now()
        return publish(by=operator, second=second_operator, without=[CURO], effective_from=now + DAY / 2, now=now)

    def test_before_its_day_all_is_as_it_was(self, party, version):
        tokens = party.tokens()
        assert party.userinfo(tokens["access_token"]).status_code == 200
        assert party.browser.get("/p/claims/tool/curo/").status_code == 200
        assert grid_days.end_sign_ons(now=timezone.now()) == 0

    def test_from_its_moment_on_all_refuse_before_any_job_ran(self, party, version, biller):
        """A capability taken away by a version: page, API and userinfo, at the very next request."""
        with time_machine.travel(version.effective_from - timedelta(minutes=1), tick=False) as clock:
            cache.clear()
            party.browser = signed_in(biller.grant.account)
            tokens = party.tokens()
            assert party.userinfo(tokens["access_token"]).status_code == 200
            clock.move_to(version.effective_from, tick=False)
            assert party.userinfo(tokens["access_token"]).status_code == 401
            assert party.browser.get("/p/claims/tool/curo/").status_code == 403
            assert party.refresh(tokens["refresh_token"]).status_code in (400, 401)

    def test_on_its_day_the_sign_ons_of_those_who_lose_end_and_of_nobody_else(self, party, version, biller):
        others = works_as("front_office", grant=GrantFactory(account=AccountFactory()))
        party.tokens()
        party.browser = signed_in(others.grant.account)
        party.tokens()
        assert grid_days.end_sign_ons(now=version.effective_from - timedelta(seconds=1)) == 0
        assert grid_days.end_sign_ons(now=version.effective_from) == 1
        assert grid_days.end_sign_ons(now=version.effective_from + DAY) == 0
        by_account = {one.account_id: one.ended_at for one in OidcSession.objects.all()}
        assert by_account[biller.grant.account_id] == version.effective_from
        assert by_account[others.grant.account_id] is None
        assert OutboxMessage.objects.filter(kind="portals.BackChannelLogout").count() == 1

    def test_where_no_application_listens_one_statement_ends_them(self, party, version):
        party.tokens()
        type(party.application).objects.update(logout_address="")
        assert grid_days.end_sign_ons(now=version.effective_from) == 1
        assert OidcSession.objects.get().ended_at == version.effective_from


class TestWhy:
    """S3-10: "users will only see the tools and data they need", and can see why."""

    def test_it_names_role_practice_version_and_who_can_change_it(self, biller):
        boss = AccountFactory(first_name="Olga", last_name="Boss")
        MembershipFactory(grant=GrantFactory(account=boss), practice=biller.practice, role=ADMINISTRATOR)
        shown = signed_in(biller.grant.account).get("/p/claims/tools/curo/").content.decode()
        assert "Why can I open CURO?" in shown
        assert "As Billing Specialist you can open it." in shown
        assert biller.practice.name in shown
        assert "Colorado" in shown
        assert "Olga Boss" in shown
        assert f"version {grid.in_force(now=timezone.now())} of the grid" in shown

    def test_why_not_names_the_roles_that_can(self, biller):
        shown = signed_in(biller.grant.account).get("/p/claims/tools/risk_strat/").content.decode()
        assert "Why can I not open Risk Strat.?" in shown
        assert "It is not opened to the role Billing Specialist." in shown
        assert "Registered Nurse" in shown
        assert "Site Admin" not in shown

    def test_a_market_that_has_it_not_is_said(self, biller, operator, second_operator):
        now = timezone.now()
        version = publish(
            by=operator,
            second=second_operator,
            off=[("CO", "curo")],
            effective_from=now + timedelta(seconds=1),
            now=now,
        )
        with time_machine.travel(version.effective_from, tick=False):
            cache.clear()
            shown = signed_in(biller.grant.account).get("/p/claims/tools/curo/").content.decode()
        assert "It is not offered in Colorado, whatever the role." in shown

    def test_all_tools_are_listed_with_their_answer(self, biller):
        shown = signed_in(biller.grant.account).get("/p/claims/tools/").content.decode()
        assert shown.count("Open to you") == 7
        assert shown.count("Not open to you") == 7

    @pytest.mark.parametrize("address", ["/p/claims/tools/bill_tracker/", "/p/claims/tools/nothing/"])
    def test_what_the_portal_has_not_is_not_found(self, biller, address):
        assert signed_in(biller.grant.account).get(address).status_code == 404

    @pytest.mark.parametrize("address", ["/p/physician/tools/", "/p/physician/tools/curo/"])
    def test_a_portal_without_a_grid_has_nothing_to_explain(self, biller, address):
        GrantFactory(account=biller.grant.account, portal_key="physician")
        assert signed_in(biller.grant.account).get(address).status_code == 404

    def test_every_tile_leads_to_it(self, biller):
        shown = signed_in(biller.grant.account).get("/p/claims/home/").content.decode()
        assert shown.count('class="tile__why"') == 7
        assert '"/p/claims/tools/"' in shown

    @pytest.mark.parametrize("many", [1, 6])
    def test_it_asks_the_database_little(self, biller, django_assert_max_num_queries, many):
        for _number in range(many - 1):
            works_as("front_office", grant=biller.grant)
        browser = signed_in(biller.grant.account)
        browser.get("/p/claims/tools/curo/")
        with django_assert_max_num_queries(9):
            found = browser.get("/p/claims/tools/curo/")
        assert found.status_code == 200


def test_every_role_has_a_page_that_explains_every_capability():
    """Nobody meets an error: each role, each capability, in both languages."""
    row = works_as("front_office")
    browser = signed_in(row.grant.account)
    for role in roles.GRID:
        Membership.objects.filter(pk=row.pk).update(role=role)
        for one in GRID:
            assert browser.get(f"/p/claims/tools/{one}/").status_code == 200


class TestDesk:
    """Staff read what somebody's access opens, on any day, and why."""

    @pytest.fixture
    def page(self, biller):
        return f"/admin/rbac/accessgrant/{biller.grant_id}/opens/"

    def test_it_says_what_is_open_and_because_of_what(self, agent, biller, page):
        shown = signed_in(agent, verified=True).get(page).content.decode()
        assert shown.count("<td>yes</td>") == 7
        assert shown.count("<td>no</td>") == 7
        assert f"{biller.practice.name}: Billing Specialist since" in shown
        assert "The role has it not." in shown

    def test_another_day_is_answered_from_the_rows_of_that_day(self, agent, biller, page):
        memberships.change_role(membership=biller, role="practice_manager", by=None, now=timezone.now() - DAY)
        browser, before = signed_in(agent, verified=True), (timezone.localdate() - 2 * DAY).isoformat()
        assert "Billing Specialist" in browser.get(f"{page}?day={before}").content.decode()
        now = browser.get(page).content.decode()
        assert "Practice manager" in now
        assert "Billing Specialist" not in now

    @pytest.mark.parametrize("day", ["2026-02-31", "soon", "1.1.26"])
    def test_a_day_that_is_none_is_said(self, agent, page, day):
        answer = signed_in(agent, verified=True).get(f"{page}?day={day}")
        assert answer.status_code == 422
        assert "Enter a day as year, month, day." in answer.content.decode()

    @pytest.mark.parametrize("many", [1, 5])
    def test_it_asks_as_much_of_many_practices_as_of_one(
        self, agent, biller, page, django_assert_max_num_queries, many
    ):
        for _number in range(many - 1):
            works_as("front_office", grant=biller.grant)
        browser = signed_in(agent, verified=True)
        browser.get(page)
        with django_assert_max_num_queries(14):
            found = browser.get(page)
        assert found.status_code == 200

    def test_staff_of_another_portal_find_nothing(self, page):
        other = make_staff("other.agent", "service desk", ("trucase",))
        assert signed_in(other, verified=True).get(page).status_code == 404

    def test_a_portal_without_a_grid_has_no_such_page(self, agent):
        grant = GrantFactory(portal_key="physician")
        browser = signed_in(agent, verified=True)
        assert browser.get(f"/admin/rbac/accessgrant/{grant.pk}/opens/").status_code == 404
        assert "/opens/" not in browser.get(f"/admin/rbac/accessgrant/{grant.pk}/change/").content.decode()

    def test_the_page_of_the_access_leads_to_it(self, agent, biller, page):
        browser = signed_in(agent, verified=True)
        assert page in browser.get(f"/admin/rbac/accessgrant/{biller.grant_id}/change/").content.decode()
