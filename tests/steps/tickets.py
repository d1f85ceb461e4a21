"""What was said in a ticket."""

from identity.models import Ticket


def words_of(ticket: Ticket) -> list[str]:
    """The words of both sides, oldest first."""
    return [message.text for message in ticket.messages.order_by("pk")]
