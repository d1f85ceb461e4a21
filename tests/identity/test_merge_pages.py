"""The pages of merging two IDs: prove the other one, see what moves, choose, confirm, undo; never a dead end (S2-25)."""

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.utils import timezone

from identity.merging import merges
from identity.models import Account, Merge, PhoneDevice, Ticket
from identity.sessions import sessions
from rbac.domain import grants
from tests.conftest import make_staff
from tests.factories import PASSWORD, AccountFactory, GrantFactory
from tests.inbox import Inbox
from tests.steps.sign_in import signed_in
from tests.steps.tickets import words_of

pytestmark = pytest.mark.django_db
START, PASSWORD_PAGE, SECOND = "/id/merge/", "/id/merge/password/", "/id/merge/second-step/"
CHOOSE, CONFIRM, HELP = "/id/merge/choose/", "/id/merge/confirm/", "/id/merge/help/"


@pytest.fixture
def own(db):
    return GrantFactory(account=AccountFactory(login_name="first.id")).account


@pytest.fixture
def other(db):
    return GrantFactory(account=AccountFactory(login_name="second.id"), portal_key="physician").account


@pytest.fixture
def browser(own):
    return signed_in(own)


def prove(browser: Client, name: str) -> None:
    """Name, password and mailed code of the other ID."""
    assert browser.post(START, {"login": name}).url == PASSWORD_PAGE
    assert browser.post(PASSWORD_PAGE, {"password": PASSWORD}).url == SECOND
    browser.post(SECOND, {"resend": "1"})
    assert browser.post(SECOND, {"code": Inbox().newest("mail").code}).url == CHOOSE


def choose(browser: Client, survivor: Account, kept: Account) -> None:
    """The one clash is the first address."""
    assert browser.post(CHOOSE, {"survivor": survivor.pk, "clash0": kept.pk}).url == CONFIRM


class TestTheWholeWay:
    def test_both_proved_everything_seen_chosen_confirmed_and_undone(self, browser, own, other, inbox):
        """D-17, S2-25; interface, merge: prove both, see what moves, choose, reversible."""
        assert 'href="/id/merge/"' in browser.get("/id/profile/").content.decode()
        prove(browser, "second.id")
        page = browser.get(CHOOSE).content.decode()
        for text in (
            "Claims Online Portal",
            "Physician Information Portal",
            own.email,
            other.email,
            "Access to portals",
        ):
            assert text in page, text
        assert "checked" not in page, "nothing is chosen beforehand"
        assert "Choose an answer to “" in browser.post(CHOOSE, {}).content.decode()
        choose(browser, own, other)
        page = browser.get(CONFIRM).content.decode()
        for text in ("Merge the two IDs?", "Physician Information Portal", "You can undo it for 30 days", "not chosen"):
            assert text in page, text
        assert not Merge.objects.exists(), "looking changes nothing"
        receipt = browser.post(CONFIRM).url
        assert set(grants.portals_of(own)) == {"claims", "physician"}
        own.refresh_from_db()
        assert own.email == other.email
        page = browser.get(receipt).content.decode()
        assert "Your two IDs are one now: first.id." in page
        assert f'href="{receipt}"' in browser.get(START).content.decode()
        browser.post(f"{receipt}undo/")
        assert "It was undone" in browser.get(receipt).content.decode()
        other.refresh_from_db()
        assert other.is_active
        assert grants.portals_of(other) == ["physician"]

    def test_the_other_id_may_be_the_one_that_stays(self, browser, own, other):
        prove(browser, other.email)
        choose(browser, other, other)
        assert "You are signed out now" in browser.get(CONFIRM).content.decode()
        assert browser.post(CONFIRM).url == "/id/sign-in/"
        page = browser.get("/id/sign-in/").content.decode()
        assert "Sign in with second.id from now on." in page
        assert 'value="second.id"' in page
        assert browser.get("/id/profile/").status_code == 302
        assert set(grants.portals_of(other)) == {"claims", "physician"}

    def test_its_second_factor_is_asked_where_it_has_one(self, browser, own, other, inbox):
        PhoneDevice.objects.create(user=other, name="phone", number="+13105550166", confirmed=True)
        browser.post(START, {"login": "second.id"})
        browser.post(PASSWORD_PAGE, {"password": PASSWORD})
        assert "Second step of your other ID" in browser.get(SECOND).content.decode()
        assert not [one for one in inbox.all() if one.channel == "text"], "a GET sends nothing"
        assert browser.post(SECOND, {"code": "AAAA-AAAA"}).url.startswith(SECOND), "the mailbox is not enough"
        browser.post(SECOND, {"send": "text"})
        before = browser.session.session_key
        assert browser.post(SECOND, {"otp_token": inbox.newest("text").code}).url == CHOOSE
        assert browser.session.session_key != before, "its rights have risen"
        assert browser.session["_auth_user_id"] == str(own.pk)

    def test_ids_with_the_same_proved_address_are_offered_by_name(self, browser, own):
        same = AccountFactory(login_name="forgotten.id", email=own.email)
        AccountFactory(login_name="unproved.id", email=own.email, address=False)
        AccountFactory(login_name="inactive.id", email=own.email, is_active=False)
        page = browser.get(START).content.decode()
        assert f'value="{same.login_name}"' in page
        assert "unproved.id" not in page
        assert "inactive.id" not in page
        own.emailaddress_set.update(verified=False)
        assert "forgotten.id" not in browser.get(START).content.decode(), "only by the mailbox that this ID has proved"


