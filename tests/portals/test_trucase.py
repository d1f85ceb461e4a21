"""TruCase's pages through its change-over: the old log-in, the last one, the ID alone; and its home (S0-01..09, S0-31)."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from identity.models import Ticket
from portals import registry
from portals.legacy import links, phases
from portals.models import LegacyAccount, LinkRequest
from portals.spec import Phase
from rbac.domain import grants
from tests.factories import NOW, OLD_PASSWORD, PASSWORD, AccountFactory, GrantFactory, LegacyAccountFactory
from tests.steps.phases import put
from tests.steps.sign_in import SIGN_IN, sign_in_by_mail, signed_in

pytestmark = pytest.mark.django_db
LANDING, HOME, ENTER = "/p/trucase/", "/p/trucase/home/", "/p/trucase/enter/"
OLD_LOG_IN, OLD_ACCOUNT, LINK = "/p/trucase/old-log-in/", "/p/trucase/old-account/", "/p/trucase/link/"
LAST, FORGOT = "/p/trucase/last-log-in/", "/p/trucase/old-account/forgot/"
GOOD = {"login_name": "jsmith.old", "password": OLD_PASSWORD}


@pytest.fixture
def legacy(db) -> LegacyAccount:
    return LegacyAccountFactory(login_name="jsmith.old", capabilities=["bill_tracker"])


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def shown(client: Client) -> str:
    """What the page of one press keeps of the old account that it shows."""
    return re.search(r'name="shown" value="([^"]+)"', text(client, LINK))[1]


def press(client: Client):
    """Look at the page, and press."""
    return client.post(LINK, {"shown": shown(client)})


def day() -> str:
    """When the ID opens TruCase, as pages write it."""
    begins = phases.goes_live(registry.get("trucase"), now=timezone.now())
    assert begins is not None
    return date_format(timezone.localtime(begins), "DATE_FORMAT")


class TestLogInPage:
    def test_before_the_day_it_is_the_old_page_with_the_blue_button(self, client):
        """S0-05: labels, placeholder, buttons, link; S0-07: from when on the ID opens the portal."""
        put(Phase.PRE_REGISTRATION)
        page = text(client, LANDING)
        for words in (
            ">Username<", 'placeholder="Enter username"', ">Password<", " Log In</button>", ">Forgot Password<",
            ">Pre-Register with Optum ID</button>", "button--blue", f"From {day()} on",
        ):  # fmt: skip
            assert words in page, words
        assert page.count('class="lock"') == 1, "the lock stands at the old button"
        small = page.partition("Already pre-registered?")[2]
        assert f'href="{ENTER}"' in small, "docs/decisions/0021: who has tied the account gets in at once"
        assert page.count(f'href="{ENTER}"') == 1
        assert "<title>Log In - TruCase</title>" in page

    def test_after_the_day_both_ways_stand_there(self, client):
        """S0-09: go-live, both."""
        put(Phase.BOTH_WAYS)
        page = text(client, LANDING)
        assert f'href="{ENTER}"' in page
        assert 'placeholder="Enter username"' in page
        assert "Pre-Register" not in page

    def test_at_the_end_the_old_fields_are_gone(self, client, legacy):
        """S0-09: "Eventually, after a month or so, the Username and Password field will be removed from this page"."""
        page = text(client, LANDING)
        assert f'href="{ENTER}"' in page
        assert "Enter username" not in page
        assert "TruCase usernames are no longer used here." in page
        assert client.post(OLD_LOG_IN, GOOD).url == LANDING, "what was kept of the old page does nothing"

    @pytest.mark.parametrize(("phase", "stands"), [
        (Phase.PRE_REGISTRATION, True), (Phase.BOTH_WAYS, False), (Phase.ID_ONLY, False),
    ])  # fmt: skip
    def test_the_notice_stands_there_until_the_day(self, client, provider, phase, stands):
        """S0-33, S0-01: on TruCase's log-in page and on the page that Bill Tracker is reached from."""
        put(phase)
        GrantFactory(account=provider, portal_key="trucase")
        for page in (text(client, LANDING), text(signed_in(provider), HOME)):
            assert ("What changes are coming to Bill Tracker?" in page) is stands
            assert ("To enhance security for Bill Tracker, direct access will be removed." in page) is stands

    def test_who_is_ready_does_not_read_the_notice(self, legacy, provider):
        """S0-33: it asks people to get ready."""
        put(Phase.PRE_REGISTRATION)
        links.link(legacy=legacy, account=provider, way="pre-registration", now=NOW)
        for path in (LANDING, HOME):
            assert "What changes are coming" not in text(signed_in(provider), path)

    @pytest.mark.parametrize("phase", list(Phase))
    def test_who_is_signed_in_and_gets_in_goes_on(self, legacy, provider, phase):
        """S0-09: neither a log-in nor a new ID is offered to who has both."""
        put(phase)
        links.link(legacy=legacy, account=provider, way="pre-registration", now=NOW)
        page = text(signed_in(provider), LANDING).partition("<main")[2]
        assert f'href="{ENTER}">Go to TruCase</a>' in page
        for words in ("Enter username", "Create an Optum ID", ">Log In<", "press the blue button"):
            assert words not in page, words
        assert ("opens with your old log-in as before" in page) is (phase == Phase.PRE_REGISTRATION)

    @pytest.mark.parametrize("phase", [Phase.BOTH_WAYS, Phase.ID_ONLY])
    def test_who_is_signed_in_and_has_tied_nothing_is_led_to_that(self, provider, phase):
        """S0-31."""
        put(phase)
        page = text(signed_in(provider), LANDING).partition("<main")[2]
        assert f'href="{LAST}">Tie your TruCase account</a>' in page
        for words in ("Enter username", "Create an Optum ID", ">Log In<"):
            assert words not in page, words

    def test_before_the_day_who_is_signed_in_ties_the_account_on_the_page_itself(self, legacy, provider):
        """S0-06, C25."""
        put(Phase.PRE_REGISTRATION)
        browser = signed_in(provider)
        page = text(browser, LANDING)
        assert "You are signed in with your Optum ID <strong>dr.provider</strong>." in page
        assert "Already pre-registered?" not in page
        assert browser.post(OLD_LOG_IN, GOOD | {"step": "pre-register"}).url == LINK

    def test_an_id_of_another_realm_reads_it_like_a_stranger(self):
        put(Phase.BOTH_WAYS)
        page = text(signed_in(AccountFactory(realm="provider-online")), LANDING)
        assert "Create an Optum ID" in page

    def test_the_notice_comes_before_the_fields(self, client):
        """WCAG 1.3.2: heading, notice, card, in this order without style too."""
        put(Phase.PRE_REGISTRATION)
        page = text(client, LANDING)
        assert page.index("<h1>") < page.index('id="notice"') < page.index('id="old-log-in"')
        assert "form-first" not in page

    def test_what_an_optum_id_is_stands_beside_it(self, client):
        """S0-04."""
        assert "/id/help/what-is-an-optum-id/" in text(client, LANDING)


