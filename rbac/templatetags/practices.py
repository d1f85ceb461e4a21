"""What pages of identity show of practices, which they know by a key only."""

from django import template

from identity.models import Ticket
from rbac.models import Practice

register = template.Library()


@register.simple_tag
def practice_of(ticket: Ticket) -> Practice | None:
    """The practice that a ticket is about, if it names one that is still there."""
    return Practice.objects.filter(pk=ticket.practice_id).first() if ticket.practice_id else None
