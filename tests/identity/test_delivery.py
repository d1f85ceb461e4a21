"""Messages to anybody, and the life of a mail: handed over, deferred, delivered, bounced, opened (ground.md 2)."""

from typing import ClassVar

import pytest
from django.db import transaction
from django.utils import translation

from identity.models import OutboxMessage
from identity.notices.messages import render_mail_to
from identity.record import outbox
from identity.record.outbox import AnyMessage, Recipient
from portals.models import LegacyAccount
from tests.factories import NOW, LegacyAccountFactory

pytestmark = pytest.mark.django_db
State, Outcome = OutboxMessage.State, outbox.Outcome


class LetterMail(AnyMessage):
    """To the address of a row that belongs to no account."""

    language: ClassVar[str] = "es"
    legacy: int

    def recipient(self):
        row = LegacyAccount.objects.filter(pk=self.legacy).first()
        return Recipient(address=row.email, language=self.language, tenant=row.source) if row else None

    def render_for(self, recipient):
        told = {"number": translation.get_language(), "link": "https://id.example.org/"}
        return render_mail_to("identity/mail/ticket_opened", recipient=recipient, context=told)


def test_a_message_reaches_somebody_without_an_account(mailoutbox):
    """ground 2: a row of the sender's app holds address, language and brand; the outbox keeps its key only."""
    old = LegacyAccountFactory(source="trucase")
    transaction.atomic(outbox.enqueue)(LetterMail(legacy=old.pk), now=NOW)
    assert OutboxMessage.objects.get().ids == {"legacy": old.pk}
    assert outbox.drain(now=NOW) == Outcome.SENT
    (mail,) = mailoutbox
    assert mail.to == [old.email]
    assert "es" in mail.subject
    assert "Optum" in mail.from_email


def test_nothing_is_sent_once_the_row_is_gone(mailoutbox):
    old = LegacyAccountFactory()
    transaction.atomic(outbox.enqueue)(LetterMail(legacy=old.pk), now=NOW)
    old.delete()
    assert outbox.drain(now=NOW) == Outcome.SENT
    assert mailoutbox == []
