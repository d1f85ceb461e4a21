"""Inside Provider OnLine: header, menu, bar and foot of the guide, its home, and its user guide (S4-16)."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from identity.models import Account, OpenSession
from identity.record import events, journal
from portals import registry
from portals.entry import tiles
from rbac.models import AccessGrant
from rbac.roles import ADMINISTRATOR, USER
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory
from tests.steps.idleness import DAY, sweep
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
HOME, GUIDE = "/p/provider-online/home/", "/p/provider-online/guide/"
CENTRAL = ZoneInfo("America/Chicago")


@pytest.fixture
def lee(db) -> Account:
    account = AccountFactory(
        login_name="lee", realm="provider-online", first_name="Lee", last_name="Park", phone="+14145550123"
    )
    GrantFactory(account=account, portal_key="provider-online")
    return account


@pytest.fixture
def browser(lee) -> Client:
    return signed_in(lee, verified=True)


def main_menu(page: str) -> list[str]:
    menu = re.search(r'<nav class="inside__menu".*?</nav>', page, re.DOTALL)[0]
    return re.findall(r"<a [^>]*>([^<]+)</a>", menu)


@transaction.atomic
def signed_in_at(account: Account, at: datetime) -> None:
    journal.record(events.SignedIn(account=account, by=account, methods=["password"]), now=at)


def test_the_header_bar_and_foot_are_those_of_the_guide(browser):
    page = browser.get(HOME).content.decode()
    head, foot = page.partition("<main")[0], page.partition("<footer")[2]
    labels = ("Welcome Back:", "Lee Park", "Last Login:", ">Preferences<", ">Messages<", ">Log Off<", ">Home<")
    places = [head.find(label) for label in labels]
    assert -1 not in places
    assert places == sorted(places)
    assert "Copyright ©2024. UPMC Health Plan, Inc. | <a" in foot
    assert re.search(r">Privacy Policy</a> \| <a [^>]*>Terms & Conditions</a>", foot)


def test_the_menu_is_that_of_the_guide(browser):
    assert main_menu(browser.get(HOME).content.decode()) == [
        "User Guide", "Eligibility", "Messages", "Documents", "Contact Us", "Chat with Provider Services",
    ]  # fmt: skip


def test_each_entry_leads_to_a_place_of_its_own(lee):
    """Two entries with one address would both be marked as the page that is shown."""
    grant, portal = lee.access_grants.get(), registry.get("provider-online")
    row = MembershipFactory(grant=grant, role=ADMINISTRATOR)
    found = {str(card.name): card.address for card in tiles.cards(portal, capabilities=(), memberships=[row], now=NOW)}
    assert found == {
        "User Guide": GUIDE, "Eligibility": "", "Messages": "/p/provider-online/messages/", "Documents": "/p/provider-online/documents/",
        "Contact Us": "/p/provider-online/contact/", "Security Management": "/p/provider-online/security/",
        "Chat with Provider Services": "/p/provider-online/chat/",
    }  # fmt: skip


def test_security_management_is_for_administrators(lee, browser):
    """S4-16, S4-20: whoever runs the users of a practice sees it, at its place; nobody else does."""
    grant = lee.access_grants.get()
    MembershipFactory(grant=grant, role=USER)
    assert "Security Management" not in browser.get(HOME).content.decode()
    MembershipFactory(grant=grant, role=ADMINISTRATOR)
    page = browser.get(HOME).content.decode()
    assert main_menu(page) == [
        "User Guide", "Eligibility", "Messages", "Documents", "Contact Us", "Security Management",
        "Chat with Provider Services",
    ]  # fmt: skip


def test_no_entry_of_the_menu_is_a_dead_link(browser):
    """D-24: what is not here leads to the card that says so."""
    page = browser.get(HOME).content.decode()
    menu = re.search(r'<nav class="inside__menu".*?</nav>', page, re.DOTALL)[0]
    for address in re.findall(r'href="([^"]+)"', menu):
        path, _, anchor = address.partition("#")
        assert browser.get(path).status_code == 200
        assert not anchor or f'id="{anchor}"' in page
    assert "In Provider OnLine itself, which is not connected to this site yet." in page


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (datetime(2026, 11, 30, 10, tzinfo=CENTRAL), "Open now, until November 30, 2026, 6 p.m. CST."),
        (datetime(2026, 7, 6, 10, tzinfo=CENTRAL), "Open now, until July 6, 2026, 6 p.m. CDT."),
        (datetime(2026, 11, 25, 18, tzinfo=CENTRAL), "Closed now. Opens on November 27, 2026, 8 a.m. CST."),
    ],
)
def test_the_chat_hours_know_whether_it_is_open(lee, now, says):
    with time_machine.travel(now, tick=False):
        page = signed_in(lee, verified=True).get(HOME).content.decode()
    assert page.count("Provider Chat Hours: Monday - Friday 8:00am - 6:00pm CST") == 2, "in the menu and on the card"
    assert page.count(says) == 2


class TestLastLogin:
    """The sign-in before this one: Account.last_login is written before the page."""

    def shown(self, client: Client) -> str:
        page = client.get(HOME).content.decode()
        return re.search(r"Last Login: ([^<]+)</span>", page)[1]

    def test_the_first_time_says_so(self, lee, browser):
        assert self.shown(browser) == "this is the first"

    def test_it_is_the_newest_before_this_session_began(self, lee, stranger):
        for days in (3, 2):
            signed_in_at(lee, NOW - timedelta(days=days))
        signed_in_at(stranger, NOW - timedelta(days=1))
        browser = signed_in(lee, verified=True)
        OpenSession.objects.filter(account=lee).update(signed_in_at=NOW)
        signed_in_at(lee, NOW)  # this very sign-in
        signed_in_at(lee, timezone.now())  # another browser, later
        assert self.shown(browser) == "November 18, 2026, 11 a.m. CST"

    def test_other_entries_of_the_journal_are_no_sign_ins(self, lee, browser):
        with transaction.atomic():
            journal.record(events.SignedOut(account=lee, by=lee), now=NOW - timedelta(days=1))
        assert self.shown(browser) == "this is the first"


@pytest.mark.parametrize("path", ["contact/", "messages/", "help/"])
def test_pages_for_everybody_stay_inside_for_whoever_is_let_in(client, browser, stranger, path):
    """Contact Us and Messages of the menu keep it; strangers and people of the other realm see no menu."""
    page = browser.get(f"/p/provider-online/{path}").content.decode()
    assert "User Guide" in main_menu(page)
    assert "Log Off" in page
    out = AccountFactory(login_name="out", realm="provider-online", phone="+14145550124")
    for other in (client, signed_in(out, verified=True), signed_in(out), signed_in(stranger)):
        page = other.get(f"/p/provider-online/{path}").content.decode()
        assert "inside__menu" not in page
        assert "Log Off" not in page


def test_without_the_phone_a_session_is_not_inside(lee):
    """C7: the portal takes a phone; a page for everybody shows nothing of the inside before it was shown."""
    page = signed_in(lee).get("/p/provider-online/contact/").content.decode()
    assert "inside__menu" not in page


def test_the_guide_says_what_the_pages_do(browser):
    """S4-08, S4-16: under the guide's own headings, with the rules that hold."""
    page = browser.get(GUIDE).content.decode()
    for heading in (
        "New Online Account Administrator Registration", "Password Requirements", "Multifactor Authentication Set Up",
        "First time log on", "New User Creation", "OAA Pending User Registration", "Existing User first time Log in",
        "Self Service Tools", "Forgot User ID", "Reset Password", "Edit profile", "1 to 64 characters",
    ):  # fmt: skip
        assert heading in page, heading
    assert f'href="{GUIDE}" aria-current="page"' in page


