"""The first page of the service desk and the shell of its pages: work first, within the reader's rights (walk D1, D2, E3,
E4)."""

import re

import pytest
from django.urls import reverse

from accessforms.domain import submissions
from identity.models import Account, FactorReset
from identity.notices import tickets
from tests import desk_world
from tests.conftest import make_staff
from tests.factories import NOW, GrantFactory, SubmissionFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
COUNT = re.compile(r'href="([^"]+)"><strong class="waiting__count">(\d+)</strong><span>([^<]+)</span>')


@pytest.fixture
def colleague(db):
    return make_staff("desk.colleague", "service desk")


def waiting(account) -> dict[str, int]:
    page = signed_in(account, verified=True).get(reverse("admin:index")).content.decode()
    return {words: int(count) for _path, count, words in COUNT.findall(page)}


def test_the_first_page_counts_what_waits_and_leads_there(agent, colleague):
    desk_world.fill(colleague)
    browser = signed_in(agent, verified=True)
    found = COUNT.findall(browser.get("/admin/").content.decode())
    assert {words: int(count) for _path, count, words in found} == {
        "Access requests to decide": 2,
        "Access asked for again, to confirm": 1,
        "Resets of sign-in methods to confirm": 1,
        "Untyings to confirm": 1,
        "Open tickets": 1,
        "Messages that could not be delivered": 1,
    }
    for path, count, words in found:
        listed = browser.get(path.replace("&amp;", "&")).content.decode()
        assert listed.count("<tr><t") - 1 == int(count), words  # without the head


def test_what_somebody_may_not_do_themselves_does_not_wait_for_them(agent, colleague):
    """Two agents confirm a reset, and nobody decides their own request."""
    person = desk_world.fill(colleague)
    assert "Resets of sign-in methods to confirm" not in waiting(colleague)
    assert waiting(agent)["Resets of sign-in methods to confirm"] == 1
    own = SubmissionFactory(account=agent, submitted=True)
    submissions.decide(submission=own, to="fax received", by=colleague, now=NOW, seen_version=own.version)
    assert waiting(agent)["Access requests to decide"] == 2
    assert waiting(colleague)["Access requests to decide"] == 3
    FactorReset.objects.filter(account=person).update(state="done")
    assert "Resets of sign-in methods to confirm" not in waiting(agent)


def test_the_first_page_keeps_to_the_rights_of_its_reader(colleague):
    """Who decides for one portal counts that portal's forms only; what somebody has no right to is not named."""
    desk_world.fill(colleague)
    physician = make_staff("desk.physician", "service desk", ("physician",))
    page = signed_in(physician, verified=True).get("/admin/").content.decode()
    assert "Access requests to decide" not in [words for _path, _count, words in COUNT.findall(page)]
    for words in ("Signing keys", "Journal entries", "Checked lists", "Standards and deviations", "Wording"):
        assert words not in page, words


def test_nothing_waits(agent):
    page = signed_in(agent, verified=True).get("/admin/").content.decode()
    assert "Nothing waits for you now." in page


@pytest.mark.parametrize("more", [0, 6])
def test_the_first_page_asks_once_a_kind_of_work(agent, colleague, django_assert_max_num_queries, more):
    """A query a card beside the rights of the reader, however much waits."""
    person = desk_world.fill(colleague)
    for _ in range(more):
        SubmissionFactory(submitted=True)
        tickets.open(account=person, topic="other", text="?", by=person, now=NOW)
    browser = signed_in(agent, verified=True)
    browser.get("/admin/")
    with django_assert_max_num_queries(15):
        assert browser.get("/admin/").status_code == 200


def test_the_first_page_searches_people_and_requests(agent):
    page = signed_in(agent, verified=True).get("/admin/").content.decode()
    for words, name in (("Search people", "identity_account"), ("Search access requests", "accessforms_submission")):
        assert f'formaction="{reverse(f"admin:{name}_changelist")}">{words}<' in page


