"""What happens to tickets, merges, and messages that were given up."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class TicketEvent(Event, abstract=True):
    number: str


class TicketOpened(TicketEvent, title=_("Ticket opened")): ...


class TicketTaken(TicketEvent, title=_("Work on the ticket began")): ...


class TicketClosed(TicketEvent, title=_("Ticket answered")): ...


class TicketExtended(TicketEvent, title=_("Something was added to the ticket")): ...


class TicketReplied(TicketEvent, title=_("Service desk replied")): ...


class TicketReopened(TicketEvent, title=_("Ticket opened again by a reply")): ...


class TicketHandedOver(TicketEvent, title=_("Ticket handed over to a colleague")):
    to: int  # the colleague's account


class TicketReleased(TicketEvent, title=_("Ticket given back to the queue")): ...


class AccountsMerged(Event, title=_("Two IDs merged into one")): ...


class MergeUndone(Event, title=_("Merge of two IDs undone")): ...


class MessageGivenAgain(Event, title=_("Message sent again")):
    """A member of staff sends a message anew that was given up; `message` is its kind."""

    message: str


class MailBounced(Event, title=_("A mail did not arrive")):
    """The mailbox, or the mail server, refused it; `message` is its kind, the row is what it was about."""

    message: str