class TestProving:
    def test_unknown_and_wrong_read_alike_with_one_hash_and_the_same_queries(self, own, django_assert_num_queries):
        """policy, Always: as at sign-in."""
        AccountFactory(login_name="known.one")
        AccountFactory(login_name="ended.one", is_active=False)
        answers, browser = set(), signed_in(own)
        browser.get(PASSWORD_PAGE)
        for name, password in (("known.one", "Wrong-Pass-1"), ("nobody.here", PASSWORD), ("ended.one", PASSWORD)):
            browser.post(START, {"login": name})
            hashes, verify = [], Argon2PasswordHasher.verify
            with (
                patch.object(Argon2PasswordHasher, "verify", lambda *a: hashes.append(1) or verify(*a)),
                django_assert_num_queries(2),  # who is signed in, and the look-up
            ):
                page = browser.post(PASSWORD_PAGE, {"password": password}).content.decode()
            assert len(hashes) == 1, name
            assert "is not correct" in page
            answers.add(page.replace(name, "NAME").split("csrfmiddlewaretoken")[0])
        assert len(answers) == 1
        assert not Ticket.objects.exists()

    def test_guessing_is_slowed_down_as_at_sign_in(self, browser, other):
        """D-04."""
        browser.post(START, {"login": "second.id"})
        for _ in range(5):
            browser.post(PASSWORD_PAGE, {"password": "Wrong-Pass-1"})
        page = browser.post(PASSWORD_PAGE, {"password": PASSWORD}).content.decode()
        assert "Too many attempts." in page
        assert browser.get(SECOND).url == START

    def test_the_own_id_is_no_other_one(self, browser, own):
        """Said at the field, before any password is asked for."""
        for typed in ("FIRST.id", own.email):
            if typed == own.email and Account.objects.filter(email=own.email).count() > 1:
                continue  # a shared address means nobody
            page = browser.post(START, {"login": typed}).content.decode()
            assert "This is the ID that you are signed in with." in page

    def test_no_step_can_be_left_out(self, browser, own, other):
        for path in (PASSWORD_PAGE, SECOND, CHOOSE, CONFIRM):
            assert browser.get(path).url == START
            assert browser.post(path, {"survivor": own.pk, "code": "AAAA-AAAA"}).url == START
        browser.post(START, {"login": "second.id"})
        browser.post(PASSWORD_PAGE, {"password": PASSWORD})
        for path in (CHOOSE, CONFIRM):
            browser.post(START, {"login": "second.id"})
            browser.post(PASSWORD_PAGE, {"password": PASSWORD})
            assert browser.post(path, {"survivor": own.pk, "clash0": own.pk}).url == START
        prove(browser, "second.id")
        assert browser.post(CONFIRM).url == CHOOSE, "nothing is merged that was not chosen"
        assert not Merge.objects.exists()

    def test_naming_another_id_forgets_what_was_proved(self, browser, other):
        prove(browser, "second.id")
        browser.post(START, {"login": "somebody.else"})
        assert browser.get(CHOOSE).url == START

    def test_the_own_id_needs_a_fresh_proof(self, browser, own, other):
        """policy, session: fresh sign-in of 5 min for sensitive acts."""
        prove(browser, "second.id")
        choose(browser, own, own)
        with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
            assert browser.get(START).url.startswith("/id/confirm/")
            asked = browser.post(CONFIRM).url
            assert asked.startswith("/id/confirm/")
            assert not Merge.objects.exists()
            answer = browser.post(asked, {"password": PASSWORD})
            assert answer.url == CONFIRM
            assert "/id/merge/" in browser.post(CONFIRM).url
        assert Merge.objects.exists()

    def test_what_was_proved_ends_after_fifteen_minutes(self, browser, other):
        """lifecycle, merge_proof."""
        prove(browser, "second.id")
        with time_machine.travel(timezone.now() + timedelta(minutes=15), tick=False):
            assert browser.get(CHOOSE).url == START

    def test_a_password_that_is_changed_meanwhile_ends_it(self, browser, own, other):
        prove(browser, "second.id")
        choose(browser, own, own)
        sessions.end_all(account=other, by=None, now=timezone.now())
        failed = browser.post(CONFIRM)
        assert failed.status_code == 409
        assert Ticket.objects.get().number in failed.content.decode()
        assert not Merge.objects.exists()


