"""Messages about tickets."""

from typing import ClassVar

from django.urls import reverse

from identity.models import Account, Ticket
from identity.notices.messages.base import absolute, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message


class TicketMail(Message, abstract=True):
    """One step of a ticket. A mail names its number, never what was asked or answered."""

    template: ClassVar[str] = ""
    number: str
    message: int = 0  # the newest one: a ticket may be answered more than once

    def render(self, *, account: Account) -> Rendered | None:
        ticket = Ticket.objects.get(number=self.number)
        told = {"number": self.number, "link": absolute(reverse("ticket", args=[self.number]))}
        return render_mail(self.template, account=account, tenant=ticket.portal_key, context=told)


class TicketOpenedMail(TicketMail):
    """A ticket was opened, with its number."""

    template = "identity/mail/ticket_opened"


class TicketRepliedMail(TicketMail):
    """Staff replied, and wait for the person."""

    template = "identity/mail/ticket_replied"


class TicketClosedMail(TicketMail):
    """A ticket was answered."""

    template = "identity/mail/ticket_closed"


class TicketHandedOverMail(Message):
    """To a member of staff: a colleague handed a ticket over."""

    number: str
    entry: int

    def render(self, *, account: Account) -> Rendered | None:
        ticket = Ticket.objects.select_related("claimed_by").get(number=self.number)
        if ticket.claimed_by != account:
            return None  # given back, or answered, before the mail was made
        link = absolute(reverse("admin:identity_ticket_change", args=[ticket.pk]))
        told = {"number": self.number, "link": link}
        return render_mail("identity/mail/ticket_handed_over", account=account, tenant="", context=told)
