"""Tickets: opened, talked about by the person and the staff, taken, handed over, answered."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from identity.files import doors, stored
from identity.models import Account, Contact, Ticket, TicketMessage, TicketRead
from identity.notices import ticket_numbers
from identity.notices.messages import TicketHandedOverMail
from identity.notices.ticket_machine import MACHINE, newest
from identity.policy import lifecycle
from identity.record import events, journal, outbox
from identity.record.machine import NotPossible, Stale
from identity.tenancy import Scope, tenancy

Status = Ticket.Status
HANDLE = "identity.handle_ticket"
MAX_LENGTH = 4000  # characters of one message
MAX_TRIES_TOLD = 50  # messages that pages of ours add to one ticket; what is tried more often says nothing new


class MayNotHandle(Exception):
    """This account has no right to take or answer tickets."""


class AnswerMissing(Exception):
    """A reply needs words, and closing an answer that the person can read."""


# --- the person ---------------------------------------------------------------------------------------------------
@transaction.atomic
def open(  # noqa: A001  always called as tickets.open
    *,
    account: Account | None,
    topic: str,
    text: str,
    files: Collection[UUID] = (),
    by: Account | None,
    now: datetime,
    **about: Any,
) -> Ticket:
    """Open a ticket and mail its number to the person, if anybody is known (S2-25). `about` are further columns:
    portal_key, queue, practice_id, subject, contact, earlier (S3-16). Raises what stored.attach raises."""
    realm = account.realm if account and not about.get("queue") else ""
    ticket = Ticket.objects.create(
        number=ticket_numbers.new(), account=account, realm=realm, topic=topic, opened_at=now, status_since=now, **about
    )
    _say(ticket, text, files, author=account, is_staff=False, now=now)
    MACHINE.tell(ticket, by=by, now=now)
    return ticket


@transaction.atomic
def ask(
    *,
    account: Account | None,
    portal_key: str,
    queue: str,
    practice_id: int | None = None,
    topic: str,
    subject: str,
    text: str,
    contact: Contact,
    page: str = "",
    files: Collection[UUID] = (),
    now: datetime,
) -> Ticket:
    """Open a ticket from a portal's page, of somebody with an account or without one (S3-16); the same words that an
    account sends twice in a row are one ticket. One that names a practice is the practice's too, which its writer was
    told (decision 0057). Raises what stored.attach raises."""
    if account is not None:
        Account.objects.select_for_update().get(pk=account.pk)
        last = Ticket.objects.filter(account=account).in_portal(portal_key).order_by("-pk").first()
        asked = (Status.OPEN, topic, subject, practice_id)
        if last and (last.status, last.topic, last.subject, last.practice_id) == asked and _was_said(last, text):
            return last
    about: dict[str, Any] = {"portal_key": portal_key, "queue": queue, "practice_id": practice_id}
    about |= {"subject": subject, "contact": contact, "page": page, "for_practice": practice_id is not None}
    return open(account=account, topic=topic, text=text, files=files, by=account, now=now, **about)


@transaction.atomic
def open_or_add(*, account: Account, topic: str, text: str, now: datetime) -> Ticket:
    """The person's ticket on this topic that is not answered yet, with this text added to it; else a new one (S2-25).

    Whoever tries again has one number, not ten.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    waiting = Ticket.objects.of(account).in_portal("").filter(topic=topic).exclude(status=Status.CLOSED)
    ticket = waiting.order_by("-opened_at").first()
    if ticket is None:
        return open(account=account, topic=topic, text=text, by=account, now=now)
    told = list(ticket.messages.filter(is_staff=False))
    if len(told) < MAX_TRIES_TOLD and text not in [one.text for one in told]:
        return write(ticket=ticket, text=text, by=account, now=now)
    return ticket


@transaction.atomic
def write(*, ticket: Ticket, text: str, files: Collection[UUID] = (), by: Account | None, now: datetime) -> Ticket:
    """The person says more. Answers the ticket that holds it: a closed one opens again and is free for everybody; one
    that was closed longer ago than `ticket_reply` leads to a new ticket that names it (S3-16).

    The same words twice in a row, as a doubled press sends them, are said once. Raises what stored.attach raises.
    """
    found = _locked(ticket)
    if found.status == Status.CLOSED and found.status_since + lifecycle.after("ticket_reply") <= now:
        return _go_on(found, text, files, by=by, now=now)
    if _was_said(found, text):
        return found
    _say(found, text, files, author=by, is_staff=False, now=now)
    if found.status == Status.CLOSED:
        return MACHINE.move(found, to=Status.OPEN, by=by, now=now)
    if found.status == Status.WAITING:
        holder, until = found.claimed_by, found.claimed_until  # whoever holds it goes on
        return MACHINE.move(found, to=Status.IN_PROGRESS, by=by, now=now, claimed_by=holder, claimed_until=until)
    _record(events.TicketExtended, found, by=by, now=now)
    return found


