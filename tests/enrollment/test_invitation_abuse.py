"""What somebody might try with an invitation, and what must not stand in the way of whoever accepts one."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from enrollment.domain import acceptance, invitation_limits, invitations
from enrollment.domain.invitations import Invitee
from enrollment.models import Invitation, Kind
from identity.accounts import emails
from identity.models import Account, OutboxMessage, SuppressedAddress
from identity.record import delivery
from rbac.models import AccessGrant, Membership, Practice
from tests.factories import NOW, PASSWORD, AccountFactory
from tests.steps.invitations import code_of, fill, path_of, practice_user, user_invited
from tests.steps.sign_in import FACTOR, SIGN_IN
from tests.steps.sign_up import GOOD
from tests.steps.staff import invite

pytestmark = pytest.mark.django_db


class TestForwardedStaffLink:
    """policy, invitation: bound to the invited address; D-26: a forwarded link alone is worth nothing."""

    @pytest.fixture
    def thief(self, inbox) -> Client:
        """Somebody enrolled with a forwarded link; the invited person gets the mail that proves the address."""
        browser = Client()
        assert browser.post(invite(), {**GOOD, "login_name": "the.boss"}).url == "/id/verify-email/"
        return browser

    def test_a_press_of_the_invited_person_elsewhere_lets_nobody_in(self, thief, inbox):
        link = inbox.newest("mail", "boss@example.org").link
        page = Client().get(link).content.decode()
        assert "somebody else has used your invitation" in page
        assert ">Continue<" not in page
        answer = Client().post(link)
        assert "somebody else has used your invitation" in answer.content.decode()
        assert not emails.is_verified(Account.objects.get())
        thief.post("/id/verify-email/")
        assert thief.get("/id/verify-phone/").url == "/id/verify-email/"

    def test_whoever_reads_the_mailbox_goes_on_where_they_enrolled(self, thief, inbox):
        link = inbox.newest("mail", "boss@example.org").link
        assert ">Continue<" in thief.get(link).content.decode()
        thief.post(link)
        assert emails.is_verified(Account.objects.get())
        assert thief.post("/id/verify-email/").url == "/id/verify-phone/"


class TestInviterWhoLeft:
    """C29, S1-31: what staff decided while they answered for the portal stands."""

    @pytest.fixture(params=["left", "lost the right"])
    def gone(self, agent, request) -> Account:
        if request.param == "left":
            Account.objects.filter(pk=agent.pk).update(is_active=False)
        else:
            agent.groups.clear()
            agent.approvalqueueuserpermission_set.all().delete()
        return Account.objects.get(pk=agent.pk)

    def test_the_invited_person_still_gets_in(self, gone):
        kim = AccountFactory(login_name="kim.n", email="kim@example.org")
        row = invitations.invite(
            kind=Kind.PORTAL, invitee=Invitee(email=kim.email), role="user", portal_key="claims", by=gone, now=NOW
        )
        acceptance.accept_as_existing(invitation=row, account=kim, proof=None, now=NOW)
        assert AccessGrant.objects.get(account=kim).by is None
        assert Invitation.objects.get(pk=row.pk).created_by == gone, "who invited stays known"

    def test_an_administrator_is_raised_still(self, gone, practice):
        """S4-02, D-12."""
        user = practice_user(practice, "nora", email="nora@example.org")
        row = user_invited(practice=practice, by=None, kind=Kind.ADMINISTRATOR, role="administrator", now=NOW)
        Invitation.objects.filter(pk=row.pk).update(created_by=gone)
        acceptance.accept_as_existing(invitation=row, account=user, proof=None, now=NOW)
        assert Membership.objects.current().get(grant__account=user).role == "administrator"


class TestLimits:
    def test_sending_again_counts_each_time(self, practice, oaa):
        """policy, invitation: 50 a day a practice. Three strangers who are written to all day are no way around it."""
        rows = [user_invited(f"u{n}@example.org", practice=practice, by=oaa, now=NOW) for n in range(3)]
        sent, moment = 3, NOW
        with pytest.raises(invitation_limits.TooManyToday):
            while sent < 60:
                moment += timedelta(minutes=5)
                invitations.resend(invitation=Invitation.objects.get(pk=rows[sent % 3].pk), by=oaa, now=moment)
                sent += 1
        assert sent == 50
        with pytest.raises(invitation_limits.TooManyToday):
            user_invited("one.more@example.org", practice=practice, by=oaa, now=moment)

    def test_sendings_of_the_day_before_count_no_more(self, practice, oaa):
        row = user_invited(practice=practice, by=oaa, now=NOW)
        for hours in (1, 2, 30):
            row = invitations.resend(invitation=row, by=oaa, now=NOW + timedelta(hours=hours))
        assert invitation_limits._sent_today(practice, now=NOW + timedelta(hours=30)).count() == 1


class TestCodesByLink:
    """policy, invitation: whoever holds a link, and not its mailbox, uses up half of its codes of a day at most."""

    def test_the_mailbox_itself_can_still_ask(self, practice, oaa, inbox):
        row, now = user_invited(practice=practice, by=oaa), timezone.now()
        thief, reader = Client(REMOTE_ADDR="192.0.2.9"), Client(REMOTE_ADDR="198.51.100.7")
        with time_machine.travel(now, tick=False) as clock:
            fill(thief, row, "thief")
            for _ in range(12):
                clock.shift(timedelta(minutes=16))  # beyond every shorter pause
                answer = thief.post(path_of(row, "code/"), {"resend": "1"}, follow=True)
            assert "No further message was sent yet." in answer.content.decode()
            assert OutboxMessage.objects.filter(kind="enrollment.MailboxCodeMail").count() == 5
            fill(thief, row, "thief")
            assert OutboxMessage.objects.filter(kind="enrollment.MailboxCodeMail").count() == 5, "nor by the form anew"
            fill(reader, row, "nora")
            assert OutboxMessage.objects.filter(kind="enrollment.MailboxCodeMail").count() == 6
            reader.post(path_of(row, "code/"), {"code": code_of(inbox)})
        assert Invitation.objects.get().accepted_by.login_name == "nora"

    def test_a_link_that_is_sent_again_begins_anew(self, practice, oaa):
        """Whoever was too eager asks their administrator."""
        now = timezone.now()
        row = user_invited(practice=practice, by=oaa, now=now)
        browser = Client()
        with time_machine.travel(now, tick=False) as clock:
            for _ in range(6):
                clock.shift(timedelta(minutes=16))
                fill(browser, row)
            count = OutboxMessage.objects.filter(kind="enrollment.MailboxCodeMail").count()
            row = invitations.resend(invitation=row, by=oaa, now=timezone.now())
            fill(browser, row)
            assert (count, OutboxMessage.objects.filter(kind="enrollment.MailboxCodeMail").count()) == (5, 6)


class TestComplaint:
    """ground 2: whoever marked our mail as spam still gets the code that they ask for, and a proof ends that."""

    def test_the_code_to_the_invited_mailbox_comes(self, client, practice, oaa, inbox):
        row = user_invited(practice=practice, by=oaa)
        inbox.clear()
        delivery._stop(delivery.address_key(row.email), SuppressedAddress.Cause.COMPLAINED, at=timezone.now())
        with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
            fill(client, row)
            client.post(path_of(row, "code/"), {"code": code_of(inbox)})
        assert Invitation.objects.get().state == "accepted"
        assert not delivery.stopped([row.email])


def test_the_token_stands_in_no_query(client, practice, oaa, inbox):
    """policy, Always: no token in logs. A proxy cuts paths that begin with the link's, and no queries."""
    row = user_invited(practice=practice, by=oaa)
    user = practice_user(Practice.objects.create(name="First"), "nora.first", email="nora@example.org")
    answer = client.get(path_of(row, "join/"))
    assert answer.url == "/id/sign-in/?portal=provider-online"
    client.get(answer.url)
    client.post(SIGN_IN, {"login": user.login_name, "password": PASSWORD})
    answer = client.post(FACTOR, {"otp_token": inbox.newest("text", "+14145550111").code})
    assert answer.url == path_of(row, "join/"), "where the person goes on is sealed in the browser"
