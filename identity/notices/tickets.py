"""The life of a ticket, as three tables and one function that moves it along them."""

import re
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from identity.codes import codes
from identity.models import Account, Ticket
from identity.notices.messages import TicketClosedMail, TicketMail, TicketOpenedMail
from identity.record import events, journal, outbox, search

Status = Ticket.Status
HANDLE = "identity.handle_ticket"
MAX_LENGTH = 4000  # characters; what is tried more often says nothing new

TRANSITIONS: dict[str, frozenset[str]] = {
    Status.OPEN: frozenset({Status.IN_PROGRESS, Status.CLOSED}),
    Status.IN_PROGRESS: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset(),
}
EVENTS: dict[str, type[events.TicketEvent]] = {
    Status.OPEN: events.TicketOpened,
    Status.IN_PROGRESS: events.TicketTaken,
    Status.CLOSED: events.TicketClosed,
}
MESSAGES: dict[str, type[TicketMail] | None] = {
    Status.OPEN: TicketOpenedMail,
    Status.IN_PROGRESS: None,  # the page says so; nothing is to be done yet
    Status.CLOSED: TicketClosedMail,
}


class MayNotHandle(Exception):
    """This account has no right to take or answer tickets."""


class NotPossible(Exception):
    """The ticket is no longer in a status from which this step leads: `current` says where it is."""

    def __init__(self, current: Ticket) -> None:
        super().__init__(current.status)
        self.current = current


class AnswerMissing(Exception):
    """Closing needs an answer that the person can read."""


@transaction.atomic
def open(  # noqa: A001  always called as tickets.open
    *, account: Account | None, topic: str, text: str, by: Account | None, now: datetime
) -> Ticket:
    """Open a ticket and mail its number to the person, if an account is known (S2-25)."""
    ticket = Ticket.objects.create(
        number=new_number(), account=account, topic=topic, text=text, opened_at=now, status_since=now
    )
    _tell(ticket, by=by, now=now)
    return ticket


@transaction.atomic
def open_or_add(*, account: Account, topic: str, text: str, now: datetime) -> Ticket:
    """The person's ticket on this topic that is not answered yet, with this text added to it; else a new one (S2-25).

    Whoever tries again has one number, not ten.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    waiting = Ticket.objects.select_for_update().filter(account=account, topic=topic).exclude(status=Status.CLOSED)
    ticket = waiting.order_by("-opened_at").first()
    if ticket is None:
        return open(account=account, topic=topic, text=text, by=account, now=now)
    if text not in ticket.text and len(ticket.text) < MAX_LENGTH:
        ticket.text += f"\n\n{text}"
        ticket.save(update_fields=["text"])
        journal.record(events.TicketExtended(account=account, by=account, about=ticket, number=ticket.number), now=now)
    return ticket


def new_number() -> str:
    """T-7K3M-9QX2: 40 bits that survive a telephone, in letters and digits that nobody mixes up."""
    drawn = "".join(secrets.choice(codes.READABLE) for _ in range(8))
    return f"T-{drawn[:4]}-{drawn[4:]}"


def numbers(typed: str) -> list[str]:
    """The numbers of tickets that what was read out may stand for."""
    plain = re.sub(r"^\s*[Tt][\s.-]+", "", typed)
    drawn = search.spellings(plain, alphabet=codes.READABLE, length=8)
    return [f"T-{one[:4]}-{one[4:]}" for one in drawn]


def can_handle(account: Account) -> bool:
    """Whether the account may take and answer tickets."""
    return account.is_active and account.is_staff and account.has_perm(HANDLE)


def check_can_handle(account: Account) -> None:
    """Raise MayNotHandle unless the account may take and answer tickets."""
    if not can_handle(account):
        raise MayNotHandle


def take(*, ticket: Ticket, by: Account, now: datetime) -> Ticket:
    """A member of staff begins to work on it. Raises MayNotHandle, or NotPossible when a colleague was quicker."""
    check_can_handle(by)
    return _transition(ticket, to=Status.IN_PROGRESS, by=by, now=now, changes={})


def close(*, ticket: Ticket, answer: str, by: Account, now: datetime) -> Ticket:
    """Answer it; the person is told by mail and reads the answer on the ticket's page (S2-25).

    Raises MayNotHandle, AnswerMissing, or NotPossible when a colleague was quicker.
    """
    check_can_handle(by)
    if not answer.strip():
        raise AnswerMissing
    return _transition(ticket, to=Status.CLOSED, by=by, now=now, changes={"answer": answer.strip()})


@transaction.atomic
def _transition(ticket: Ticket, *, to: str, by: Account, now: datetime, changes: dict[str, Any]) -> Ticket:
    """Move one step by compare-and-set on the status: of two who press at once, one wins."""
    if to not in TRANSITIONS[ticket.status]:
        raise NotPossible(ticket)
    won = Ticket.objects.filter(pk=ticket.pk, status=ticket.status).update(
        status=to, status_since=now, handled_by=by, **changes
    )
    ticket.refresh_from_db()
    if not won:
        raise NotPossible(ticket)
    _tell(ticket, by=by, now=now)
    return ticket


def _tell(ticket: Ticket, *, by: Account | None, now: datetime) -> None:
    event = EVENTS[ticket.status]
    journal.record(event(account=ticket.account, by=by, about=ticket, number=ticket.number), now=now)
    message = MESSAGES[ticket.status]
    if message is not None and ticket.account_id is not None:
        outbox.enqueue(message(account_id=ticket.account_id, number=ticket.number), now=now)