class TestNeverADeadEnd:
    """S2-25: "Someone will make sure the correct address and IDs are attached." """

    def test_a_failed_merge_opens_a_ticket_with_what_was_tried(self, browser, own, other, inbox):
        prove(browser, "second.id")
        choose(browser, own, own)
        Account.objects.filter(pk=other.pk).update(is_active=False)
        page = browser.post(CONFIRM)
        ticket = Ticket.objects.get()
        assert page.status_code == 409
        for text in (
            ticket.number,
            "Someone will make sure the correct address and IDs are attached.",
            "is not active",
        ):
            assert text in page.content.decode(), text
        assert (ticket.account, ticket.topic) == (own, "merge")
        assert "first.id (signed in) and second.id. One of the IDs is not active." in words_of(ticket)[0]
        assert ticket.number in inbox.newest("mail", own.email).subject

    def test_trying_again_adds_to_the_same_ticket(self, browser, own, other):
        for _ in range(2):
            browser.post(START, {"login": "second.id"})
            browser.post(HELP)
        browser.post(START, {"login": "third.id"})
        number = Ticket.objects.get().number
        assert number in browser.post(HELP).url
        said = words_of(Ticket.objects.get())
        assert [text.count("The person asks for help.") for text in said] == [1, 1]
        Ticket.objects.update(status="closed")
        browser.post(HELP)
        assert Ticket.objects.count() == 2, "an answered one is over"

    @pytest.mark.parametrize("page", [START, PASSWORD_PAGE, SECOND, CHOOSE, CONFIRM])
    def test_every_page_offers_help(self, browser, own, other, page):
        browser.post(START, {"login": "second.id"})
        if page == SECOND:
            browser.post(PASSWORD_PAGE, {"password": PASSWORD})
        if page in (CHOOSE, CONFIRM):
            prove(browser, "second.id")
            choose(browser, own, own)
        assert f'action="{HELP}"' in browser.get(page).content.decode()

    def test_a_member_of_staff_is_refused_with_a_number(self, browser, own):
        make_staff("the.boss", "operator")
        browser.post(START, {"login": "the.boss"})
        page = browser.post(PASSWORD_PAGE, {"password": PASSWORD}).content.decode()
        assert "member of staff" in page
        assert Ticket.objects.get().number in page

    def test_an_undo_that_comes_too_late_is_refused_with_a_number(self, browser, own, other):
        prove(browser, "second.id")
        choose(browser, own, own)
        receipt = browser.post(CONFIRM).url
        Merge.objects.update(at=timezone.now() - timedelta(days=30))
        assert f'action="{receipt}undo/"' not in browser.get(receipt).content.decode()
        page = browser.post(f"{receipt}undo/").content.decode()
        assert "The time in which a merge can be undone is over." in page
        assert Ticket.objects.get().number in page

    def test_a_merge_of_somebody_else_is_a_404_and_a_get_undoes_nothing(self, browser, own, other, stranger):
        prove(browser, "second.id")
        choose(browser, own, own)
        receipt = browser.post(CONFIRM).url
        thief = signed_in(stranger)
        assert thief.get(receipt).status_code == 404
        assert thief.post(f"{receipt}undo/").status_code == 404
        assert browser.get(f"{receipt}undo/").status_code == 405
        assert Merge.objects.get().undone_at is None

    def test_the_service_desk_sees_possible_duplicates_beside_the_ticket(self, browser, own, agent):
        AccountFactory(login_name="forgotten.id", email=own.email)
        browser.post(HELP)
        desk = signed_in(agent, verified=True)
        page = desk.get(f"/admin/identity/ticket/{Ticket.objects.get().pk}/change/").content.decode()
        assert "forgotten.id" in page
        assert list(merges.duplicates_of(own))