class TestPreRegistration:
    @pytest.fixture(autouse=True)
    def _before_the_day(self, db):
        put(Phase.PRE_REGISTRATION)

    def test_the_blue_button_asks_for_the_old_log_in_and_leads_to_the_id(self, client, legacy, provider, inbox):
        """S0-06, S0-11, S0-20, C25: the old sign-in first; then sign in (or create); one press ties them."""
        begun = client.post(OLD_LOG_IN, GOOD | {"step": "pre-register"})
        assert begun.url == LINK
        assert LinkRequest.objects.get().legacy == legacy
        at_the_id = client.get(LINK)
        assert at_the_id.url.startswith(f"{SIGN_IN}?next=")
        page = text(client, at_the_id.url)
        assert "Sign In With Your Optum ID" in page
        assert "Create an Optum ID" in page
        assert sign_in_by_mail(client, "dr.provider", PASSWORD).url == LINK
        page = text(client, LINK)
        assert "jsmith.old" in page
        assert "dr.provider" in page
        assert f"From {day()} on your Optum ID opens TruCase" in page
        assert "Until then TruCase itself opens with your old log-in as before." in page
        legacy.refresh_from_db()
        assert legacy.account is None, "looking changes nothing"
        assert press(client).url == LANDING, "the ID opens the portal from the day on"
        legacy.refresh_from_db()
        assert (legacy.account, legacy.linked_by) == (provider, "pre-registration")
        assert "is tied to your Optum ID" in text(client, LANDING)
        mail = inbox.newest("mail", provider.email)
        for part in (mail.text, mail.html):
            said = " ".join(part.split())
            assert f"From {day()} on you log in to TruCase with your Optum ID" in said
            assert "Until then TruCase itself opens with your old log-in as before." in said
            assert "From now on" not in said

    def test_the_old_log_in_alone_says_where_truecase_is_and_offers_the_id(self, client, legacy):
        """docs/decisions/0021: the product opens no session of the old system and does not pretend to."""
        assert client.post(OLD_LOG_IN, GOOD | {"step": "log-in"}).url == OLD_ACCOUNT
        page = text(client, OLD_ACCOUNT)
        assert "TruCase itself opens at its own address" in page
        assert "Pre-Register with Optum ID" in page
        assert client.post(OLD_ACCOUNT).url == LINK
        assert LinkRequest.objects.count() == 1

    @pytest.mark.parametrize("step", ["log-in", "pre-register"])
    def test_a_wrong_password_and_an_unknown_name_are_told_alike(self, client, legacy, step):
        pages = []
        for name, password in (("jsmith.old", "Wrong-Password-1"), ("nobody.old", OLD_PASSWORD)):
            page = client.post(OLD_LOG_IN, {"login_name": name, "password": password, "step": step})
            assert page.status_code == 200
            pages.append(page.content.decode())
        for page in pages:
            assert "The TruCase username or the password is not correct." in page
        assert not LinkRequest.objects.exists()
        assert client.get(OLD_ACCOUNT).url == LANDING

    def test_what_was_tied_is_said(self, client, legacy, stranger):
        links.link(legacy=legacy, account=stranger, way="final log-in", now=NOW)
        client.post(OLD_LOG_IN, GOOD)
        page = text(client, OLD_ACCOUNT)
        assert "tied to an Optum ID already" in page
        assert "a.stranger" not in page

    def test_without_the_old_log_in_there_is_nothing_to_tie(self, provider):
        browser = signed_in(provider)
        assert browser.get(LINK).url == LAST
        assert browser.get(LAST).url == LANDING
        assert browser.post(LINK).url == LAST

    def test_the_proof_is_of_one_browser(self, client, legacy, provider):
        client.post(OLD_LOG_IN, GOOD)
        assert signed_in(provider).get(LINK).url == LAST

    def test_an_id_of_another_realm_is_led_to_the_right_one(self, legacy):
        browser = signed_in(AccountFactory(realm="provider-online"))
        assert browser.get(LINK).url == "/p/trucase/other-account/"
        assert browser.post(LAST, GOOD).url == "/p/trucase/other-account/"