def _go_on(closed: Ticket, text: str, files: Collection[UUID], *, by: Account | None, now: datetime) -> Ticket:
    later = closed.later.order_by("-pk").first()
    if later is not None:
        return write(ticket=later, text=text, files=files, by=by, now=now)
    kept = ("portal_key", "queue", "practice_id", "for_practice", "subject", "contact")
    about = {name: getattr(closed, name) for name in kept}
    about |= {"account": closed.account, "topic": closed.topic, "earlier": closed}
    return open(text=text, files=files, by=by, now=now, **about)


def _say(
    ticket: Ticket, text: str, files: Collection[UUID] = (), *, author: Account | None, is_staff: bool, now: datetime
) -> None:
    message = TicketMessage.objects.create(
        ticket=ticket, author=author, is_staff=is_staff, text=text.strip(), created_at=now
    )
    if files and author is not None:
        message.files.set(stored.attach(keys=files, door=doors.MESSAGE, by=author, now=now))


def _was_said(ticket: Ticket, text: str) -> bool:
    last = ticket.messages.order_by("-pk").first()
    return last is not None and not last.is_staff and last.text == text.strip()


def _locked(ticket: Ticket) -> Ticket:
    """The row as it is, until the end of the caller's transaction: what the two sides say at once is said in turn."""
    return Ticket.objects.select_for_update().get(pk=ticket.pk)


def note_read(*, ticket: Ticket, by: Account, up_to: int) -> None:
    """Remember how far the reader's page went: what was written meanwhile stays unread (S4-16)."""
    read, created = TicketRead.objects.get_or_create(ticket=ticket, account=by, defaults={"read_to": up_to})
    if not created:
        TicketRead.objects.filter(pk=read.pk, read_to__lt=up_to).update(read_to=up_to)


# --- the staff ----------------------------------------------------------------------------------------------------
def can_handle(account: Account) -> bool:
    """Whether the account may take and answer tickets."""
    return account.is_active and account.is_staff and account.has_perm(HANDLE)


def check_can_handle(account: Account, ticket: Ticket) -> None:
    """Raise MayNotHandle unless the account may take and answer tickets, and sees this one (D-28)."""
    scope = tenancy().scope_of(account)
    sees = ticket.queue in scope.portals if ticket.queue else scope.covers(ticket.account)
    if not (can_handle(account) and (scope.is_all or sees)):
        raise MayNotHandle


def within(scope: Scope) -> Q:
    """The tickets that a member of staff sees: of the queues that they answer for; one that no portal's page opened
    belongs to the realm of its account (D-28)."""
    if scope.is_all:
        return Q()
    return Q(queue__in=sorted(scope.portals)) | Q(queue="", realm__in=sorted(scope.realms))


def colleagues(of: Account, ticket: Ticket) -> QuerySet[Account]:
    """Who else may take and answer this ticket, by name: those who can be handed it (D-28)."""
    _app, codename = HANDLE.split(".")
    right = Q(groups__permissions__codename=codename) | Q(user_permissions__codename=codename)
    realm = ticket.account.realm if ticket.account else ""
    seeing = tenancy().staff_for(portal_key=ticket.queue, realm=realm)
    found = Account.objects.filter(right, pk__in=seeing.values("pk"), is_active=True, is_staff=True)
    return found.exclude(pk=of.pk).distinct().order_by("last_name", "first_name", "pk")


@transaction.atomic
def take(*, ticket: Ticket, by: Account, now: datetime) -> Ticket:
    """A member of staff works on it, for `ticket_hold`. Raises MayNotHandle, or NotPossible when a colleague was
    quicker or it is closed."""
    check_can_handle(by, ticket)
    found = _locked(ticket)
    if found.is_held(now=now):
        raise NotPossible(found)
    if found.status == Status.OPEN:
        return _claim(found, holder=by, by=by, now=now)
    _claim(found, holder=by, by=by, now=now)
    _record(events.TicketTaken, found, by=by, now=now)
    return found


