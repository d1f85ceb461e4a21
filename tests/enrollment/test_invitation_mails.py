"""The life of an invitation's mail, for whoever sees the invitation (ground, messages to anybody)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from enrollment.domain import invitation_mails, invitations
from enrollment.models import Invitation
from identity.models import OutboxMessage
from identity.record import delivery
from tests.steps.invitations import path_of, user_invited

pytestmark = pytest.mark.django_db
Delivery = OutboxMessage.Delivery


@pytest.fixture
def invitation(practice, oaa, inbox) -> Invitation:
    sent = user_invited(practice=practice, by=oaa)
    inbox.all()  # the relay hands it over
    return sent


def bounce(mail: OutboxMessage) -> None:
    OutboxMessage.objects.filter(pk=mail.pk).update(provider_id=f"p{mail.pk}")
    now = timezone.now()
    told = delivery.Report(provider_id=f"p{mail.pk}", delivery=Delivery.BOUNCED, at=now, is_address=True)
    assert delivery.report(told, now=now)


def newest(invitation: Invitation) -> OutboxMessage:
    return invitation_mails.newest_of([invitation])[invitation.pk]


def test_the_newest_sending_speaks(invitation, oaa, inbox):
    assert newest(invitation).delivery == Delivery.ACCEPTED
    assert newest(invitation).first_opened_at is None
    Client().get(path_of(invitation))
    assert newest(invitation).first_opened_at is not None
    bounce(newest(invitation))
    assert newest(invitation).delivery == Delivery.BOUNCED


def test_a_bounce_is_told_to_whoever_invited(invitation, oaa, inbox):
    """Messages to the inviter: bounced. It looks like nobody who answers."""
    bounce(newest(invitation))
    mail = inbox.newest("mail", oaa.email)
    assert mail.subject == "Your invitation to Nora Office did not arrive"
    assert "the mailbox nora@example.org does not exist, or takes no mail" in mail.text


def test_a_bounce_of_what_is_over_is_nobodys_business(invitation, oaa):
    old = newest(invitation)
    invitations.cancel(invitation=invitation, by=oaa, now=timezone.now())
    bounce(old)
    assert not OutboxMessage.objects.filter(kind="enrollment.InvitationBouncedMail").exists()


def test_sending_again_asks_for_mail_to_the_address_once_more(invitation, oaa, inbox):
    bounce(newest(invitation))
    assert delivery.stopped([invitation.email]) == {invitation.email: "bounced"}
    Invitation.objects.update(last_sent_at=timezone.now() - timedelta(hours=1))
    again = Invitation.objects.get()
    invitations.resend(invitation=again, by=oaa, now=timezone.now())
    assert delivery.stopped([invitation.email]) == {}
    assert inbox.newest("mail", "nora@example.org").link == path_of(again)


def test_many_are_asked_for_in_one_question(invitation, practice, django_assert_num_queries):
    """speed: a list of pending users grows by rows, not by questions."""
    rows = [invitation, *(user_invited(f"u{n}@example.org", practice=practice) for n in range(5))]
    with django_assert_num_queries(1):
        assert len(invitation_mails.newest_of(rows)) == 6