class TestLastLogIn:
    @pytest.fixture(autouse=True)
    def _after_the_day(self, db):
        put(Phase.BOTH_WAYS)

    def test_it_says_what_the_document_says_and_is_asked_once(self, legacy, provider):
        """S0-31, S0-32 (step 10), S1-35 of this portal: the ID first, then the last log-in, never again."""
        browser = signed_in(provider)
        assert browser.get(ENTER).url == LAST
        page = text(browser, LAST)
        for words in (
            "Final Log In Screen", ">Username<", 'placeholder="Enter username"', ">Password<", "Log In One Last Time",
            "This is the LAST time you will be asked to login from TruCase.",
            "Use your TruCase credentials to log in. This step is used to tie your Optum ID profile to your TruCase "
            "identity. After successfully logging in, you will no longer have to complete this step.",
            "1-855-819-5909",
        ):  # fmt: skip
            assert words in page, words
        assert 'class="lock"' in page
        assert browser.post(LAST, GOOD).url == ENTER
        assert browser.get(ENTER).url == HOME
        assert browser.get(LAST).url == ENTER, "never again"
        legacy.refresh_from_db()
        assert (legacy.account, legacy.linked_by) == (provider, "final log-in")
        assert "tied to your Optum ID" in text(browser, HOME)

    def test_a_wrong_password_ties_nothing_and_is_limited(self, legacy, provider):
        """issue 5: limited like any other."""
        browser = signed_in(provider)
        for _ in range(5):
            page = browser.post(LAST, GOOD | {"password": "Wrong-Password-1"}).content.decode()
            assert "The TruCase username or the password is not correct." in page
        assert "Too many attempts." in browser.post(LAST, GOOD).content.decode()
        legacy.refresh_from_db()
        assert legacy.account is None

    def test_a_second_claim_sees_a_ticket_number_and_no_name(self, legacy, provider, stranger):
        links.link(legacy=legacy, account=provider, way="final log-in", now=NOW)
        browser = signed_in(stranger)
        refused = browser.post(LAST, GOOD)
        page = refused.content.decode()
        assert refused.status_code == 409
        assert Ticket.objects.get().number in page
        assert "dr.provider" not in page
        assert grants.portals_of(stranger) == []

    def test_the_old_fields_beside_the_id_lead_to_the_same(self, client, legacy, provider, inbox):
        """S0-09: both ways."""
        assert client.post(OLD_LOG_IN, GOOD | {"step": "log-in"}).url == OLD_ACCOUNT
        assert "Continue with Optum ID" in text(client, OLD_ACCOUNT)
        client.get(client.post(OLD_ACCOUNT).url, follow=True)
        assert sign_in_by_mail(client, "dr.provider", nxt=LINK).url == LINK
        assert client.get(LAST).url == LINK, "proved just before: not asked for again"
        assert press(client).url == ENTER
        assert client.get(ENTER).url == HOME

    def test_one_press_ties_what_its_page_showed_and_nothing_else(self, client, legacy, provider):
        """issue 5: a second tab proves another old account in between."""
        LegacyAccountFactory(login_name="two.old")
        client.post(OLD_LOG_IN, GOOD)
        assert sign_in_by_mail(client, "dr.provider", nxt=LINK).url == LINK
        first = shown(client)
        client.post(OLD_LOG_IN, GOOD | {"login_name": "two.old"})
        for stale in ({"shown": first}, {"shown": "é"}, {}):
            refused = client.post(LINK, stale)
            assert refused.status_code == 409
            assert "two.old" in refused.content.decode()
        assert not LegacyAccount.objects.filter(account__isnull=False).exists()
        assert press(client).url == ENTER
        assert provider.legacy_accounts.get().login_name == "two.old"

    def test_who_was_shut_out_by_staff_is_led_to_the_ticket(self, legacy, provider, agent):
        GrantFactory(account=provider, portal_key="trucase")
        grants.end(account=provider, portal_key="trucase", reason="fraud", by=agent, now=NOW)
        browser = signed_in(provider)
        answer = browser.post(LAST, GOOD, follow=True)
        page = answer.content.decode()
        number = Ticket.objects.get().number
        assert answer.redirect_chain == [(f"/id/tickets/{number}/", 302)]
        assert "The service desk ended your access earlier" in page
        assert browser.get(HOME).status_code == 302

    def test_who_has_access_is_not_asked(self, provider):
        GrantFactory(account=provider, portal_key="trucase")
        assert signed_in(provider).get(ENTER).url == HOME

    def test_who_lost_access_with_a_tied_account_asks_staff(self, legacy, provider):
        links.link(legacy=legacy, account=provider, way="final log-in", now=NOW)
        grants.end(account=provider, portal_key="trucase", reason="left", by=None, now=NOW)
        browser = signed_in(provider)
        assert browser.get(ENTER).url == "/p/trucase/portals/"
        assert "Your TruCase account has to be tied" in text(browser, "/p/trucase/portals/")


