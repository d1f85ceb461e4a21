"""What became of the mail of an invitation, for whoever sees the invitation: a bounce looks like nobody who answers."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from enrollment import messages
from enrollment.domain import invitations
from enrollment.models import Invitation
from identity.models import OutboxMessage
from identity.record import outbox


def newest_of(rows: Iterable[Invitation]) -> dict[UUID, OutboxMessage]:
    """The mail of the last sending of each invitation, in one question: handed over, delivered, bounced, opened."""
    keys = {messages.InvitationMail(invitation=str(row.pk), sending=row.sendings).dedupe_key: row.pk for row in rows}
    found = OutboxMessage.objects.filter(dedupe_key__in=keys)
    return {keys[mail.dedupe_key]: mail for mail in found}


def tell_of_bounce(*, mail: OutboxMessage, now: datetime) -> None:
    """Tell whoever sees the invitation that its newest mail did not arrive, in the caller's transaction. An older
    sending, and an invitation that is no longer open, are nobody's business any more."""
    row = Invitation.objects.open().filter(pk=mail.ids["invitation"], sendings=mail.ids["sending"]).first()
    told = invitations.told_of(row) if row else None
    if row is None or told is None:
        return
    message = messages.InvitationBouncedMail(account_id=told.pk, invitation=str(row.pk), sending=row.sendings)
    outbox.enqueue(message, now=now)
