"""What enrollment does when something happens to a mail, which identity cannot name."""

from datetime import datetime

from enrollment.domain import invitation_mails
from enrollment.messages import InvitationMail
from identity.models import OutboxMessage
from identity.record import journal
from identity.record.events import MailBounced


def tell_of_bounced_invitation(event: MailBounced, now: datetime) -> None:
    """Whoever invited somebody by an address that takes no mail corrects it, instead of waiting (C10)."""
    if event.message == InvitationMail.stored_as and isinstance(event.about, OutboxMessage):
        invitation_mails.tell_of_bounce(mail=event.about, now=now)


journal.subscribe(MailBounced, tell_of_bounced_invitation)
