"""Messages about tickets."""

from typing import ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.models import Account, Ticket
from identity.notices import ticket_links
from identity.notices.messages.base import absolute, render_mail, render_mail_to
from identity.record.gateways.wire import Rendered
from identity.record.outbox import AnyMessage, Message, Recipient
from identity.tenancy import tenancy


class TicketMail(AnyMessage, abstract=True):
    """One step of a ticket, to its account or to whoever wrote without one. A mail names its number, never what was
    asked or answered."""

    template: ClassVar[str] = ""
    account_id: int = 0  # none of whoever wrote without an account
    number: str
    message: int = 0  # the newest one: a ticket may be answered more than once

    def recipient(self) -> Recipient | None:
        """The account as it is now, else the address that was given with the question. Nobody where the writer has left
        the practice that it is about: whoever runs the practice gets a mail of their own (decision 0057)."""
        ticket = self._ticket()
        if ticket.for_practice and not tenancy().writer_is_there(ticket, now=timezone.now()):
            return None
        if account := ticket.account:
            tenant = ticket.portal_key or tenancy().tenant_of_realm(account.realm).key
            return Recipient(address=account.email, language=account.language, tenant=tenant, account=account)
        contact = ticket.contact
        if not contact.email:
            return None
        return Recipient(address=contact.email, language=contact.language, tenant=ticket.portal_key)

    def render_for(self, recipient: Recipient) -> Rendered | None:
        """The mail, with the way to the conversation that its reader can go."""
        ticket, account = self._ticket(), recipient.account
        path = _own_path(ticket) if account else ticket_links.path_of(ticket)
        name = account.get_full_name() if account else ""  # what a stranger typed reaches nobody's mailbox
        context = {"number": self.number, "name": name, "link": absolute(path)}
        return render_mail_to(self.template, recipient=recipient, context=context)

    def _ticket(self) -> Ticket:
        return Ticket.objects.select_related("account").get(number=self.number)


def _own_path(ticket: Ticket) -> str:
    """Where whoever has an account reads it: a practice's conversation stands behind the door of its portal."""
    if ticket.for_practice:
        return reverse("portal_message", args=[ticket.portal_key, ticket.number])
    return reverse("ticket", args=[ticket.number])


class TicketOpenedMail(TicketMail, title=_("Ticket: opened")):
    """A ticket was opened, with its number."""

    template = "identity/mail/ticket_opened"


class TicketRepliedMail(TicketMail, optional=True, title=_("Ticket: we wait for you")):
    """Staff replied, and wait for the person."""

    template = "identity/mail/ticket_replied"


class TicketClosedMail(TicketMail, optional=True, title=_("Ticket: answered")):
    """A ticket was answered."""

    template = "identity/mail/ticket_closed"


class TicketHandedOverMail(Message, title=_("Ticket: handed over to you")):
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
