"""The machine that moves tickets."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from identity.models import Account, Ticket
from identity.notices.messages import TicketClosedMail, TicketOpenedMail, TicketRepliedMail
from identity.record import events
from identity.record.machine import Machine

Status = Ticket.Status


def newest(ticket: Ticket) -> int:
    """The key of the newest message, by which a page says how far it was seen."""
    return ticket.messages.order_by("-pk").values_list("pk", flat=True).first() or 0


class TicketMachine(Machine[Ticket]):
    """The life of a ticket. A step ends the claim, unless it says otherwise."""

    model = Ticket
    field = "status"
    begins = frozenset({Status.OPEN})
    transitions = {
        Status.OPEN: frozenset({Status.IN_PROGRESS, Status.CLOSED}),
        Status.IN_PROGRESS: frozenset({Status.WAITING, Status.CLOSED}),
        Status.WAITING: frozenset({Status.IN_PROGRESS, Status.CLOSED}),
        Status.CLOSED: frozenset({Status.OPEN}),
    }
    steps = {  # of the person, who needs no mail about it
        (Status.WAITING, Status.IN_PROGRESS): (events.TicketExtended, None),
        (Status.CLOSED, Status.OPEN): (events.TicketReopened, None),
    }
    events = {
        Status.OPEN: events.TicketOpened,
        Status.IN_PROGRESS: events.TicketTaken,
        Status.WAITING: events.TicketReplied,
        Status.CLOSED: events.TicketClosed,
    }
    messages = {
        Status.OPEN: TicketOpenedMail,
        Status.IN_PROGRESS: None,  # the page says so; nothing is to be done yet
        Status.WAITING: TicketRepliedMail,
        Status.CLOSED: TicketClosedMail,
    }

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        return {"status_since": now, "claimed_by": None, "claimed_until": None}

    def facts(self, row: Ticket, *, reason: str) -> dict[str, Any]:
        return {"account": row.account, "number": row.number}

    def message_ids(self, row: Ticket, *, by: Account | None) -> Iterable[dict[str, Any]]:
        if row.account_id is None and not row.contact.email:
            return []
        return [{"account_id": row.account_id or 0, "number": row.number, "message": newest(row)}]


MACHINE = TicketMachine()
