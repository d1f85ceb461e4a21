"""How long a ticket is held, and when a reply no longer belongs to it."""

from datetime import timedelta

from identity.policy.lifecycle.period import Period

ROWS: dict[str, Period] = {
    "ticket_hold": Period(
        "Ticket that a member of staff works on",
        timedelta(minutes=15),
        "it was taken or handed over",
        "free for colleagues",
        "identity.models.Ticket.is_held",
        "S3-16",
    ),
    "ticket_reply": Period(
        "Closed ticket that a reply opens again",
        timedelta(days=7),
        "it was closed",
        "a reply opens a new ticket that names it",
        "identity.notices.tickets.write",
        "S3-16",
    ),
    "ticket_window": Period(
        "Tickets and replies of one writer, or from one network address",
        timedelta(hours=1),
        "the first one",
        "counted anew",
        "identity.codes.attempts.check_can_write",
        "S3-16",
    ),
}
