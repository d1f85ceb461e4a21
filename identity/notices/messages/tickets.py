"""Messages about tickets."""

from typing import ClassVar

from django.urls import reverse

from identity.models import Account
from identity.notices.messages.base import absolute, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message


class TicketMail(Message, abstract=True):
    """One step of a ticket. A mail names its number, never what was asked or answered."""

    template: ClassVar[str] = ""
    number: str

    def render(self, *, account: Account) -> Rendered | None:
        told = {"number": self.number, "link": absolute(reverse("ticket", args=[self.number]))}
        return render_mail(self.template, account=account, tenant="", context=told)


class TicketOpenedMail(TicketMail):
    """A ticket was opened, with its number."""

    template = "identity/mail/ticket_opened"


class TicketClosedMail(TicketMail):
    """A ticket was answered."""

    template = "identity/mail/ticket_closed"