class TestIdOnly:
    def test_who_has_tied_nothing_learns_how_to_get_help(self, legacy, provider):
        """S0-09, D-20."""
        browser = signed_in(provider)
        assert browser.get(ENTER).url == LAST
        page = text(browser, LAST)
        assert "TruCase is not open to you yet" in page
        assert "Log in with your Optum ID." not in page, "they have"
        assert "no TruCase account is tied to your Optum ID <strong>dr.provider</strong>" in page
        assert '<a class="nowrap" href="tel:+18558195909">1-855-819-5909</a>' in page
        assert '<a href="mailto:optumsupport@optum.com">' in page
        assert FORGOT in page
        assert "1-855-819-5909" in page
        assert "Enter username" not in page
        assert browser.post(LAST, GOOD).status_code == 200
        legacy.refresh_from_db()
        assert legacy.account is None, "the last log-in is over"


class TestForgotPassword:
    def test_the_id_comes_first_then_a_mail_to_the_old_address_ties(self, client, legacy, provider, inbox):
        """S0-05 "Forgot Password", D-20."""
        put(Phase.BOTH_WAYS)
        assert "Sign in with your Optum ID, or create one." in text(client, FORGOT)
        browser = signed_in(provider)
        sent = browser.post(FORGOT, {"login_name": "JSmith.Old"}).content.decode()
        unknown = browser.post(FORGOT, {"login_name": "nobody"}).content.decode()
        assert "No message was sent." in unknown, "a pause between two mails, whoever they are for"
        assert "a message is on its way to that address" in sent
        path = inbox.newest("mail", legacy.email).link
        assert path.startswith("/p/trucase/old-account/mail/")
        assert client.get(path).url.startswith(SIGN_IN), "a scanner that opens it, and presses, does nothing"
        assert client.post(path).url.startswith(SIGN_IN)
        assert "jsmith.old" in text(browser, path)
        legacy.refresh_from_db()
        assert legacy.account is None
        assert browser.post(path).url == ENTER
        legacy.refresh_from_db()
        assert legacy.linked_by == "mailed proof"
        assert browser.get(path).status_code == 410

    def test_somebody_else_gets_nothing_by_the_link(self, legacy, provider, stranger, inbox):
        put(Phase.BOTH_WAYS)
        signed_in(provider).post(FORGOT, {"login_name": "jsmith.old"})
        path = inbox.newest("mail", legacy.email).link
        assert signed_in(stranger).post(path).status_code == 410
        legacy.refresh_from_db()
        assert legacy.account is None

    def test_an_unknown_name_is_answered_alike(self, provider, stranger, legacy):
        pages = [
            signed_in(account).post(FORGOT, {"login_name": name}).content.decode().replace(account.first_name, "")
            for account, name in ((provider, "jsmith.old"), (stranger, "nobody.old"))
        ]
        bodies = [page.partition("<main")[2].partition("</main>")[0] for page in pages]
        assert bodies[0] == bodies[1]
        assert "If there is a TruCase account" in bodies[0]


