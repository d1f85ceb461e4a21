"""My Profile: the ID, names, password, addresses, preferences, dates, history, agreements (S1-54)."""

import re
from datetime import timedelta

import icalendar
import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.accounts import accounts, addresses, agreements, passwords, questions
from identity.codes import codes
from identity.models import Account, Challenge, JournalEntry, OpenSession, SecurityAlert, SecurityAnswer, Signature
from identity.policy import agreements as texts
from tests.conftest import make_staff
from tests.factories import PASSWORD, AccountFactory, GrantFactory
from tests.steps.sign_in import FACTOR, sign_in, sign_in_by_mail, signed_in
from tests.steps.sign_up import QUESTIONS

pytestmark = pytest.mark.django_db
PROFILE = "/id/profile/"
NAME, LOGIN, WORD, ADDRESSES = (PROFILE + part for part in ("name/", "id/", "password/", "addresses/"))
NEW = "Another-Pass-7-fresh"


@pytest.fixture
def browser(provider) -> Client:
    return signed_in(provider)


def again(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


class TestOverview:
    def test_it_leads_to_everything(self, browser):
        """S1-54 and the issue's list."""
        page = browser.get(PROFILE).content.decode()
        for name in (
            "change_login_name", "change_name", "change_password", "addresses", "faster_sign_in", "devices", "history",
            "your_dates", "preferences", "signed_agreements", "merge", "tickets",
        ):  # fmt: skip
            assert reverse(name) in page, name
        assert "dr.provider" in page

    @pytest.mark.parametrize("path", [NAME, LOGIN, WORD, ADDRESSES + "add/"])
    def test_changes_ask_for_a_fresh_proof(self, browser, path):
        """policy, session: fresh sign-in of 5 min for sensitive acts."""
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            assert browser.get(path).url.startswith("/id/confirm/")


class TestNames:
    def test_a_new_name_is_kept_and_journalled(self, browser, provider):
        page = browser.get(NAME)
        seen = page.context["form"].initial["seen"]
        assert browser.post(NAME, {"first_name": "Zoé", "last_name": "Ñuñez", "seen": seen}).url == PROFILE
        assert again(provider).get_full_name() == "Zoé Ñuñez"
        assert JournalEntry.objects.filter(account=provider, kind="identity.NameChanged").exists()

    def test_two_windows_the_second_is_told_and_keeps_what_was_typed(self, browser, provider):
        """Bad input: a profile page opened in two tabs and saved in both."""
        seen = browser.get(NAME).context["form"].initial["seen"]
        browser.post(NAME, {"first_name": "First", "last_name": "Window", "seen": seen})
        second = browser.post(NAME, {"first_name": "Second", "last_name": "Window", "seen": seen})
        text = second.content.decode()
        assert second.status_code == 409
        assert "it now says First Window" in text
        assert 'value="Second"' in text
        assert again(provider).first_name == "First"
        now_seen = second.context["form"]["seen"].value()
        assert browser.post(NAME, {"first_name": "Second", "last_name": "Window", "seen": now_seen}).url == PROFILE

    def test_a_form_without_its_version_changes_nothing(self, browser, provider):
        assert browser.post(NAME, {"first_name": "X", "last_name": "Y"}).status_code == 409
        assert again(provider).first_name == "Zoë"


class TestLoginName:
    def change(self, browser, name: str):
        return browser.post(LOGIN, {"login_name": name, "seen": browser.get(LOGIN).context["form"].initial["seen"]})

    def test_the_new_one_signs_in_and_the_old_one_does_not(self, browser, provider, inbox):
        assert self.change(browser, "New.Name1").url == PROFILE
        assert accounts.find_for_sign_in(realm="ohid", typed="dr.provider") is None
        assert sign_in(Client(), "new.name1").status_code == 302
        assert any("was changed to another name" in mail.text for mail in inbox.all())

    @pytest.mark.parametrize(
        ("name", "says"), [("short", "between 6 and 50"), ("with space", "No spaces"), ("", "Fill in “")]
    )
    def test_the_rule_of_the_realm_holds(self, browser, name, says):
        """C1."""
        assert says in self.change(browser, name).content.decode()

    def test_a_taken_one_is_said_with_free_ones(self, browser, stranger, provider):
        page = self.change(browser, "A.Stranger").content.decode()
        assert "This name is taken" in page
        assert "A.Stranger2" in page
        assert again(provider).login_name == "dr.provider"

    def test_somebody_elses_address_is_no_name(self, browser, stranger, provider):
        """Bad input, C2: login name changed to somebody's address."""
        for address in (stranger.email, "nobody@example.org"):
            assert "only once you have verified it" in self.change(browser, address).content.decode()
        assert self.change(browser, provider.email).url == PROFILE, "the own proved address may be"


class TestPassword:
    def test_every_other_session_ends_and_this_one_goes_on(self, browser, provider, inbox):
        other = signed_in(provider)
        assert browser.post(WORD, {"password": NEW, "password_again": NEW}).url == PROFILE
        assert passwords.is_current(account=again(provider), password=NEW)
        assert browser.get(PROFILE).status_code == 200
        assert other.get(PROFILE).status_code == 302
        assert OpenSession.objects.filter(account=provider).count() == 1
        assert "password of your ID was changed" in inbox.newest("mail", provider.email).text

    def test_the_rules_stand_at_the_field(self, browser):
        page = browser.post(WORD, {"password": "short", "password_again": "other"}).content.decode()
        assert "The two passwords are not the same" in page
        assert (
            "This is the password you have now"
            in browser.post(WORD, {"password": PASSWORD, "password_again": PASSWORD}).content.decode()
        )


class TestPasswordAge:
    """S3-18: every 90 days, with reminders 14, 7 and 1 days before; a stage of the sign-in."""

    pytestmark = pytest.mark.source_profile

    @pytest.fixture
    def old(self, provider) -> Account:
        Account.objects.filter(pk=provider.pk).update(password_changed_at=timezone.now() - timedelta(days=90))
        return again(provider)

    def test_the_sign_in_asks_for_a_new_one_and_goes_on(self, client, old, inbox):
        assert sign_in_by_mail(client, "dr.provider").url == "/id/sign-in/password-age/"
        assert client.get(PROFILE).status_code == 302
        page = client.get("/id/sign-in/password-age/").content.decode()
        assert "Your password is more than 90 days old" in page
        refused = client.post("/id/sign-in/password-age/", {"password": PASSWORD, "password_again": PASSWORD})
        assert "This is the password you have now" in refused.content.decode()
        assert client.post("/id/sign-in/password-age/", {"password": NEW, "password_again": NEW}).url == PROFILE
        assert client.get(PROFILE).status_code == 200
        assert not passwords.has_ended(again(old), now=timezone.now())

    @pytest.mark.nist_profile
    def test_never_under_nist(self, client, old):
        assert old.password_ends_at is None

    @pytest.mark.parametrize(("left", "stage"), [(14, 1), (7, 2), (1, 3)])
    def test_each_reminder_is_sent_once(self, provider, inbox, left, stage):
        now = timezone.now()
        set_at = now - timedelta(days=90 - left)
        Account.objects.filter(pk=provider.pk).update(password_changed_at=set_at, password_reminder=stage - 1)
        assert passwords.remind(now=now) == 1
        assert passwords.remind(now=now) == 0
        assert passwords.remind(now=now - timedelta(hours=1)) == 0, "a clock one hour back sends nothing twice"
        assert again(provider).password_reminder == stage
        mail = inbox.newest("mail", provider.email)
        assert f"Your password ends in {left} day" in mail.subject

    def test_a_job_that_was_down_for_a_week_sends_one_mail_not_three(self, provider, inbox):
        now = timezone.now()
        Account.objects.filter(pk=provider.pk).update(password_changed_at=now - timedelta(days=89, hours=12))
        passwords.remind(now=now)
        assert len([mail for mail in inbox.all() if "Your password ends" in mail.subject]) == 1

    def test_the_banner_says_the_days(self, browser, provider):
        Account.objects.filter(pk=provider.pk).update(password_changed_at=timezone.now() - timedelta(days=80))
        assert "Your password ends in 10 days." in browser.get(PROFILE).content.decode()
        Account.objects.filter(pk=provider.pk).update(password_changed_at=timezone.now())
        assert "Change it now" not in browser.get(PROFILE).content.decode()


class TestAddresses:
    def add(self, browser, address: str):
        return browser.post(ADDRESSES + "add/", {"email": address})

    def test_added_proved_and_made_primary(self, browser, provider, inbox):
        """S1-54: add, verify, make primary; the old one is told (policy: alerts)."""
        verify = self.add(browser, "New@Example.org").url
        mail = inbox.newest("mail", "new@example.org")
        assert browser.post(verify, {"code": mail.code}).url == ADDRESSES
        told = [m.text for m in inbox.all() if m.to == "dr.provider@example.org"]
        assert any("address was added" in text for text in told)
        row = EmailAddress.objects.get(email="new@example.org")
        assert browser.post(f"{ADDRESSES}{row.pk}/primary/").url == ADDRESSES
        assert again(provider).email == "new@example.org"
        assert "now go to another email address" in inbox.newest("mail", "dr.provider@example.org").text
        assert EmailAddress.objects.filter(user=provider, primary=True).count() == 1

    def test_the_link_of_the_mail_works_in_another_browser(self, browser, provider, inbox):
        """C24: a page with a button; a look changes nothing."""
        self.add(browser, "new@example.org")
        link, other = inbox.newest("mail", "new@example.org").link, Client()
        assert "Press the button" in other.get(link).content.decode()
        assert not EmailAddress.objects.get(email="new@example.org").verified
        assert "enter the code of the same message" in other.post(link).content.decode(), "a scanner presses too"
        code = inbox.newest("mail", "new@example.org").code
        assert "is verified" in other.post(link, {"code": code}).content.decode()
        assert other.get(link).status_code == 410

    def test_an_address_taken_between_asking_and_verifying_is_shared(self, browser, provider, inbox):
        """Bad input, C5: both have it then, and it signs in to neither."""
        verify = self.add(browser, "front@example.org").url
        AccountFactory(login_name="co.worker", email="front@example.org")
        browser.post(verify, {"code": inbox.newest("mail", "front@example.org").code})
        assert accounts.find_for_sign_in(realm="ohid", typed="front@example.org") is None
        assert "Shared" in browser.get(ADDRESSES).content.decode()

    def test_a_known_and_an_unknown_address_get_the_same_answer(self, browser, stranger):
        first = self.add(browser, stranger.email)
        Challenge.objects.update(sent_at=timezone.now() - timedelta(minutes=1))
        second = self.add(browser, "nobody@example.org")
        assert (first.status_code, first.url.rstrip("0123456789/")) == (
            second.status_code,
            second.url.rstrip("0123456789/"),
        )

    def test_limits_and_refusals(self, browser, provider):
        assert "one of your addresses already" in self.add(browser, "DR.provider@example.org").content.decode()
        for number in range(4):
            EmailAddress.objects.create(user=provider, email=f"more{number}@example.org", verified=False)
        assert "You have five addresses" in self.add(browser, "sixth@example.org").content.decode()
        own = EmailAddress.objects.get(user=provider, primary=True)
        assert (
            "Make another one primary first"
            in browser.post(f"{ADDRESSES}{own.pk}/remove/", follow=True).content.decode()
        )
        unproved = EmailAddress.objects.get(email="more1@example.org")
        assert (
            "Verify this address first"
            in browser.post(f"{ADDRESSES}{unproved.pk}/primary/", follow=True).content.decode()
        )
        assert again(provider).email == "dr.provider@example.org"

    def test_somebody_elses_address_does_not_exist(self, browser, stranger):
        foreign = EmailAddress.objects.get(user=stranger)
        for part in ("", "primary/", "remove/"):
            assert browser.post(f"{ADDRESSES}{foreign.pk}/{part}").status_code == 404

    def test_a_removed_address_is_told_and_its_codes_end(self, browser, provider, inbox):
        row = EmailAddress.objects.create(user=provider, email="old@example.org", verified=True)
        assert browser.post(f"{ADDRESSES}{row.pk}/remove/").url == ADDRESSES
        assert "address was removed" in inbox.newest("mail", "old@example.org").text

    def test_staff_keep_the_address_that_was_invited(self, agent):
        row = EmailAddress.objects.create(user=agent, email="other@example.org", verified=True)
        with pytest.raises(addresses.AddressFixed):
            addresses.make_primary(row=row, now=timezone.now())

    def test_codes_on_their_way_to_the_old_primary_end(self, provider):
        row = EmailAddress.objects.create(user=provider, email="new@example.org", verified=True)
        now = timezone.now()
        challenge = codes.issue(account=provider, purpose="access", target=provider.email, channel="mail", now=now)
        addresses.make_primary(row=row, now=now)
        challenge.refresh_from_db()
        assert not codes.is_alive(challenge, now=now)


class TestSharedAddress:
    """C5, S2-24, S2-26, S3-14."""

    @pytest.fixture
    def newcomer(self, client, inbox) -> Account:
        from tests.steps.sign_up import sign_up

        AccountFactory(login_name="first.one", email="ana@example.org")
        sign_up(client)
        client.post("/id/verify-email/", {"code": inbox.newest("mail", "ana@example.org").code})
        return Account.objects.get(login_name="ana.nunez")

    def test_the_choice_comes_only_after_the_mailbox_is_proved(self, client, newcomer):
        assert client.post("/id/verify-email/").url == "/id/create/shared-address/"
        page = client.get("/id/create/shared-address/").content.decode()
        assert "Another ID uses the same address" in page
        assert "Forgot my One Healthcare ID" in page
        assert "first.one" not in page, "whose it is stays unsaid"

    def test_going_on_with_the_shared_address(self, client, newcomer, inbox):
        client.post("/id/verify-email/")
        assert not [mail for mail in inbox.all() if "is shared now" in mail.subject], "not before the choice"
        assert client.post("/id/create/shared-address/", {"keep": "1"}).url == "/id/verify-phone/"
        told = inbox.newest("mail", "ana@example.org")
        assert "is shared now" in told.subject
        assert "first.one" in told.text
        assert again(newcomer).is_active

    @pytest.mark.parametrize(("button", "leads"), [("sign_in", "/id/sign-in/"), ("forgot", "/id/forgot-id/")])
    def test_who_has_an_id_already_is_led_to_it(self, client, newcomer, button, leads):
        client.post("/id/verify-email/")
        assert client.post("/id/create/shared-address/", {button: "1"}).url == leads
        assert not again(newcomer).is_active
        assert accounts.find_for_sign_in(realm="ohid", typed="ana@example.org").login_name == "first.one"

    def test_an_address_of_ones_own_is_asked_nothing(self, client, inbox):
        from tests.steps.sign_up import sign_up

        sign_up(client)
        client.post("/id/verify-email/", {"code": inbox.newest("mail").code})
        assert client.post("/id/verify-email/").url == "/id/verify-phone/"

    def test_co_workers_see_each_other_once_they_are_inside(self, provider):
        AccountFactory(login_name="co.worker", first_name="Rosa", email=provider.email)
        AccountFactory(login_name="never.proved", email=provider.email, address=False)
        page = signed_in(provider).get("/id/profile/shared-address/").content.decode()
        assert "Rosa" in page
        assert "co.worker" in page
        assert "never.proved" not in page

    @pytest.mark.source_profile  # the other one lets nobody in by mailbox alone
    def test_a_portal_that_needs_an_own_address_says_what_to_do(self, provider, monkeypatch):
        """S2-05: shared email addresses prevent approval; the person is told how to mend it."""
        from dataclasses import replace

        from portals import registry

        portals = {**registry.portals(), "claims": replace(registry.get("claims"), needs_own_address=True)}
        monkeypatch.setattr(registry, "portals", lambda: portals)
        GrantFactory(account=provider)
        browser = signed_in(provider)
        assert browser.get("/p/claims/home/").status_code == 200
        AccountFactory(login_name="co.worker", email=provider.email)
        assert browser.get("/p/claims/home/").url == "/id/profile/shared-address/"
        assert "asks for an address that only you use" in browser.get(ADDRESSES).content.decode()


class TestQuestions:
    """S2-04, D-05."""

    pytestmark = pytest.mark.source_profile

    @pytest.mark.parametrize(("changes", "says"), [
        ({"question_2": "first_pet"}, "You chose this question already"),
        ({"answer_1": "  "}, "Fill in “Answer 1”."),
        ({"answer_1": "?!"}, "Use at least two letters or digits"),
        ({"answer_2": "SENOR bigotes"}, "the same answer as another one"),
        ({"question_3": "nonsense"}, "Select a valid choice"),
    ])  # fmt: skip
    def test_three_different_ones_with_answers(self, browser, provider, changes, says):
        """Bad input: the same question three times, an answer of nothing."""
        page = browser.post(PROFILE + "questions/", {**QUESTIONS, **changes}).content.decode()
        assert says in page
        assert not SecurityAnswer.objects.exists()

    def test_answers_are_hashed_and_never_shown(self, browser, provider):
        assert browser.post(PROFILE + "questions/", QUESTIONS).url == PROFILE
        stored = [row.answer for row in SecurityAnswer.objects.filter(account=provider)]
        assert all(answer.startswith("argon2") for answer in stored)
        page = browser.get(PROFILE + "questions/").content.decode()
        assert "Bigotes" not in page
        assert "are never shown" in page

    @pytest.mark.parametrize("typed", ["senor bigotes", " SEÑOR  BIGOTES ", "Señor-Bigotes!"])
    def test_case_spaces_and_accents_do_not_matter(self, provider, typed):
        answers = {"first_pet": "Señor Bigotes", "first_street": "Calle 5", "dream_job": "pilot"}
        questions.choose(account=provider, answers=answers, now=timezone.now())
        questions.check(account=provider, answers={**answers, "first_pet": typed}, now=timezone.now())

    def test_the_domain_refuses_what_the_form_would(self, provider):
        with pytest.raises(questions.AnswersRefused):
            questions.choose(account=provider, answers={"first_pet": "x"}, now=timezone.now())

    def test_the_realms_answers_are_deleted_when_it_asks_no_more(self, provider, settings):
        """policy, security questions: off under nist, answers deleted."""
        from identity.governance import retention

        answers = {"first_pet": "a", "first_street": "b", "dream_job": "c"}
        questions.choose(account=provider, answers=answers, now=timezone.now())
        retention.prune(now=timezone.now())
        assert SecurityAnswer.objects.count() == 3
        settings.REALM_PROFILES = {"ohid": "nist"}
        retention.prune(now=timezone.now())
        assert SecurityAnswer.objects.count() == 0


@pytest.fixture
def newer_terms(monkeypatch):
    """A second version of the terms, as a release would bring it."""
    from dataclasses import replace
    from datetime import date

    first = texts.AGREEMENTS["terms"]
    second = replace(first, versions=(*first.versions, texts.Version(2, date(2026, 12, 1), "button")))
    monkeypatch.setitem(texts.AGREEMENTS, "terms", second)
    monkeypatch.setattr(texts.Agreement, "template", lambda self, number: f"identity/agreements/{self.key}/1.html")


class TestAgreements:
    """C18."""

    def test_the_sign_up_form_is_a_signature(self, client, db):
        from tests.steps.sign_up import post

        post(client)
        row = Signature.objects.get()
        assert (row.agreement, row.version, row.mode, row.language) == ("terms", 1, "check box", "en")

    def test_a_new_version_asks_at_the_next_sign_in(self, client, provider, inbox, newer_terms):
        assert sign_in_by_mail(client, "dr.provider").url == "/id/sign-in/agreement/"
        page = client.get("/id/sign-in/agreement/").content.decode()
        assert "The text has changed since you agreed to it" in page
        assert "I agree" in page
        assert client.get(PROFILE).status_code == 302, "not in before"
        assert client.post("/id/sign-in/agreement/").url == PROFILE
        client.post("/id/sign-out/")
        assert sign_in_by_mail(client, "dr.provider").url == PROFILE, "asked once"

    def test_who_does_not_agree_is_not_let_in(self, client, provider, inbox, newer_terms):
        sign_in_by_mail(client, "dr.provider")
        client.post("/id/sign-out/")
        assert client.get(PROFILE).status_code == 302
        assert not Signature.objects.filter(version=2).exists()

    def test_signing_twice_is_one_signature(self, provider):
        for _ in range(2):
            agreements.sign(account=provider, language="en", now=timezone.now())
        assert Signature.objects.filter(account=provider).count() == 1

    @pytest.mark.parametrize(("typed", "is_it"), [
        ("Zoë O'Brien Ñuñez", True), ("zoe obrien nunez", True), ("ZOE  O’BRIEN NUNEZ MD", True),
        ("Zoe Brien", False), ("", False), ("'", False),
    ])  # fmt: skip
    def test_the_typed_name(self, provider, typed, is_it):
        """S4-15, interface: ignoring case, spaces, accents, apostrophes, suffix."""
        assert agreements.is_name_of(provider, typed) is is_it

    def test_a_copy_to_print_for_its_owner_only(self, browser, provider, stranger):
        agreements.sign(account=provider, language="en", now=timezone.now())
        row = Signature.objects.get()
        assert "Copy to print" in browser.get(PROFILE + "agreements/").content.decode()
        page = browser.get(f"{PROFILE}agreements/{row.pk}/").content.decode()
        assert "Your ID is yours alone" in page
        assert "dr.provider" in page
        assert signed_in(stranger).get(f"{PROFILE}agreements/{row.pk}/").status_code == 404

    def test_the_list_says_when_it_is_empty(self, browser):
        assert "None yet" in browser.get(PROFILE + "agreements/").content.decode()


class TestPreferences:
    def test_dark_and_light_are_ones_own_choice(self, browser, provider):
        assert "prefers-color-scheme: dark" in browser.get(PROFILE).content.decode()
        browser.post(PROFILE + "preferences/", {"language": "en", "theme": "dark"})
        assert 'media="screen"' in browser.get(PROFILE).content.decode()
        browser.post(PROFILE + "preferences/", {"language": "en", "theme": "light"})
        assert "dark.css" not in browser.get(PROFILE).content.decode()
        assert again(provider).theme == "light"


class TestDates:
    def test_the_page_and_the_calendar_say_the_same(self, browser, provider, settings):
        """Issue: password age, idle dates per portal, with an iCalendar file."""
        GrantFactory(account=provider, since=timezone.now() - timedelta(days=60))
        page = browser.get(PROFILE + "dates/").content.decode()
        assert "Access to Claims Online Portal rests" in page
        file = browser.get(PROFILE + "dates.ics")
        assert file["Content-Type"].startswith("text/calendar")
        events = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
        expected = {"claims"} if provider.profile == "nist" else {"claims", "password"}
        assert {str(event["uid"]).split("-")[0] for event in events} == expected
        assert b"dr.provider" not in file.content
        access = next(event for event in events if str(event["uid"]).startswith("claims"))
        assert access.decoded("dtstart") == (timezone.now() + timedelta(days=30)).date()

    def test_history_is_ones_own_a_page_at_a_time(self, browser, provider, stranger):
        for number in range(30):
            profile_event(provider, number)
        page = browser.get(PROFILE + "history/").content.decode()
        assert "Page 1 of 2" in page
        assert browser.get(PROFILE + "history/?page=2").status_code == 200
        assert "Page 1 of" not in signed_in(stranger).get(PROFILE + "history/").content.decode()


def profile_event(account: Account, number: int) -> None:
    from identity.accounts import profiles

    profiles.change_theme(account=account, theme=("dark", "light")[number % 2], now=timezone.now())


def test_a_closed_account_ends_a_sign_in_that_was_begun(client, inbox):
    """Bad input: deactivated while signing in."""
    account = AccountFactory(login_name="with.phone", phone="+13105550123")
    assert sign_in(client, "with.phone").url == FACTOR
    Account.objects.filter(pk=account.pk).update(is_active=False)
    client.post(FACTOR, {"otp_token": inbox.newest("text").code})
    assert client.get(PROFILE).status_code == 302


def test_an_alert_text_is_sent_in_the_brands_name(inbox):
    account = AccountFactory(phone="+13105550123")
    passwords.change(account=account, password=NEW, now=timezone.now())
    assert inbox.newest("text").text.startswith("One Healthcare ID: The password")
    assert SecurityAlert.objects.get().kind == "password changed"


def test_staff_can_be_asked_for_a_new_password_as_well(client, inbox):
    """S3-18 holds for staff."""
    agent = make_staff("desk.agent", "service desk")
    Account.objects.filter(pk=agent.pk).update(password_changed_at=timezone.now() - timedelta(days=91))
    assert passwords.has_ended(again(agent), now=timezone.now()) is (agent.profile == "source")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ((NAME, {"first_name": "Zoe", "last_name": "Lopez"}), (LOGIN, {"login_name": "zoe.lopez"})),
        ((LOGIN, {"login_name": "zoe.lopez"}), (NAME, {"first_name": "Zoe", "last_name": "Lopez"})),
        ((LOGIN, {"login_name": "zoe.first"}), (LOGIN, {"login_name": "zoe.lopez"})),
    ],
)
def test_two_windows_on_two_pages_of_the_profile(browser, provider, first, then):
    """M8: the name in window B, then the ID in window A, was a TypeError; the second is told, and may overwrite."""
    browser.post(first[0], {**first[1], "seen": "0"})
    answer = browser.post(then[0], {**then[1], "seen": "0"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Save again to overwrite it." in page
    assert f'value="{next(iter(then[1].values()))}"' in page, "what was typed stays"
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    assert browser.post(then[0], {**then[1], "seen": seen}).status_code == 302


def test_every_page_of_a_new_password_names_the_account_for_password_managers(browser, provider, client):
    """T16: they kept the new password without a name, or over another entry of the site."""
    field = f'<input type="text" name="username" value="{provider.login_name}" autocomplete="username" hidden>'
    assert field in browser.get(WORD).content.decode()
    for page in (settings.BASE_DIR / "templates").rglob("*.html"):
        text = page.read_text()
        if "form.password_again" in text:
            assert 'name="username"' in text or "form.login_name" in text, page
