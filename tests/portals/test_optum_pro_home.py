"""The home of Optum Pro as its definition has it: the tiles of one's role and market, and nothing else (S3-10)."""

import pytest
from django.apps import apps
from django.utils import translation

from config.demo import sample
from enrollment.domain import clinicians
from portals import registry
from portals.entry import rights, tiles
from portals.entry.tiles import Leads
from rbac.capabilities import GRID, Capability
from rbac.domain import grid, memberships
from tests.factories import NOW
from tests.rbac.test_grid import MARKETS, expected, role_keys
from tests.steps.grid import works_as
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
KEY = "optum-pro"


def cards_of(role: str, market: str) -> dict[str, tiles.Card]:
    """What somebody of a role in a market sees, by name."""
    held = grid.allowed([(role, market)], grid.current(now=NOW))
    found = tiles.cards(registry.get(KEY), capabilities=held, memberships=(), now=NOW)
    with translation.override("en"):
        return {str(card.name): card for card in found if card.why}


def test_it_has_a_tile_for_each_capability_of_the_grid():
    assert set(rights.offered(registry.get(KEY))) == set(GRID)
    assert len(rights.offered(registry.get(KEY))) == 14


def test_its_tiles_are_the_documents_table_exactly():
    """S2-27..29, S2-33: 14 roles, 2 markets; nothing closed is shown."""
    for name, key in role_keys().items():
        for market in MARKETS:
            assert set(cards_of(key, market)) == expected(name, market), (name, market)


def test_claims_and_reporting_are_plain_links():
    """S2-28, S2-29: no sign-on; the others are applications or pages of the portal."""
    shown = cards_of("front_office", "CA")
    assert shown["Claims"].leads == shown["Reporting"].leads == Leads.ELSEWHERE
    assert [name for name, card in shown.items() if card.leads == Leads.ELSEWHERE] == ["Claims", "Reporting"]


def test_patients_are_searched_in_an_application_and_nothing_of_them_is_kept_here(tmp_path):
    """S3-08, D-24: the tile signs on to it, for whom the grid opens it alone."""
    sample.register_grid(port=9001, played_file=tmp_path / "played")
    name = str(Capability.PATIENT_SEARCH.label)
    found = {key: cards_of(key, "TX").get(name) for key in role_keys().values()}
    assert {key for key, card in found.items() if card} == {
        key for role, key in role_keys().items() if name in expected(role, "TX")
    }
    assert {card.address for card in found.values() if card} == {"http://localhost:9001/patient-search/login"}
    assert {card.leads for card in found.values() if card} == {Leads.BY_SIGN_ON}
    assert [model for model in apps.get_models() if "patient" in model.__name__.lower()] == []


def test_the_home_page_shows_them_and_leads_to_why(django_assert_max_num_queries):
    """S3-04: a market's own are there in the market alone. At most two questions for the grid, however many tiles."""
    row = works_as("practice_manager", market="CA", portal_key=KEY)
    clinicians.answer(grant=row.grant, by=row.grant.account, now=NOW)
    browser = signed_in(row.grant.account)
    browser.get(f"/p/{KEY}/home/")
    with django_assert_max_num_queries(12) as asked:
        shown = browser.get(f"/p/{KEY}/home/").content.decode()
    assert sum("rbac_gridversion" in one["sql"] for one in asked.captured_queries) == 1
    assert sum(one["sql"].startswith('SELECT "rbac_membership"') for one in asked.captured_queries) == 1
    assert "https://claims.example/" in shown
    assert "My Agreements" in shown
    assert "<strong>Practice manager, California</strong>" in shown
    assert '<a class="top__brand" href="/p/optum-pro/">' in shown
    assert "Risk Strat." not in shown
    why = browser.get(f"/p/{KEY}/tools/{Capability.RISK_STRAT}/").content.decode()
    assert "It is not opened to the role Practice manager." in why


def test_nobody_gives_its_rights_by_hand(agent):
    """The grid leaves none to give: no box at the desk."""
    row = works_as("practice_manager", portal_key=KEY)
    browser = signed_in(agent, verified=True)
    shown = browser.get(f"/admin/rbac/accessgrant/{row.grant_id}/change/").content.decode()
    assert f"/admin/rbac/accessgrant/{row.grant_id}/rights/" not in shown
    assert f"/admin/rbac/accessgrant/{row.grant_id}/opens/" in shown


@pytest.mark.parametrize("page", ["", "help/", "about/start/", "about/troubleshooting/", "access-form/begin/"])
def test_the_header_of_its_public_pages_says_optum_health(client, page):
    """S2-33: the header brand of the documents; another portal has its own name there."""
    assert "Optum Health</a>" in client.get(f"/p/{KEY}/{page}").content.decode()
    assert "Optum Health" not in client.get("/p/trucase/").content.decode()


def test_whose_work_rests_reads_why_there_are_no_tools():
    """S3-10: the access stays, and nothing is shown as if it were all there is."""
    row = works_as("practice_manager", market="TX", portal_key=KEY)
    memberships.suspend(membership=row, by=None, now=NOW)
    page = signed_in(row.grant.account).get(f"/p/{KEY}/home/").content.decode()
    said = "You work for no practice in Optum Pro at the moment, so no role opens anything to you."
    assert f'{said} <a href="/p/{KEY}/contact/">' in page
    memberships.restore(membership=row, by=None, now=NOW)
    assert said not in signed_in(row.grant.account).get(f"/p/{KEY}/home/").content.decode()