class TestHome:
    def test_it_has_the_menu_and_the_words_of_the_document(self, provider):
        """S0-03, D-24: what is TruCase's own is named, and said to open there."""
        GrantFactory(account=provider, portal_key="trucase")
        page = text(signed_in(provider), HOME)
        for words in (
            "Client services portal", ">REFERRALS<", ">APPLICATIONS<", ">SEARCH<", ">MORE<", "Welcome, Zoë",
            ">Log Out<", ">Referral Search<", ">Bill Tracker<", ">Claimant #<", ">RMS #<", ">Claim #<", ">TXPlan<",
            ">My Claims<", "which is not connected to this site yet",
        ):  # fmt: skip
            assert words in page, words
        main = page.partition("<main")[2].partition("</main>")[0]
        assert main.count("In TruCase itself, which is not connected to this site yet.") == 2, "one wording"
        assert main.count("An outside application.") == 0
        assert "<title>Client services portal - TruCase</title>" in page
        assert page.count(">HELP &amp; FAQs<") == 1
        assert "<input" not in page.partition("<main")[2].partition("</main>")[0], "no field that finds nothing"

    def test_bill_tracker_is_in_no_other_portal(self, provider):
        """S0-01."""
        naming = [p.key for p in registry.portals().values() if any(t.application == "bill-tracker" for t in p.tiles)]
        assert naming == ["trucase"]


class TestOptumConnect:
    EXISTING, LAST = "/p/optum-connect/existing-user/", "/p/optum-connect/last-log-in/"

    def test_an_existing_user_maps_the_name_once(self, client, provider, inbox):
        """S1-05, S1-06, S1-07, S1-11, S1-34, S1-35, S1-36, D-06: the ID, one legacy sign-in, then straight in."""
        old = LegacyAccountFactory(source="optum-connect", login_name="aoconnor", capabilities=["claims"])
        page = text(client, self.EXISTING)
        assert "Existing User - Register to One Healthcare ID" in page
        assert "Once the integration is completed, you can log in using your OHID credentials going forward." in page
        assert f'href="{self.LAST}"' in page
        assert client.get(self.LAST).url.startswith(SIGN_IN)
        browser = signed_in(provider)
        page = text(browser, self.LAST)
        assert "Mapping of Optum Connect Username with OHID" in page
        assert "Optum ID" not in page.replace("What is an Optum ID?", ""), "the brand of this place"
        done = browser.post(self.LAST, {"login_name": "aoconnor", "password": OLD_PASSWORD})
        assert done.url == "/p/optum-connect/enter/"
        assert browser.get(done.url).url == "/p/claims/home/"
        assert browser.get(self.LAST).url == "/p/optum-connect/enter/"
        old.refresh_from_db()
        assert old.account == provider
        assert grants.for_account(provider)[0].attributes == {"legacy_user_name": "aoconnor"}

    def test_a_name_that_opened_nothing_is_mapped_and_the_forms_are_offered(self, provider):
        """S1-34, D-07: entry still needs what an approved form gives."""
        LegacyAccountFactory(source="optum-connect", login_name="aoconnor")
        browser = signed_in(provider)
        browser.post(self.LAST, {"login_name": "aoconnor", "password": OLD_PASSWORD})
        page = browser.get("/p/optum-connect/enter/", follow=True).content.decode()
        assert "Fill in the access form" in page

    def test_names_of_one_old_system_mean_nothing_to_the_other(self, legacy, provider):
        page = signed_in(provider).post(self.LAST, GOOD).content.decode()
        assert "is not correct" in page

    @pytest.mark.parametrize("key", ["claims", "referrals", "provider-online", "nowhere"])
    @pytest.mark.parametrize("page", ["last-log-in", "link", "old-log-in", "old-account", "old-account/forgot"])
    def test_where_nothing_is_tied_there_are_no_such_pages(self, provider, key, page):
        answer = signed_in(provider).get(f"/p/{key}/{page}/")
        assert answer.status_code == 404 or answer.url == "/p/provider-online/other-account/"
