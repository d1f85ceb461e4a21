"""Invitations: sent, sent again, canceled, asked for, accepted with a new account or with one that is there."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from enrollment.domain import acceptance, invitation_limits, invitation_links, invitations
from enrollment.domain.invitation_links import InvitationEnded, LinkReplaced, LinkUnknown, Standing
from enrollment.domain.invitations import Invitee
from enrollment.models import Invitation, Kind
from identity.accounts import accounts
from identity.accounts.accounts import SignUp
from identity.codes import codes
from identity.models import Account, JournalEntry, OutboxMessage
from rbac.models import AccessGrant, Membership, Origin, Practice
from tests.factories import NOW, PASSWORD, AccountFactory, GrantFactory
from tests.steps.invitations import PORTAL, practice_user, proved, staff_invited, user_invited

pytestmark = pytest.mark.django_db
NO_PASSWORD = make_password(None)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def invitation(practice, oaa) -> Invitation:
    return user_invited(practice=practice, by=oaa, now=NOW)


def sign_up(login_name: str = "nora", realm: str = PORTAL) -> SignUp:
    return SignUp(realm, login_name, "Nora", "Office", None, "nora@example.org", "", "", "en")


def accept_new(invitation: Invitation, login_name: str = "nora", now=NOW) -> Account:
    proof = acceptance.send_code(invitation=invitation, account=None, now=now)
    return acceptance.accept_as_new(
        invitation=invitation, sign_up=sign_up(login_name), password_hash=NO_PASSWORD, proof=proof, now=now
    )


def join(invitation: Invitation, account: Account, now=NOW, **facts) -> None:
    acceptance.accept_as_existing(invitation=invitation, account=account, now=now, **{"proof": None, **facts})


def events() -> list[str]:
    kinds = JournalEntry.objects.filter(kind__startswith="enrollment.").order_by("pk")
    return [kind.partition(".")[2] for kind in kinds.values_list("kind", flat=True)]


def mails() -> list[str]:
    return list(OutboxMessage.objects.filter(kind__startswith="enrollment.").values_list("kind", flat=True))


class TestInviting:
    def test_it_is_sent_by_the_outbox_with_its_event(self, invitation, oaa, practice):
        """S4-19: kinds and ids, never a link."""
        row = OutboxMessage.objects.get(kind="enrollment.InvitationMail")
        assert row.ids == {"invitation": str(invitation.pk), "sending": 1}
        entry = JournalEntry.objects.get(kind="enrollment.InvitationSent")
        assert (entry.by, entry.object_id) == (oaa, str(invitation.pk))
        assert entry.facts == {"kind": "office user", "portal_key": PORTAL, "practice": practice.pk, "role": "user"}

    @pytest.mark.parametrize("typed", ["NORA@Example.org", " nora@example.org ", "nora@ExAMPLE.ORG"])
    def test_the_same_address_is_invited_once_however_it_is_spelled(self, invitation, oaa, practice, typed):
        with pytest.raises(invitations.AlreadyInvited):
            user_invited(typed, practice=practice, by=oaa, now=NOW)
        assert Invitation.objects.count() == 1
        other = Practice.objects.create(name="Another")
        user_invited(typed, practice=other, now=NOW)

    def test_nobody_invites_themselves(self, oaa, practice):
        proved(oaa, "second@example.org")
        for address in ("olga.admin@example.org", "Second@example.org"):
            with pytest.raises(invitations.OwnAddress):
                user_invited(address, practice=practice, by=oaa, now=NOW)

    def test_twenty_are_open_of_one_administrator(self, oaa, practice):
        """policy, invitation."""
        sent = [user_invited(f"u{n}@example.org", practice=practice, by=oaa, now=NOW) for n in range(20)]
        with pytest.raises(invitation_limits.TooManyOpen):
            user_invited("one.more@example.org", practice=practice, by=oaa, now=NOW)
        invitations.cancel(invitation=sent[0], by=oaa, now=NOW)
        user_invited("one.more@example.org", practice=practice, by=oaa, now=NOW)

    def test_fifty_a_day_are_sent_for_one_practice(self, oaa, practice):
        """policy, invitation: whoever sends them, and sending again counts."""
        sent = [user_invited(f"u{n}@example.org", practice=practice, now=NOW) for n in range(50)]
        with pytest.raises(invitation_limits.TooManyToday):
            user_invited("one.more@example.org", practice=practice, by=oaa, now=NOW)
        Invitation.objects.filter(pk=sent[0].pk).update(last_sent_at=NOW - 25 * HOUR)
        user_invited("one.more@example.org", practice=practice, by=oaa, now=NOW)
        with pytest.raises(invitation_limits.TooManyToday):
            invitations.resend(invitation=Invitation.objects.get(pk=sent[0].pk), by=oaa, now=NOW)

    @pytest.mark.parametrize("accounts_there", [0, 1, 2])
    def test_whether_the_address_has_accounts_makes_no_difference(
        self, oaa, practice, accounts_there, django_assert_num_queries
    ):
        """D-26, leap 1: the same statements, rows and mail for none, one and two."""
        for number in range(accounts_there):
            account = AccountFactory(login_name=f"known{number}", realm=PORTAL, email="nora@example.org")
            GrantFactory(account=account, portal_key=PORTAL)
        with django_assert_num_queries(11 + (connection.vendor == "postgresql")):  # one is its lock
            user_invited(practice=practice, by=oaa, now=NOW)
        assert mails() == ["enrollment.InvitationMail"]

    def test_what_lapsed_and_is_not_written_yet_stands_in_nobodys_way(self, invitation, oaa, practice):
        """S4-24: the process is followed again, whatever the job does."""
        later = NOW + timedelta(days=7)
        user_invited(practice=practice, by=oaa, now=later)
        invitation.refresh_from_db()
        assert invitation.state == "lapsed"


class TestLinks:
    def test_a_link_names_its_sending(self, invitation, oaa):
        """C10: an older link of ours is recognized, and leads to the newer one."""
        first = invitation_links.token_of(invitation)
        assert invitation_links.find(first, now=NOW) == invitation
        later = NOW + HOUR
        invitations.resend(invitation=invitation, by=oaa, now=later)
        second = invitation_links.token_of(invitation)
        assert invitation_links.find(second, now=later) == invitation
        with pytest.raises(LinkReplaced) as replaced:
            invitation_links.find(first, now=later)
        assert replaced.value.invitation.last_sent_at == later

    @pytest.mark.parametrize(
        "cut", [lambda t: t[:-3], lambda t: t[:20], lambda t: t + "x", lambda t: "x", lambda t: "é"]
    )
    def test_a_link_that_a_mail_program_cut_is_nobodys(self, invitation, cut):
        with pytest.raises(LinkUnknown):
            invitation_links.find(cut(invitation_links.token_of(invitation)), now=NOW)

    def test_the_link_is_bound_to_the_address(self, invitation):
        token = invitation_links.token_of(invitation)
        Invitation.objects.update(email="other@example.org")
        with pytest.raises(LinkUnknown):
            invitation_links.find(token, now=NOW)

    def test_both_clocks_begin_anew_with_each_sending(self, invitation, oaa):
        """S4-23, C10."""
        later = NOW + timedelta(days=6)
        invitations.resend(invitation=invitation, by=oaa, now=later)
        assert invitation_links.ends_at(invitation) == later + 72 * HOUR
        assert invitation_links.lapses_at(invitation) == later + timedelta(days=7)


class TestSendingAgainAndCanceling:
    def test_sent_again_says_so(self, invitation, oaa):
        """S4-21."""
        invitations.resend(invitation=invitation, by=oaa, now=NOW + HOUR)
        assert (invitation.state, invitation.sendings, invitation.last_sent_at) == ("sent", 2, NOW + HOUR)
        assert events() == ["InvitationSent", "InvitationResent"]
        assert mails() == ["enrollment.InvitationMail"] * 2

    def test_an_ended_link_can_be_sent_again_a_lapsed_invitation_cannot(self, invitation, oaa):
        """S4-21, S4-24."""
        with pytest.raises(InvitationEnded) as ended:
            invitations.resend(invitation=invitation, by=oaa, now=NOW + timedelta(days=7))
        assert ended.value.standing == Standing.LAPSED
        invitations.resend(invitation=invitation, by=oaa, now=NOW + timedelta(days=7) - SECOND)

    def test_not_at_once_and_not_without_end(self, invitation, oaa):
        with pytest.raises(invitations.SentJustNow):
            invitations.resend(invitation=invitation, by=oaa, now=NOW + SECOND)
        for number in range(1, invitation_limits.MAX_SENDINGS):
            invitations.resend(invitation=invitation, by=oaa, now=NOW + number * HOUR)
        with pytest.raises(invitation_limits.TooManyToday):
            invitations.resend(invitation=invitation, by=oaa, now=NOW + 21 * HOUR)

    def test_canceled_is_canceled(self, invitation, oaa):
        """S4-21."""
        invitations.cancel(invitation=invitation, by=oaa, now=NOW)
        for act in (invitations.cancel, invitations.resend):
            with pytest.raises(InvitationEnded):
                act(invitation=invitation, by=oaa, now=NOW + HOUR)
        with pytest.raises(InvitationEnded):
            accept_new(invitation)
        assert events() == ["InvitationSent", "InvitationCanceled"]
        assert not Account.objects.filter(login_name="nora").exists()

    def test_the_job_writes_what_holds_and_tells_who_invited(self, invitation, oaa):
        """S4-23, S4-24."""
        assert invitations.lapse_due(now=NOW + timedelta(days=7) - SECOND) == 0
        assert invitations.lapse_due(now=NOW + timedelta(days=7)) == 1
        invitation.refresh_from_db()
        assert (invitation.state, invitation.ended_at) == ("lapsed", NOW + timedelta(days=7))
        row = OutboxMessage.objects.get(kind="enrollment.InvitationLapsedMail")
        assert row.ids["account_id"] == oaa.pk

    def test_too_many_at_once_wait_for_two_people(self, practice):
        """policy, mass acts: 51 of 51 are more than 50."""
        for number in range(51):
            at = NOW - timedelta(days=number % 2 + 1)
            user_invited(f"u{number}@example.org", practice=Practice.objects.create(name=f"P{number}"), now=at)
        assert invitations.lapse_due(now=NOW + timedelta(days=9)) == 0
        assert Invitation.objects.open().count() == 51

    def test_what_is_pending_passes_to_the_other_administrator(self, invitation, oaa, practice):
        """D-15, the one exception to S4-22."""
        other = practice_user(practice, "second.admin", role="administrator")
        assert invitations.pass_on(practice=practice, owner=oaa, to=other, now=NOW) == 1
        assert list(invitation_limits.pending(now=NOW).owned_by(other)) == [invitation]
        assert not invitation_limits.pending(now=NOW).owned_by(oaa).exists()

    def test_the_invited_person_asks_once_a_day(self, invitation, oaa):
        """lifecycle, ask_again."""
        assert invitations.ask_again(invitation=invitation, now=NOW) == oaa
        with pytest.raises(invitations.AskedAlready):
            invitations.ask_again(invitation=invitation, now=NOW + 24 * HOUR - SECOND)
        invitations.ask_again(invitation=invitation, now=NOW + 24 * HOUR)
        assert mails().count("enrollment.AskedAgainMail") == 2

    def test_nobody_is_asked_where_nobody_stands_behind_it(self):
        with pytest.raises(invitations.NobodyToAsk):
            invitations.ask_again(invitation=staff_invited("a@example.org"), now=NOW)


class TestAcceptingAsNew:
    def test_account_grant_and_membership_come_together(self, invitation, oaa, practice):
        """S4-07, S4-19, S4-38."""
        Invitation.objects.update(city="Milwaukee", office_state="WI", ends_on="2027-01-31")
        account = accept_new(invitation)
        assert account.emailaddress_set.get().verified
        grant = AccessGrant.objects.get(account=account)
        assert (grant.portal_key, grant.origin, grant.origin_key, grant.by) == (
            PORTAL, Origin.INVITATION, str(invitation.pk), oaa,
        )  # fmt: skip
        membership = grant.memberships.get()
        assert (membership.practice, membership.role, membership.city, membership.state) == (
            practice, "user", "Milwaukee", "WI",
        )  # fmt: skip
        assert str(membership.ends_on) == "2027-01-31"
        invitation.refresh_from_db()
        assert (invitation.state, invitation.accepted_by, invitation.ended_at) == ("accepted", account, NOW)
        assert events() == ["InvitationSent", "InvitationAccepted"]
        assert OutboxMessage.objects.get(kind="enrollment.InvitationAcceptedMail").ids["account_id"] == oaa.pk

    def test_a_forwarded_link_alone_is_worth_nothing(self, invitation):
        """policy, invitation: bound to the invited address."""
        stranger = AccountFactory(login_name="s", realm=PORTAL)
        for_another = acceptance.send_code(invitation=invitation, account=stranger, now=NOW)
        for proof in (None, for_another):
            with pytest.raises(acceptance.MailboxNotProved):
                acceptance.accept_as_new(
                    invitation=invitation, sign_up=sign_up(), password_hash=NO_PASSWORD, proof=proof, now=NOW
                )
        assert not Account.objects.filter(login_name="nora").exists()

    def test_a_code_to_another_mailbox_proves_nothing(self, invitation, practice):
        other = user_invited("other@example.org", practice=practice, now=NOW)
        proof = acceptance.send_code(invitation=other, account=None, now=NOW)
        with pytest.raises(acceptance.MailboxNotProved):
            acceptance.accept_as_new(
                invitation=invitation, sign_up=sign_up(), password_hash=NO_PASSWORD, proof=proof, now=NOW
            )

    def test_only_the_newest_code_counts_and_each_once(self, invitation, practice):
        old = acceptance.send_code(invitation=invitation, account=None, now=NOW - HOUR)
        new = acceptance.send_code(invitation=invitation, account=None, now=NOW)
        with pytest.raises(codes.WrongCode):
            acceptance.check_code(invitation=invitation, account=None, typed=codes.code_of(old), now=NOW)
        assert acceptance.check_code(invitation=invitation, account=None, typed=codes.code_of(new), now=NOW) == new
        codes.use(new, now=NOW)
        with pytest.raises(codes.CodeEnded):
            acceptance.accept_as_new(
                invitation=invitation, sign_up=sign_up(), password_hash=NO_PASSWORD, proof=new, now=NOW
            )
        assert Invitation.objects.get(pk=invitation.pk).state == "sent", "nothing half done"

    def test_a_taken_name_uses_nothing_up(self, invitation):
        AccountFactory(login_name="Nora", realm=PORTAL)
        proof = acceptance.send_code(invitation=invitation, account=None, now=NOW)
        with pytest.raises(accounts.LoginNameTaken):
            acceptance.accept_as_new(
                invitation=invitation, sign_up=sign_up(), password_hash=NO_PASSWORD, proof=proof, now=NOW
            )
        assert accept_with(invitation, proof, "nora2").login_name == "nora2"

    def test_a_name_that_is_somebodys_proved_address_is_theirs(self, invitation):
        """C2."""
        AccountFactory(login_name="holder", realm=PORTAL, email="nora@example.org")
        proof = acceptance.send_code(invitation=invitation, account=None, now=NOW)
        with pytest.raises(accounts.LoginNameTaken):
            accept_with(invitation, proof, "nora@example.org")

    def test_an_older_link_accepts_nothing_once_a_newer_one_was_sent(self, invitation, oaa):
        stale = Invitation.objects.get(pk=invitation.pk)
        invitations.resend(invitation=invitation, by=oaa, now=NOW + HOUR)
        with pytest.raises(LinkReplaced):
            accept_new(stale, now=NOW + HOUR)

    def test_staff_get_rights_and_no_portal(self):
        invitation = staff_invited("boss@example.org", role="service desk")
        account = acceptance.accept_as_new(
            invitation=invitation, sign_up=sign_up("boss", realm="ohid"), password_hash=NO_PASSWORD, proof=None, now=NOW
        )
        assert account.is_staff
        assert not account.emailaddress_set.get().verified, "the sign-in proves it"
        assert not AccessGrant.objects.filter(account=account).exists()


def accept_with(invitation: Invitation, proof, login_name: str) -> Account:
    return acceptance.accept_as_new(
        invitation=invitation, sign_up=sign_up(login_name), password_hash=NO_PASSWORD, proof=proof, now=NOW
    )


class TestJoining:
    def test_an_account_that_reads_the_mailbox_joins(self, invitation, practice):
        """D-26: no second account, the grant stays the same row, the other practice stays."""
        other = Practice.objects.create(name="First practice")
        account = practice_user(other, "nora.first", email="nora@example.org")
        grant = AccessGrant.objects.get(account=account)
        join(invitation, account)
        assert AccessGrant.objects.get(account=account).pk == grant.pk
        assert {one.practice for one in Membership.objects.open_at(NOW).filter(grant=grant)} == {other, practice}

    def test_another_account_proves_the_mailbox(self, invitation):
        account = AccountFactory(login_name="nora.b", realm=PORTAL)
        with pytest.raises(acceptance.MailboxNotProved):
            join(invitation, account)
        with pytest.raises(acceptance.MailboxNotProved):
            join(invitation, account, proof=acceptance.send_code(invitation=invitation, account=None, now=NOW))
        join(invitation, account, proof=acceptance.send_code(invitation=invitation, account=account, now=NOW))
        assert Membership.objects.open_at(NOW).filter(grant__account=account).exists()

    def test_who_works_there_already_keeps_what_they_have(self, oaa, practice):
        """An administrator who is invited as a user stays one; a user who is made administrator becomes one (D-12)."""
        admin = practice_user(practice, "second.admin", role="administrator", email="nora@example.org")
        join(user_invited(practice=practice, by=oaa, now=NOW), admin)
        assert Membership.objects.current().get(grant__account=admin).role == "administrator"
        user = practice_user(practice, "a.user", email="rosa@example.org")
        raised = user_invited(
            "rosa@example.org", practice=practice, now=NOW, kind=Kind.ADMINISTRATOR, role="administrator"
        )
        join(raised, user)
        assert Membership.objects.current().get(grant__account=user).role == "administrator"

    def test_a_deactivated_user_is_not_woken_by_an_invitation(self, oaa, practice):
        user = practice_user(practice, "a.user", email="nora@example.org")
        Membership.objects.filter(grant__account=user).update(suspended_at=NOW)
        join(user_invited(practice=practice, by=oaa, now=NOW), user)
        assert not Membership.objects.open_at(NOW).filter(grant__account=user).exists()

    def test_another_realm_cannot_join_nor_whoever_invited(self, invitation, oaa, provider):
        with pytest.raises(acceptance.OtherRealm):
            join(invitation, provider)
        with pytest.raises(acceptance.OwnInvitation):
            join(invitation, oaa)

    def test_staff_never_join_with_an_account_they_have(self, provider):
        with pytest.raises(acceptance.OtherRealm):
            join(staff_invited(provider.email), provider)

    def test_it_works_once(self, invitation):
        account = AccountFactory(login_name="nora.b", realm=PORTAL, email="nora@example.org")
        join(invitation, account)
        for again in (lambda: join(invitation, account), lambda: accept_new(invitation, "nora.c")):
            with pytest.raises(InvitationEnded) as ended:
                again()
            assert ended.value.standing == Standing.ACCEPTED


class TestMails:
    def test_a_user_reads_who_invites_to_what(self, invitation, inbox):
        """S4-19, S4-05."""
        invitation = user_invited(practice=invitation.practice, by=invitation.owner, email="new@example.org")
        mail = inbox.newest("mail", "new@example.org")
        for said in (
            "Hi Nora Office,",
            "Olga Adams has invited you to use Provider OnLine for Lakeside Clinic.",
            "Simply select the Sign-Up button below to complete your registration.",
            "This invitation expires in 72 hours.",
            "Chorus Community Health Plans",
        ):
            assert said in mail.text, said
        assert ">Sign Up</a>" in mail.html
        assert mail.link == f"/enroll/invitation/{invitation_links.token_of(invitation)}/"

    def test_administrators_read_the_table_of_all_of_them(self, practice, inbox):
        """S4-06, S4-39: word for word."""
        for officer, first in (("secondary", "Sam"), ("primary", "Pia")):
            user_invited(
                practice=practice, kind=Kind.ADMINISTRATOR, role="administrator", officer=officer, origin_key="AR-1",
                invitee=Invitee(email=f"{first.lower()}@example.org", first_name=first, last_name="Officer"),
            )  # fmt: skip
        mail = inbox.newest("mail", "sam@example.org")
        for said in (
            "Your recent request for account administrator access has been approved for the following users:",
            "Security Officers:\nType | Name | Email\nPrimary | Pia Officer | pia@example.org\nSecondary | Sam Officer",
            "Now you will need to register for the Provider OnLine Portal.",
            "It is easy to enroll! Simply select the Sign-Up button below to complete your registration. "
            "This invitation expires in 72 hours. "
            "If your invitation has expired, please contact Provider Services for assistance.",
            "Please contact Provider Services if you have any questions or concerns: 1-844-202-0117",
        ):
            assert said in mail.text, said

    @pytest.mark.parametrize("written", [True, False])
    def test_the_table_names_nobody_whose_invitation_is_over(self, practice, inbox, written):
        """S4-06: the open ones and the accepted ones, whether or not the job has written what lapsed."""
        at = timezone.now()
        invited = {}
        for first in ("Pia", "Sam", "Tom"):
            invited[first] = user_invited(
                practice=practice, kind=Kind.ADMINISTRATOR, role="administrator", origin_key="AR-1", now=at,
                invitee=Invitee(email=f"{first.lower()}@example.org", first_name=first, last_name="Officer"),
            )  # fmt: skip
        join(invited["Tom"], AccountFactory(login_name="tom.o", realm=PORTAL, email="tom@example.org"), now=at)
        days = timedelta(days=31)
        Invitation.objects.filter(pk=invited["Sam"].pk).update(last_sent_at=at - days)
        Invitation.objects.filter(pk=invited["Tom"].pk).update(last_sent_at=at - days)
        if written:
            invitations.lapse(invitation=Invitation.objects.get(pk=invited["Sam"].pk), now=at)
        Invitation.objects.filter(pk=invited["Pia"].pk).update(last_sent_at=at - timedelta(days=1))
        invitations.resend(invitation=Invitation.objects.get(pk=invited["Pia"].pk), by=None, now=at)
        table = inbox.newest("mail", "pia@example.org").text
        assert ("Pia Officer" in table, "Tom Officer" in table, "Sam Officer" in table) == (True, True, False)

    def test_a_mail_that_is_late_says_nothing_untrue(self, invitation, oaa, inbox):
        """A canceled or newer invitation is not mailed."""
        fresh = user_invited("late@example.org", practice=invitation.practice, by=oaa)
        invitations.cancel(invitation=fresh, by=oaa, now=timezone.now())
        assert "late@example.org" not in {one.to for one in inbox.all()}

    def test_the_inviter_reads_that_somebody_joined_and_not_how(self, practice, oaa, inbox):
        """D-26: the same words for a new account and for one that was there."""
        said = []
        for number, joins in enumerate((True, False)):
            address = f"nora{number}@example.org"
            fresh = user_invited(address, practice=practice, by=oaa)
            now = timezone.now()
            if joins:
                join(fresh, AccountFactory(login_name="had.one", realm=PORTAL, email=address), now=now)
            else:
                accept_new(fresh, now=now)
            said.append(inbox.newest("mail", oaa.email).text.replace(address, "ADDRESS"))
        assert said[0] == said[1]
        assert "Nora Office (ADDRESS) has accepted your invitation to Provider OnLine for Lakeside Clinic." in said[0]


def test_every_step_needs_the_transaction_of_its_own(invitation, oaa):
    """house: whatever fails leaves nothing behind."""
    with pytest.raises(RuntimeError), transaction.atomic():
        invitations.cancel(invitation=invitation, by=oaa, now=NOW)
        raise RuntimeError
    assert Invitation.objects.get(pk=invitation.pk).state == "sent"


def test_the_hash_is_made_before(invitation):
    """house: nothing slow stands in a transaction; the domain takes the hash."""
    encoded = accounts.hashed(PASSWORD)
    proof = acceptance.send_code(invitation=invitation, account=None, now=NOW)
    account = acceptance.accept_as_new(
        invitation=invitation, sign_up=sign_up(), password_hash=encoded, proof=proof, now=NOW
    )
    assert account.check_password(PASSWORD)
