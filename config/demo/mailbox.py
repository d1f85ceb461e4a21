"""The demo's mail provider: what it takes lies in the inbox and counts as delivered; `bounce@...` bounces."""

from collections.abc import Iterable

from django.core.mail import EmailMessage
from django.utils import timezone
from django_mail_preview.backends import EmailBackend

from identity.record import delivery

BOUNCES = "bounce"  # whatever the domain


class Mailbox(EmailBackend):
    """Reports each mail as a provider's web hook does, by the same function and as early as can be."""

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        mails = list(email_messages)
        super().send_messages([mail for mail in mails if not _bounces(mail)])
        for mail in mails:
            _report(mail)
        return len(mails)


def _bounces(mail: EmailMessage) -> bool:
    return mail.to[0].partition("@")[0].casefold() == BOUNCES


def _report(mail: EmailMessage) -> None:
    now = timezone.now()
    told = delivery.Report(
        provider_id=mail.extra_headers.get("Message-ID", ""),
        delivery=delivery.Delivery.BOUNCED if _bounces(mail) else delivery.Delivery.DELIVERED,
        at=now,
        is_address=True,
        mark=getattr(mail, "metadata", {}).get("outbox", ""),
        address=mail.to[0],
    )
    delivery.report(told, now=now)
