"""The link by which whoever wrote without an account reads and answers their ticket: derived, bound to the address."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from identity.keys import links
from identity.models import Ticket
from identity.policy import lifecycle


class LinkEnded(Exception):
    """None of ours, or the ticket was answered longer ago than `ticket_reply`."""


def path_of(ticket: Ticket) -> str:
    """Where the conversation of a ticket without an account stands."""
    return reverse("ticket_by_mail", args=[links.seal(UUID(int=ticket.pk), _bound(ticket))])


def find(token: str, *, now: datetime) -> Ticket:
    """The ticket of a link. It is used up by nothing, and holds until `ticket_reply` after the answer (S3-16). Raises
    LinkEnded."""
    pk = links.pk_of(token)
    is_key = 0 < pk.int < 2**63
    ticket = Ticket.objects.filter(pk=pk.int, account=None).first() if is_key else None
    if ticket is None or not links.is_genuine(token, pk, _bound(ticket)):
        raise LinkEnded
    if ticket.status == Ticket.Status.CLOSED and ticket.status_since + lifecycle.after("ticket_reply") <= now:
        raise LinkEnded
    return ticket


def _bound(ticket: Ticket) -> str:
    return f"ticket\0{ticket.number}\0{ticket.contact.email}"