def test_pages_of_apps_lead_to_the_one_menu(operator):
    """Apps are how code is sorted: "IDENTITY / PORTALS" is no page of anybody's work."""
    assert signed_in(operator, verified=True).get("/admin/identity/")["Location"] == "/admin/"


def test_every_page_has_our_scripts_and_styles_only(operator, colleague):
    """E3: jQuery, xregexp and what else Django's pages load is used by none of ours."""
    desk_world.fill(colleague)
    browser = signed_in(operator, verified=True)
    for path in (*desk_world.lists(), *desk_world.records()):
        page = browser.get(path).content.decode()
        for address in re.findall(r'<(?:script|link)[^>]+(?:src|href)="([^"]+)"', page):
            assert re.match(r"/static/(js|css|img|vendor/cms)/", address), f"{path} loads {address}"
        assert not re.search(r'<style| style="|<script(?![^>]+src=)', page), path


def test_a_list_begins_with_its_search_and_ends_with_its_filters(operator, colleague):
    """E4: focus stands in the search box; filters come after what was found; the skip link is the first stop."""
    desk_world.fill(colleague)
    browser = signed_in(operator, verified=True)
    page = browser.get("/admin/accessforms/submission/").content.decode()
    order = [
        page.index(part)
        for part in ("ds-c-skip-nav", 'id="searchbar" autofocus', 'id="result_list"', 'changelist-filter" class')
    ]
    assert order == sorted(order)
    between = page[order[1] : page.index("/change/")]
    assert between.count("<a ") + between.count("<button") <= 12
    assert "autofocus" not in browser.get("/admin/accessforms/submission/?q=x").content.decode()


def test_headings_name_the_work(operator, colleague):
    desk_world.fill(colleague)
    browser = signed_in(operator, verified=True)
    page = browser.get("/admin/accessforms/submission/").content.decode()
    assert "<h1>Access requests</h1>" in page
    assert "Select access request" not in page
    assert "<title>Access requests - One Healthcare ID service desk</title>" in page


def test_the_desk_has_the_switch_of_languages(operator):
    """D2: in the header, first, and it keeps the page."""
    browser = signed_in(operator, verified=True)
    page = browser.get("/admin/identity/account/").content.decode()
    assert (
        '<a href="/id/language/es/?next=%2Fadmin%2Fidentity%2Faccount%2F" lang="es" hreflang="es">Español</a>' in page
    )
    assert (
        browser.get("/id/language/es/?next=%2Fadmin%2Fidentity%2Faccount%2F")["Location"] == "/admin/identity/account/"
    )
    assert '<html lang="es"' in browser.get("/admin/identity/account/").content.decode()


def test_yes_and_no_are_words(operator):
    """Django's icons say True and False to whoever hears them, in every language."""
    page = signed_in(operator, verified=True).get("/admin/identity/account/").content.decode()
    assert 'data-title="Member of staff" data-whole>Yes</td>' in page
    assert 'alt="True"' not in page


def test_a_list_breaks_no_short_word(operator, provider):
    """A narrow column breaks an address of any length, and no date, role or state; nothing is one sign everywhere."""
    Account.objects.filter(pk=provider.pk).update(login_name="a.very.long.name.indeed", first_name="Ann", last_name="")
    page = signed_in(operator, verified=True).get("/admin/identity/account/").content.decode()
    assert 'data-title="First name" data-whole>Ann</td>' in page
    long = page[: page.index("a.very.long.name.indeed")].rpartition("<th")[2]
    assert "data-title" in long
    assert "data-whole" not in long
    assert "data-empty data-whole>–</td>" in page
    assert ">-</td>" not in page


def test_access_is_headed_by_the_portal_as_people_read_it(agent, provider):
    """No stored key in a heading."""
    grant = GrantFactory(account=provider)
    page = signed_in(agent, verified=True).get(f"/admin/rbac/accessgrant/{grant.pk}/change/").content.decode()
    assert "<h1>Access to a portal: dr.provider, Claims Online Portal</h1>" in page
    assert "dr.provider, claims" not in page
