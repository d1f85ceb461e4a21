"""Arriving after a sign-in: straight in, the chooser, or the page that says how to ask."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.factories import NOW, GrantFactory, SubmissionFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
ENTER, CHOOSE, REGISTER = (f"/p/optum-connect/{part}/" for part in ("enter", "portals", "register"))


@pytest.mark.parametrize("portal", ["claims", "physician", "referrals"])
def test_one_grant_leads_straight_in(provider, portal):
    """S1-36, C12: only COP, COP home; only PIP, PIP home; Referrals alike."""
    GrantFactory(account=provider, portal_key=portal)
    browser = signed_in(provider)
    assert browser.get(ENTER).url == f"/p/{portal}/home/"
    assert browser.get(f"/p/{portal}/home/").status_code == 200


@pytest.mark.parametrize(
    "portals", [("claims", "physician"), ("claims", "referrals"), ("claims", "physician", "referrals")]
)
def test_two_or_more_grants_lead_to_the_chooser(provider, portals):
    """S1-36, C12: any two or more."""
    for portal in portals:
        GrantFactory(account=provider, portal_key=portal)
    browser = signed_in(provider)
    assert browser.get(ENTER).url == CHOOSE
    page = browser.get(CHOOSE).content.decode()
    assert "Choose a portal" in page
    for portal in ("claims", "physician", "referrals"):
        assert (f'href="/p/{portal}/home/"' in page) is (portal in portals)


def test_no_grant_shows_requests_with_their_status_and_how_to_ask(provider):
    """D-07."""
    SubmissionFactory(account=provider, submitted=True)
    browser = signed_in(provider)
    assert browser.get(ENTER).url == CHOOSE
    page = browser.get(CHOOSE).content.decode()
    for text in (
        "You have no access yet",
        "Waiting for your fax",
        "Claims Online Portal",
        'Call support at <a class="nowrap" href="tel:+18558195909">1-855-819-5909</a>',
        "Fill in the access form",
    ):
        assert text in page, text


def test_an_empty_page_says_what_to_do_next(provider):
    page = signed_in(provider).get(CHOOSE).content.decode()
    assert "is not open to you. Ask for access to what you need:" in page
    assert "Your requests" not in page


def test_the_chooser_leads_an_old_user_to_the_last_log_in(provider):
    """S0-31, S1-06: whose ID is not tied yet finds the way on the page of those who have no access."""
    page = signed_in(provider).get(CHOOSE).content.decode()
    assert "Do you have a username of Optum Connect from before?" in page
    assert 'href="/p/optum-connect/last-log-in/"' in page
    GrantFactory(account=provider)
    assert "last-log-in" not in signed_in(provider).get(CHOOSE).content.decode()


def test_an_ended_grant_opens_nothing_and_says_when_it_ended(provider):
    """Beside "Approved", "no access yet" would be no answer."""
    GrantFactory(account=provider, since=NOW - timedelta(days=9), until=NOW - timedelta(days=5))
    GrantFactory(account=provider, since=NOW - timedelta(days=4), until=NOW)
    SubmissionFactory(account=provider, submitted=True)
    browser = signed_in(provider)
    assert browser.get(ENTER).url == CHOOSE
    page = browser.get("/p/claims/home/", follow=True).content.decode()
    for text in ("<h1>Your access has ended</h1>", "Your access to Claims Online Portal ended on November 20, 2026."):
        assert page.count(text) == 1, text
    assert "no access" not in page
    assert "has ended." not in page, "the heading says it (walk C5)"
    GrantFactory(account=provider, portal_key="physician")
    page = browser.get("/p/claims/home/", follow=True).content.decode()
    assert "Your access to Claims Online Portal has ended." in page
    assert "ended on November 20, 2026." in page
    assert (
        "You have no access to Optum Referrals Portal yet."
        in browser.get("/p/referrals/home/", follow=True).content.decode()
    )


def test_who_came_back_reads_nothing_of_what_had_ended(provider):
    GrantFactory(account=provider, until=NOW)
    GrantFactory(account=provider, since=NOW)
    assert "ended" not in signed_in(provider).get(CHOOSE).content.decode()


def test_somebody_elses_requests_are_not_shown(provider, stranger):
    SubmissionFactory(account=stranger, submitted=True)
    assert "Waiting for your fax" not in signed_in(provider).get(CHOOSE).content.decode()


def test_which_portal_do_you_want_to_register_for(provider):
    """S1-16, C12: the heading and the links of the documents, and how to ask for Referrals."""
    page = signed_in(provider).get(REGISTER).content.decode()
    for text in (
        "WHICH PORTAL DO YOU WANT TO REGISTER FOR?",
        "Claims Online Portal",
        "Physician Info Portal",
        "There is no form for the Optum Referrals Portal",
        "Effective Mar 8, access to Optum Connect tools",  # the landing page is whole behind the question
        "To access Optum Connect after January 24, 2025",
    ):
        assert text in page, text
    assert 'href="/p/claims/access-form/"' in page
    assert 'href="/p/physician/access-form/"' in page


@pytest.mark.parametrize("path", [ENTER, CHOOSE, REGISTER, "/p/claims/home/"])
def test_strangers_sign_in_first_and_come_back(client, db, path):
    assert client.get(path).url == f"{reverse('account_login')}?next={path}"


@pytest.mark.parametrize(
    "path", ["/p/claims/enter/", "/p/nowhere/enter/", "/p/claims/portals/", "/p/nowhere/register/"]
)
def test_only_landing_pages_have_a_door(provider, path):
    assert signed_in(provider).get(path).status_code == 404


def test_the_chooser_keeps_its_query_budget(provider, django_assert_max_num_queries):
    """speed: landing at most 3 queries and the session's two."""
    for _ in range(5):
        SubmissionFactory(account=provider, submitted=True)
    GrantFactory(account=provider)
    browser = signed_in(provider)
    browser.get(CHOOSE)
    with django_assert_max_num_queries(4):
        assert browser.get(CHOOSE).status_code == 200