@transaction.atomic
def release(*, ticket: Ticket, by: Account, now: datetime) -> Ticket:
    """Whoever has it gives it back. Raises MayNotHandle, or NotPossible when it is not theirs."""
    check_can_handle(by, ticket)
    found = _locked(ticket)
    if found.claimed_by != by:
        raise NotPossible(found)
    _hold(found, None, until=None)
    _record(events.TicketReleased, found, by=by, now=now)
    return found


@transaction.atomic
def hand_over(*, ticket: Ticket, to: Account, by: Account, now: datetime) -> Ticket:
    """A colleague goes on with it, and is told by mail. Raises MayNotHandle, of either of the two, or NotPossible when
    another one holds it or it is closed."""
    check_can_handle(by, ticket)
    check_can_handle(to, ticket)
    found = _free_for(ticket, by=by, now=now)
    _claim(found, holder=to, by=by, now=now)
    event = events.TicketHandedOver(account=found.account, by=by, about=found, number=found.number, to=to.pk)
    entry = journal.record(event, now=now)
    outbox.enqueue(TicketHandedOverMail(account_id=to.pk, number=found.number, entry=entry.pk), now=now)
    return found


@transaction.atomic
def reply(
    *, ticket: Ticket, text: str, files: Collection[UUID] = (), by: Account, now: datetime, seen: int | None = None
) -> Ticket:
    """Say something to the person, who is told by mail that it is there; `files` are the writer's own. `seen` is the
    newest message on the page that was acted on. Raises MayNotHandle, AnswerMissing, NotPossible when a colleague holds
    it or it is closed, Stale when something was said meanwhile, or what stored.attach raises."""
    check_can_handle(by, ticket)
    if not text.strip():
        raise AnswerMissing
    found = _free_for(ticket, by=by, now=now, seen=seen)
    is_waiting = found.status == Status.WAITING  # for the person, who is told more
    if not is_waiting and found.status != Status.IN_PROGRESS:
        _claim(found, holder=by, by=by, now=now)
    _say(found, text, files, author=by, is_staff=True, now=now)
    if not is_waiting:
        return MACHINE.move(found, to=Status.WAITING, by=by, now=now)
    MACHINE.tell(_hold(found, None, until=None), by=by, now=now)
    return found


@transaction.atomic
def close(
    *, ticket: Ticket, answer: str, files: Collection[UUID] = (), by: Account, now: datetime, seen: int | None = None
) -> Ticket:
    """Answer it; the person is told by mail and reads the answer on the ticket's page (S2-25). Where staff spoke last,
    that is the answer; files need words. Raises MayNotHandle, AnswerMissing, NotPossible when a colleague was quicker,
    Stale when something was said meanwhile, or what stored.attach raises."""
    check_can_handle(by, ticket)
    found = _free_for(ticket, by=by, now=now, seen=seen)
    MACHINE.check_can_move(found, to=Status.CLOSED)
    if answer.strip():
        _say(found, answer, files, author=by, is_staff=True, now=now)
    elif files or not found.messages.order_by("-pk").values_list("is_staff", flat=True).first():
        raise AnswerMissing
    return MACHINE.move(found, to=Status.CLOSED, by=by, now=now)


def _free_for(ticket: Ticket, *, by: Account, now: datetime, seen: int | None = None) -> Ticket:
    found = _locked(ticket)
    if found.is_held(now=now, by=by):
        raise NotPossible(found)
    if seen is not None and newest(found) != seen:
        raise Stale(found)
    return found


def _claim(ticket: Ticket, *, holder: Account, by: Account, now: datetime) -> Ticket:
    until = now + lifecycle.after("ticket_hold")
    if ticket.status in (Status.IN_PROGRESS, Status.WAITING):
        return _hold(ticket, holder, until=until)
    return MACHINE.move(ticket, to=Status.IN_PROGRESS, by=by, now=now, claimed_by=holder, claimed_until=until)


def _hold(ticket: Ticket, holder: Account | None, *, until: datetime | None) -> Ticket:
    ticket.claimed_by, ticket.claimed_until = holder, until
    ticket.save(update_fields=["claimed_by", "claimed_until"])
    return ticket


def _record(event: type[events.TicketEvent], ticket: Ticket, *, by: Account | None, now: datetime) -> None:
    journal.record(event(account=ticket.account, by=by, about=ticket, number=ticket.number), now=now)
