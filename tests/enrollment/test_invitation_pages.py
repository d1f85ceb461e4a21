"""The pages behind an invitation's link, in a browser: new, joining, ended, and what uses nothing up."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from enrollment.domain import invitation_links, invitations
from enrollment.models import Invitation, Kind
from identity.models import Account, Challenge, OutboxMessage
from rbac.models import AccessGrant, Membership, Practice
from tests.factories import PASSWORD, AccountFactory
from tests.steps.enumeration import masked
from tests.steps.invitations import PORTAL, code_of, fill, path_of, practice_user, proved, register, user_invited
from tests.steps.provider_online import log_in
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
ENTER = "/p/provider-online/enter/"


@pytest.fixture
def invitation(practice, oaa) -> Invitation:
    return user_invited(practice=practice, by=oaa)


def text(response) -> str:
    return response.content.decode()


def later(**length):
    return time_machine.travel(timezone.now() + timedelta(**length), tick=False)


class TestInvited:
    def test_it_says_who_invites_to_what_until_when(self, client, invitation):
        page = text(client.get(path_of(invitation)))
        for said in (
            "You are invited to Provider OnLine", "Lakeside Clinic", "Olga Adams", "Nora Office", "Link works until",
            "I am new here", "I have an account here",
        ):  # fmt: skip
            assert said in page, said

    def test_looking_uses_nothing_up(self, invitation):
        """policy, Always: HEAD, GET, GET five times, on every page of the link; then the person succeeds."""
        before = (Invitation.objects.values().get(), Challenge.objects.count(), OutboxMessage.objects.count())
        for _ in range(5):
            for page in ("", "new/", "code/", "join/"):
                assert Client().head(path_of(invitation, page)).status_code in (200, 302)
                assert Client().get(path_of(invitation, page)).status_code in (200, 302)
            for button in ("switch/", "again/"):
                assert Client().get(path_of(invitation, button)).status_code == 405
        assert before == (Invitation.objects.values().get(), Challenge.objects.count(), OutboxMessage.objects.count())

    def test_both_ways_are_always_there(self, invitation):
        """D-26, leap 1: the page is the same for an address with none, one and two accounts."""
        pages = {masked(Client().get(path_of(invitation)))}
        for name in ("known.a", "known.b"):
            AccountFactory(login_name=name, realm=PORTAL, email="nora@example.org")
            pages.add(masked(Client().get(path_of(invitation))))
        assert len(pages) == 1

    @pytest.mark.parametrize("page", ["", "new/", "join/"])
    def test_the_pages_keep_their_query_budget(self, invitation, page, django_assert_max_num_queries):
        """speed."""
        client = Client()
        client.get(path_of(invitation, page))
        with django_assert_max_num_queries(4):  # the first opening of a mailed link is kept with its mail
            assert client.get(path_of(invitation, page)).status_code == (302 if page == "join/" else 200)  # to sign in


class TestNew:
    def test_from_the_link_to_the_home_page(self, client, invitation, inbox):
        """S4-07..15, S4-38: registration does not sign in; the first log-in asks two-step, then the typed terms."""
        account = register(client, invitation, inbox)
        assert "_auth_user_id" not in client.session
        assert (account.first_name, account.last_name, account.email) == ("Nora", "Office", "nora@example.org")
        browser = Client()
        assert log_in(browser, "nora").url == "/id/sign-in/second-factor/"
        answer = browser.post("/id/sign-in/second-factor/", {"otp_token": inbox.newest("text").code})
        assert answer.url == "/id/sign-in/agreement/"
        assert browser.post("/id/sign-in/agreement/", {"typed_name": "nora office"}).url == ENTER
        assert browser.get(ENTER).url == "/p/provider-online/home/"
        assert browser.get("/p/provider-online/home/").status_code == 200
        assert Membership.objects.open_at(timezone.now()).get(grant__account=account).practice == invitation.practice

    def test_the_form_is_the_documents(self, client, invitation):
        """S4-07: labels word for word."""
        page = text(client.get(path_of(invitation, "new/")))
        for said in (
            "Create your username and password",
            "Choose a username and password. You will use these to login to your Provider OnLine account.",
            ">Username<", ">Password<", ">Confirm Password<", ">Submit<", "1 to 64 characters",
        ):  # fmt: skip
            assert said in page.replace("\n", ""), said

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"login_name": "with space"}, "Leave out spaces."),
            ({"login_name": "a;b"}, "cannot be used"),
            ({"login_name": "x" * 65}, "Use 1 to 64 characters."),
            ({"login_name": "somebody@example.org"}, "or use the invited address"),
            ({"login_name": ""}, "Fill in “Username”."),
            ({"password": "short"}, "characters"),
            ({"password_again": "Another-Password-1"}, "The two passwords are not the same."),
        ],
    )
    def test_what_is_wrong_stands_at_the_field(self, client, invitation, typed, said):
        """S4-08, S4-09, C2, C6, D-21: and no code is sent."""
        given = {"login_name": "nora", "password": PASSWORD, "password_again": PASSWORD, **typed}
        page = text(client.post(path_of(invitation, "new/"), given))
        assert said in page
        assert "There is a problem" in page
        assert not Challenge.objects.exists()

    def test_one_character_and_the_invited_address_are_good_names(self, invitation, inbox):
        """S4-08, C2."""
        assert fill(Client(), invitation, "n").url == path_of(invitation, "code/")
        assert fill(Client(), invitation, "Nora@example.org").url == path_of(invitation, "code/")

    def test_a_taken_name_is_said_with_free_ones(self, client, invitation):
        """S4-08, C1."""
        AccountFactory(login_name="NORA", realm=PORTAL)
        page = text(fill(client, invitation))
        assert "This Username is taken. Choose another one." in page
        assert "nora2" in page

    def test_nothing_is_made_before_the_code_is_typed(self, client, invitation, inbox):
        """policy, invitation: a forwarded link alone is worth nothing, and uses nothing up."""
        thief = Client()
        fill(thief, invitation, "the.thief")
        assert not Account.objects.filter(login_name="the.thief").exists()
        for _ in range(5):
            assert thief.post(path_of(invitation, "code/"), {"code": "AAAA-AAAA"}).status_code == 200
        assert Invitation.objects.get().state == "sent"
        with later(minutes=5):
            register(client, invitation, inbox)
        assert Account.objects.get(login_name="nora").email == "nora@example.org"

    def test_the_code_belongs_to_the_browser_that_typed_the_name(self, client, invitation, inbox):
        fill(client, invitation)
        other = Client()
        answer = other.post(path_of(invitation, "code/"), {"code": code_of(inbox)})
        assert answer.url == path_of(invitation, "new/")
        assert Invitation.objects.get().state == "sent"

    def test_a_password_is_kept_as_a_hash_only(self, client, invitation):
        fill(client, invitation)
        assert PASSWORD not in str(dict(client.session))

    def test_a_name_that_was_taken_meanwhile(self, client, invitation, inbox):
        fill(client, invitation)
        AccountFactory(login_name="nora", realm=PORTAL)
        answer = client.post(path_of(invitation, "code/"), {"code": code_of(inbox)})
        assert answer.url == path_of(invitation, "new/")
        assert "This username was taken meanwhile." in text(client.get(answer.url))

    def test_who_left_before_the_phone_goes_on_at_the_first_log_in(self, client, invitation, inbox):
        """S4-10..13: the account is there, its phone is asked for; this is a sign-in, and goes on."""
        fill(client, invitation)
        client.post(path_of(invitation, "code/"), {"code": code_of(inbox)})
        browser = Client()
        assert log_in(browser, "nora").url == "/id/sign-in/access-code/"

    def test_the_code_page_says_when_another_can_be_sent(self, client, invitation):
        fill(client, invitation)
        client.post(path_of(invitation, "code/"), {"resend": "1"})
        assert "No further message was sent yet." in text(client.get(path_of(invitation, "code/")))

    def test_in_spanish(self, client, invitation, inbox):
        """D-18: the account speaks the language that its person chose."""
        client.cookies["django_language"] = "es"
        fill(client, invitation)
        client.post(path_of(invitation, "code/"), {"code": code_of(inbox)})
        assert Account.objects.get(login_name="nora").language == "es"


class TestJoin:
    def test_sign_in_then_join(self, invitation, practice, inbox):
        """D-26, S4-19: with the account one has; the other practice stays."""
        account = practice_user(Practice.objects.create(name="First"), "nora.first", email="nora@example.org")
        answer = Client().get(path_of(invitation, "join/"))
        assert answer.url == "/id/sign-in/?portal=provider-online"
        browser = signed_in(account, verified=True)
        page = text(browser.get(path_of(invitation, "join/")))
        assert "You join as <strong>nora.first</strong>" in page
        answer = browser.post(path_of(invitation, "join/"))
        assert answer.url == ENTER
        assert "You have joined Lakeside Clinic in Provider OnLine." in text(browser.get(ENTER, follow=True))
        assert AccessGrant.objects.filter(account=account).count() == 1
        assert Membership.objects.open_at(timezone.now()).filter(grant__account=account).count() == 2
        assert Account.objects.filter(realm=PORTAL).count() == 2

    def test_another_mailbox_is_proved_first(self, invitation, inbox):
        account = practice_user(Practice.objects.create(name="First"), "nora.first", email="old@example.org")
        browser, path = signed_in(account, verified=True), path_of(invitation, "join/")
        assert "Send the code" in text(browser.get(path))
        browser.post(path)
        assert Invitation.objects.get().state == "sent", "pressing Join without a code joins nothing"
        browser.post(path, {"resend": "1"})
        assert "invited address" in text(browser.get(path))
        assert browser.post(path, {"code": code_of(inbox)}).url == ENTER
        assert Invitation.objects.get().accepted_by == account

    def test_signed_in_as_somebody_else_offers_to_switch(self, invitation, provider, oaa):
        """Bad input: says so, offers to switch; the invitation stays open."""
        browser = signed_in(provider)
        assert "signed in as <strong>dr.provider</strong>" in text(browser.get(path_of(invitation)))
        assert "Another account is needed" in text(browser.get(path_of(invitation, "join/")))
        assert "who sent this invitation" in text(signed_in(oaa, verified=True).get(path_of(invitation, "join/")))
        answer = browser.post(path_of(invitation, "switch/"))
        assert answer.url == path_of(invitation)
        assert "_auth_user_id" not in browser.session
        assert fill(browser, invitation).url == path_of(invitation, "code/")

    def test_a_new_account_is_not_made_beside_a_session(self, invitation):
        account = practice_user(Practice.objects.create(name="First"), "nora.first", email="nora@example.org")
        browser = signed_in(account, verified=True)
        for answer in (browser.get(path_of(invitation, "new/")), fill(browser, invitation)):
            assert "Sign out first" in text(answer)
        assert not Challenge.objects.exists()

    def test_who_may_not_join_is_not_told_that_they_could(self, invitation, provider, oaa):
        """C10: no dead end. The inviter, and an account of the other realm, read it on the page of the new account."""
        for browser in (signed_in(oaa, verified=True), signed_in(provider)):
            for answer in (browser.get(path_of(invitation, "new/")), fill(browser, invitation)):
                assert "Another account is needed" in text(answer)
                assert "you can join with this one" not in text(answer)
        assert not Challenge.objects.exists()

    def test_an_account_that_was_closed_joins_nothing(self, invitation):
        account = practice_user(Practice.objects.create(name="First"), "nora.first", email="nora@example.org")
        browser = signed_in(account, verified=True)
        Account.objects.filter(pk=account.pk).update(is_active=False)
        assert "/id/sign-in/" in browser.post(path_of(invitation, "join/")).url


class TestEnded:
    def test_a_link_that_was_cut(self, client, invitation):
        answer = client.get(path_of(invitation)[:-9] + "/")
        assert answer.status_code == 404
        assert "This link is not complete" in text(answer)

    def test_a_newer_one_was_sent(self, client, invitation, oaa):
        """C10: "a newer one was sent on ..., use that"."""
        old = path_of(invitation)
        with later(hours=1):
            invitations.resend(invitation=invitation, by=oaa, now=timezone.now())
            answer = client.get(old)
            assert answer.status_code == 410
            assert "A newer one was sent on" in text(answer)
            assert client.get(path_of(invitation)).status_code == 200

    def test_the_link_ended_and_one_press_asks(self, client, invitation, oaa, inbox):
        """lifecycle, invitation_link, ask_again: the page names who can send it again."""
        with later(hours=73):
            page = text(client.get(path_of(invitation)))
            assert "Who can send it again: <strong>Olga Adams</strong>" in page
            assert "Ask them to send it again" in page
            for _ in range(3):
                assert "They know" in text(client.post(path_of(invitation, "again/")))
            asked = [one for one in inbox.all() if "asks you to send the invitation again" in one.subject]
            assert [one.to for one in asked] == [oaa.email]
            invitations.resend(invitation=Invitation.objects.get(), by=oaa, now=timezone.now())
            assert client.get(inbox.newest("mail", "nora@example.org").link).status_code == 200

    def test_who_came_after_its_days_is_invited_anew(self, client, invitation):
        """S4-24, whatever the job does."""
        with later(days=8):
            page = text(client.get(path_of(invitation)))
            assert "so it has lapsed" in page
            assert "They know" in text(client.post(path_of(invitation, "again/")))

    def test_an_open_one_is_not_asked_for(self, client, invitation):
        assert client.post(path_of(invitation, "again/")).url == path_of(invitation)
        assert not OutboxMessage.objects.filter(kind="enrollment.AskedAgainMail").exists()

    def test_an_accepted_one_leads_to_the_log_in(self, client, invitation, inbox):
        register(Client(), invitation, inbox)
        answer = client.get(path_of(invitation))
        assert answer.status_code == 410
        assert "If that was you, log in." in text(answer)
        assert "/id/sign-in/?portal=provider-online" in text(answer)

    @pytest.mark.parametrize("page", ["new/", "code/", "join/"])
    def test_canceled_while_the_page_is_open(self, invitation, oaa, inbox, page):
        """Bad input: whatever is pressed next says so, and nothing is made."""
        account = practice_user(Practice.objects.create(name="First"), "nora.first", email="nora@example.org")
        browser = signed_in(account, verified=True) if page == "join/" else Client()
        typed = {"login_name": "nora", "password": PASSWORD, "password_again": PASSWORD}
        if page == "code/":
            browser.post(path_of(invitation, "new/"), typed)
            typed = {"code": code_of(inbox)}
        invitations.cancel(invitation=invitation, by=oaa, now=timezone.now())
        answer = browser.post(path_of(invitation, page), typed)
        assert answer.status_code == 410
        assert "The invitation was taken back." in text(answer)
        assert not Account.objects.filter(login_name="nora").exists()

    def test_provider_services_are_named_for_an_administrator(self, client, practice, operator):
        """C10: an OAA's own invitation is sent again by Provider Services; staff stay nameless."""
        invitation = user_invited(
            practice=practice, by=operator, kind=Kind.ADMINISTRATOR, role="administrator", owner=None
        )
        with later(hours=73):
            page = text(client.get(path_of(invitation)))
        assert "Provider Services" in page
        assert "1-844-202-0117" in page
        assert operator.last_name not in page

    def test_the_token_of_one_page_opens_no_other_kind(self, client, invitation):
        token = invitation_links.token_of(invitation)
        assert client.get(f"/enroll/staff/{token}/").url == f"/enroll/invitation/{token}/"


def test_the_public_sign_up_keeps_refusing_this_realm(client):
    """S4-07: user names of Provider OnLine come by invitation only."""
    assert client.get("/id/create/?portal=provider-online").status_code == 302


def test_an_address_with_a_second_account_can_still_be_registered(client, invitation, inbox):
    """S4-32: one address may have several accounts here; who shares it is told (C5)."""
    first = practice_user(Practice.objects.create(name="First"), "nora.first", email="nora@example.org")
    register(client, invitation, inbox)
    shared = OutboxMessage.objects.get(kind="identity.AddressSharedMail")
    assert shared.ids["account_id"] == first.pk
    proved(first, "unused@example.org")