def test_a_portal_without_a_guide_has_none(provider):
    GrantFactory(account=provider)
    assert signed_in(provider).get("/p/claims/guide/").status_code == 404


@pytest.mark.parametrize("path", [HOME, GUIDE])
def test_whoever_has_no_access_sees_none_of_it(client, path):
    other = AccountFactory(login_name="out", realm="provider-online", phone="+14145550124")
    assert signed_in(other, verified=True).get(path).url == "/p/provider-online/portals/"
    assert client.get(path).url.startswith("/id/sign-in/")


@pytest.mark.parametrize(
    ("path", "more"), [(HOME, 2), (GUIDE, 0), ("/p/provider-online/contact/", 1), ("/p/provider-online/messages/", 1)]
)
def test_what_a_page_inside_asks_the_database(browser, django_assert_max_num_queries, path, more):
    """speed: the session's account and phone; its grants, its memberships, the sign-in before, new
    answers; and what it lists: of the home what is due, and the own order of the tiles."""
    browser.get(path)
    with django_assert_max_num_queries(2 + 4 + more):
        assert browser.get(path).status_code == 200


def test_whose_access_rests_is_told_that_provider_services_confirm_it(lee, inbox):
    """D-09, C14: the mail and the page name who decides here, not the service desk of other portals."""
    grant = lee.access_grants.get()
    AccessGrant.objects.filter(pk=grant.pk).update(since=timezone.now() - 90 * DAY)
    sweep(timezone.now())
    assert "it has to be confirmed by Provider Services." in inbox.newest("mail", lee.email).text
    AccessGrant.objects.filter(pk=grant.pk).update(suspended_at=timezone.now() - 31 * DAY)
    browser = signed_in(lee, verified=True)
    page = browser.get("/p/provider-online/way-back/").content.decode()
    assert "type it, and we ask Provider Services to confirm your access." in page
    AccessGrant.objects.filter(pk=grant.pk).update(back_asked_at=timezone.now())
    page = browser.get("/p/provider-online/way-back/").content.decode()
    assert "Provider Services confirms it; you get an email." in page
