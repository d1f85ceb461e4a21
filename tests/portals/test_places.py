"""The public pages of Optum Connect, the homes behind the door, help and contact."""

import pytest
from django.utils import timezone

from portals import registry
from tests.factories import GrantFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
LANDING = "/p/optum-connect/"


def test_the_landing_page_says_what_the_documents_show(client):
    """S1-05, S1-06, S1-07, S1-08, S1-09, S1-10, S1-11, S1-12: banner, tiles, main panel, links, sign-up box."""
    page = client.get(LANDING).content.decode()
    for text in (
        "Effective Mar 8, access to Optum Connect tools, including Claims Online Portal and Physician Information "
        "Portal, will require a One Healthcare ID (OHID). Select from the options below to create and link your OHID:",
        "Mapping of Optum Connect Username with OHID and Login to Optum Connect Portal", "New user to Optum Connect",
        "CLAIMS ONLINE PORTAL", "File Appeals • View EOBs", "PHYSICIAN INFO PORTAL", "Find Patient Data",
        "OPTUM REFERRALS PORTAL", "Search • View • Submit", "Welcome to OPTUM-CONNECT.COM",
        "You only need to sign in once to access one or more of our clinical portals.",
        "Login using your One Healthcare ID", "It secures your account by moving away from Passwords.",
        "Log In (With OHID)", "Already have an Optum Connect account mapped to OHID? Login here.",
        "Existing User - Register to One Healthcare ID",
        "Already have an Optum connect account but not mapped to OHID? Use above link.",
        "Need Access? Sign Up Here", "Sign Me Up", "Claims Office Ally Submissions",
        "Claims and attachment submissions, status, and 835 retrieval", "Claims Online Portal (Optum)",
        "Search, view and submit Optum Claims and Appeals, and view EOBs", "after January 24, 2025",
    ):  # fmt: skip
        assert text.replace("'", "&#x27;") in page or text in page, text


def test_sign_me_up_validates_with_the_id(client):
    """S1-13, S1-04: the pop-up's words, as a dialog and as a page for browsers without script."""
    for path in (LANDING, LANDING + "sign-me-up/"):
        page = client.get(path).content.decode()
        assert "Validate with One Healthcare ID" in page
        assert "You will need to Sign In with your One Healthcare ID or Create a new One Healthcare ID" in page
        assert 'href="/p/optum-connect/register/"' in page
        assert ">OK<" in page


@pytest.mark.parametrize("key", ["claims", "physician", "referrals"])
def test_a_part_leads_to_the_page_of_its_whole(client, key):
    assert client.get(f"/p/{key}/").url == LANDING
    assert client.get(f"/p/{key}/sign-me-up/").url == LANDING + "sign-me-up/"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("claims", ["Submit and view claims, track appeals, and reconcile Explanation of Benefits"]),
        ("physician", ["referral history, diagnosis, and filled prescription histories"]),
        ("referrals", ["Search, view and submit referrals."]),
    ],
)
def test_a_home_says_what_it_is_for_and_is_honest_about_its_tiles(provider, key, words):
    """S1-01, S1-02, S1-03, S1-08, D-24: tiles of the definition; outside applications say that they are not connected."""
    GrantFactory(account=provider, portal_key=key)
    page = signed_in(provider).get(f"/p/{key}/home/").content.decode()
    for text in words:
        assert text in page
    tiles = registry.get(key).tiles
    assert page.count("An outside application. It is not connected to this site yet.") == len(tiles) > 0


@pytest.mark.parametrize("key", ["optum-connect", "claims", "physician", "referrals"])
def test_help_and_contact_lead_somewhere(client, key):
    """S1-25, S1-37: support line, fax number, answers."""
    help_page = client.get(f"/p/{key}/help/").content.decode()
    for question in registry.get(key).questions:
        assert str(question.question).replace('"', "&quot;") in help_page
    contact = client.get(f"/p/{key}/contact/").content.decode()
    assert "1-855-819-5909" in contact
    assert "optumsupport@optum.com" in contact
    assert ("(310) 808-9217" in contact) is (registry.get(key).access_form is not None)


def test_the_front_page_has_a_card_for_each_portal(client):
    page = client.get("/").content.decode()
    for portal in registry.portals().values():
        assert f'href="/p/{portal.key}/"' in page


def test_an_existing_user_learns_how_to_map_the_name(client):
    """S1-06, S1-07, S1-11: until linking by a last sign-in exists, the form does it."""
    page = client.get(LANDING + "existing-user/").content.decode()
    assert "Existing User - Register to One Healthcare ID" in page
    assert "one-time process" in page


@pytest.mark.parametrize("path", ["/p/nowhere/", "/p/nowhere/help/", "/p/nowhere/theme.css", "/p/nowhere/home/"])
def test_unknown_portals_are_not_found(provider, path):
    assert signed_in(provider).get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/", LANDING, LANDING + "sign-me-up/", LANDING + "help/", "/id/terms-of-use/", "/id/help/"]
)
def test_public_pages_ask_the_database_nothing(client, path, django_assert_num_queries):
    """speed: cheap pages; the words that operators may change (B13) are read once in half a minute."""
    client.get(path)
    with django_assert_num_queries(0):
        assert client.get(path).status_code == 200


class TestThePortalOneCameFrom:
    """C13: name, colours and the way back stay those of the portal, on pages that belong to none."""

    PAGES = ("/id/help/", "/id/profile/", "/id/devices/", "/id/profile/dates/", "/id/terms-of-use/", "/id/tickets/")

    def test_help_profile_and_sessions_keep_it(self, provider):
        GrantFactory(account=provider, portal_key="trucase", since=timezone.now())
        browser = signed_in(provider)
        for path in self.PAGES:
            assert "data-portal" not in browser.get(path).content.decode(), path
        browser.get("/p/trucase/home/")
        for path in self.PAGES:
            page = browser.get(path).content.decode()
            assert '<html lang="en" dir="ltr" data-portal="trucase"' in page, path
            assert '<a class="top__brand" href="/p/trucase/">' in page, path
        assert '<p class="back"><a href="/p/trucase/">' in browser.get("/id/profile/").content.decode()

    def test_sign_in_again_leads_to_its_own_sign_in_and_back_to_it(self, provider):
        GrantFactory(account=provider, portal_key="trucase", since=timezone.now())
        browser = signed_in(provider)
        browser.get("/p/trucase/home/")
        page = browser.post("/id/sign-out/", follow=True).content.decode()
        assert 'data-portal="trucase"' in page
        assert 'href="/id/sign-in/?next=/p/trucase/enter/"' in page
        assert "Sign In With Your Optum ID" in browser.get("/id/sign-in/").content.decode()
        assert "Create an Optum ID" in browser.get("/id/create/").content.decode()

    def test_the_front_page_and_another_realm_are_left_behind(self, provider):
        GrantFactory(account=provider, portal_key="trucase", since=timezone.now())
        browser = signed_in(provider)
        browser.get("/p/trucase/home/")
        assert "data-portal" not in browser.get("/").content.decode()
        assert "data-portal" not in browser.get("/id/profile/").content.decode()
        browser.get("/p/provider-online/")
        assert "data-portal" not in browser.get("/id/profile/").content.decode(), "an account of the other realm"

    def test_a_strangers_link_to_help_says_where_it_stands(self, client, db):
        page = client.get("/p/provider-online/").content.decode()
        assert 'href="/id/help/?portal=provider-online"' in page
        assert 'data-portal="provider-online"' in client.get("/id/help/?portal=provider-online").content.decode()
