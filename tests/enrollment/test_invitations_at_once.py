"""Of many who press at once one wins, and everybody else reads why. On PostgreSQL:
SQLite has one writer at a time."""

from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.utils import timezone

from enrollment.domain import acceptance, invitation_limits, invitations
from enrollment.domain.invitation_links import InvitationEnded
from enrollment.models import Invitation
from identity.accounts.accounts import SignUp
from identity.models import Account, JournalEntry
from identity.record.machine import NotPossible
from rbac.models import AccessGrant, Membership, Practice
from tests.factories import AccountFactory
from tests.steps.invitations import PORTAL, path_of, practice_user, user_invited
from tests.steps.sign_in import signed_in
from tests.together import together, turn_by_turn

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks"),
    pytest.mark.django_db(transaction=True),
]
NO_PASSWORD = make_password(None)


@pytest.fixture(autouse=True)
def _no_relay(monkeypatch):
    monkeypatch.setattr("identity.record.outbox.QUEUE.nudge", lambda: None)


@pytest.fixture
def invitation(db) -> Invitation:
    practice = Practice.objects.create(name="Lakeside Clinic")
    return user_invited(practice=practice, by=practice_user(practice, "olga.admin", role="administrator"))


def test_fifty_acceptances_make_one_account(invitation):
    """To be shown: one account, 49 polite refusals; one grant, one membership, one event."""
    proof = acceptance.send_code(invitation=invitation, account=None, now=timezone.now())

    def accept(number: int) -> str:
        row = Invitation.objects.get(pk=invitation.pk)
        sign_up = SignUp(PORTAL, f"nora{number}", "Nora", "Office", None, row.email, "", "", "en")
        try:
            acceptance.accept_as_new(
                invitation=row, sign_up=sign_up, password_hash=NO_PASSWORD, proof=proof, now=timezone.now()
            )
        except InvitationEnded as ended:
            return ended.standing.value
        return "made"

    answers = turn_by_turn(*(lambda n=n: accept(n) for n in range(50)))
    assert Counter(answers) == {"made": 1, "accepted": 49}
    account = Account.objects.get(login_name__startswith="nora")
    assert AccessGrant.objects.get(account=account).memberships.count() == 1
    assert JournalEntry.objects.filter(kind="enrollment.InvitationAccepted").count() == 1


def test_fifty_presses_of_join_are_one_membership_and_49_polite_pages(invitation):
    """To be shown, in browsers: nobody sees an error."""
    account = AccountFactory(login_name="nora.b", realm=PORTAL, email=invitation.email, phone="+14145550177")
    browsers = [signed_in(account, verified=True) for _ in range(50)]
    path = path_of(invitation, "join/")
    answers = turn_by_turn(*(lambda b=browser: b.post(path).status_code for browser in browsers))
    assert Counter(answers) == {302: 1, 410: 49}
    assert Membership.objects.filter(grant__account=account).count() == 1
    assert "If that was you, log in." in Client().get(path).content.decode()


@pytest.mark.parametrize("_round", range(20))
def test_an_acceptance_against_a_cancellation_has_one_outcome(invitation, _round):
    """To be shown: 25 against 25."""
    owner = invitation.owner
    account = AccountFactory(login_name="nora.b", realm=PORTAL, email=invitation.email)

    def accept() -> str:
        row = Invitation.objects.get(pk=invitation.pk)
        try:
            acceptance.accept_as_existing(invitation=row, account=account, proof=None, now=timezone.now())
        except (InvitationEnded, NotPossible):
            return "refused"
        return "accepted"

    def cancel() -> str:
        row = Invitation.objects.get(pk=invitation.pk)
        try:
            invitations.cancel(invitation=row, by=owner, now=timezone.now())
        except (InvitationEnded, NotPossible):
            return "refused"
        return "canceled"

    answers = Counter(turn_by_turn(*[accept, cancel] * 25))
    row = Invitation.objects.get(pk=invitation.pk)
    assert answers == {row.state: 1, "refused": 49}
    assert Membership.objects.filter(grant__account=account).exists() == (row.state == "accepted")
    ends = JournalEntry.objects.filter(kind__in=["enrollment.InvitationAccepted", "enrollment.InvitationCanceled"])
    assert ends.count() == 1


def test_the_limit_of_an_administrator_holds_for_thirty_at_once(invitation):
    """policy, invitation: twenty open, however many windows send."""

    def send(number: int) -> str:
        try:
            user_invited(f"u{number}@example.org", practice=invitation.practice, by=invitation.owner)
        except invitation_limits.TooManyOpen:
            return "too many"
        return "sent"

    answers = Counter(turn_by_turn(*(lambda n=n: send(n) for n in range(30))))
    assert answers == {"sent": 19, "too many": 11}


def test_one_address_is_invited_once(invitation):
    def send() -> str:
        try:
            user_invited("same@example.org", practice=invitation.practice)
        except invitations.AlreadyInvited:
            return "already"
        return "sent"

    assert Counter(together(send, threads=10)) == {"sent": 1, "already": 9}


def test_sent_again_twice_at_once_is_one_sending(invitation):
    Invitation.objects.update(last_sent_at=timezone.now() - timedelta(hours=1))

    def send() -> str:
        row = Invitation.objects.get(pk=invitation.pk)
        try:
            invitations.resend(invitation=row, by=row.owner, now=timezone.now())
        except (NotPossible, invitations.SentJustNow):
            return "refused"
        return "sent"

    assert Counter(together(send, threads=10)) == {"sent": 1, "refused": 9}
    assert Invitation.objects.get(pk=invitation.pk).sendings == 2
