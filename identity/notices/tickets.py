"""Tickets: opened, taken, answered, and the machine that moves them."""

import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from identity.codes import codes
from identity.models import Account, Ticket
from identity.notices.messages import TicketClosedMail, TicketOpenedMail
from identity.record import events, journal, search
from identity.record.machine import Machine
from identity.tenancy import tenancy

Status = Ticket.Status
HANDLE = "identity.handle_ticket"
MAX_LENGTH = 4000  # characters; what is tried more often says nothing new


class TicketMachine(Machine[Ticket]):
    """The life of a ticket."""

    model = Ticket
    field = "status"
    begins = frozenset({Status.OPEN})
    transitions = {
        Status.OPEN: frozenset({Status.IN_PROGRESS, Status.CLOSED}),
        Status.IN_PROGRESS: frozenset({Status.CLOSED}),
        Status.CLOSED: frozenset(),
    }
    events = {
        Status.OPEN: events.TicketOpened,
        Status.IN_PROGRESS: events.TicketTaken,
        Status.CLOSED: events.TicketClosed,
    }
    messages = {
        Status.OPEN: TicketOpenedMail,
        Status.IN_PROGRESS: None,  # the page says so; nothing is to be done yet
        Status.CLOSED: TicketClosedMail,
    }

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        return {"status_since": now, "handled_by": by}

    def facts(self, row: Ticket, *, reason: str) -> dict[str, Any]:
        return {"account": row.account, "number": row.number}

    def message_ids(self, row: Ticket, *, by: Account | None) -> Iterable[dict[str, Any]]:
        return [{"account_id": row.account_id, "number": row.number}] if row.account_id else []


MACHINE = TicketMachine()


class MayNotHandle(Exception):
    """This account has no right to take or answer tickets."""


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
    MACHINE.tell(ticket, by=by, now=now)
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


def check_can_handle(account: Account, ticket: Ticket) -> None:
    """Raise MayNotHandle unless the account may take and answer tickets, and sees whose this one is (D-28)."""
    if not (can_handle(account) and tenancy().scope_of(account).covers(ticket.account)):
        raise MayNotHandle


@transaction.atomic
def take(*, ticket: Ticket, by: Account, now: datetime) -> Ticket:
    """A member of staff begins to work on it. Raises MayNotHandle, or NotPossible when a colleague was quicker."""
    check_can_handle(by, ticket)
    return MACHINE.move(ticket, to=Status.IN_PROGRESS, by=by, now=now)


@transaction.atomic
def close(*, ticket: Ticket, answer: str, by: Account, now: datetime) -> Ticket:
    """Answer it; the person is told by mail and reads the answer on the ticket's page (S2-25).

    Raises MayNotHandle, AnswerMissing, or NotPossible when a colleague was quicker.
    """
    check_can_handle(by, ticket)
    if not answer.strip():
        raise AnswerMissing
    return MACHINE.move(ticket, to=Status.CLOSED, by=by, now=now, answer=answer.strip())
