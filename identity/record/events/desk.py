"""What happens to tickets, merges, and messages that were given up."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketEvent(Event):
    number: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TicketOpened(TicketEvent):
    title = _("Ticket opened")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TicketTaken(TicketEvent):
    title = _("Work on the ticket began")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TicketClosed(TicketEvent):
    title = _("Ticket answered")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TicketExtended(TicketEvent):
    title = _("Something was added to the ticket")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccountsMerged(Event):
    title = _("Two IDs merged into one")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MergeUndone(Event):
    title = _("Merge of two IDs undone")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MessageGivenAgain(Event):
    """A member of staff sends a message anew that was given up; `message` is its kind."""

    title = _("Message sent again")
    message: str
