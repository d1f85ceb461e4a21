"""Whose the conversations of a portal are: their writer's, and the practice's that they are about (decision 0057)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from identity.models import Account, StoredFile, Ticket
from identity.models.files import StoredFileQuerySet
from identity.models.tickets import TicketQuerySet
from identity.record import outbox
from portals.inside.messages.contact import PracticeAnsweredMail
from rbac.models import Membership, Practice
from rbac.models.memberships import MembershipQuerySet
from rbac.roles import ADMINISTRATOR, AGREES_TO_MANDATES


def seen_by(account: Account, *, portal_key: str, memberships: Iterable[Membership]) -> TicketQuerySet:
    """The conversations of a portal that this person reads and goes on with: what they wrote, about a practice as long
    as they work there; and what anybody wrote about a practice that they run. `memberships` are those that count."""
    keys = _union(_parts(account, portal_key, memberships))
    return Ticket.objects.filter(pk__in=keys)


def count_unread(account: Account, *, portal_key: str, memberships: Iterable[Membership]) -> int:
    """How many of them have an answer that this person has not seen (S4-16); each page asks it, once."""
    return _union([part.new_to(account) for part in _parts(account, portal_key, memberships)]).count()


def _parts(account: Account, portal_key: str, memberships: Iterable[Membership]) -> list[TicketQuerySet]:
    """What the person wrote, and what is a practice's: each is found by an index of its own; an OR of both would read
    every ticket that there is."""
    there, rows = Ticket.objects.in_portal(portal_key).order_by(), list(memberships)
    works_for = {row.practice_id for row in rows}
    parts = [there.filter(Q(for_practice=False) | Q(practice_id__in=works_for), account=account)]
    own = [row for row in rows if row.mandate_id is None]
    if runs := {row.practice_id for row in own if row.role == ADMINISTRATOR}:
        parts.append(there.filter(for_practice=True, practice_id__in=runs))
    if answering := [row.pk for row in own if row.role in AGREES_TO_MANDATES]:
        attested = Membership.objects.filter(pk__in=answering).with_attested_tin().values("practice")
        parts.append(there.filter(for_practice=True, practice_id__in=attested))
    return parts


def _union(parts: list[TicketQuerySet]) -> QuerySet[Ticket, Any]:
    first, *others = (part.values("pk") for part in parts)
    return first.union(*others) if others else first


def listed(conversations: TicketQuerySet, *, reader: Account) -> TicketQuerySet:
    """The same for a list, newest first: whether an answer is new to the reader, and whether nobody of the practice has
    seen it; and the practice's name."""
    name = Practice.objects.filter(pk=OuterRef("practice_id")).values("name")[:1]
    found = conversations.with_unread(reader=reader, of_staff=True).with_unseen()
    return found.annotate(practice_name=Subquery(name)).select_related("account").order_by("-opened_at", "-pk")


def files_of(conversations: TicketQuerySet) -> StoredFileQuerySet:
    """The files that stand in these conversations."""
    return StoredFile.objects.filter(ticket_messages__ticket__in=conversations.order_by()).distinct()


def tell_practice(ticket: Ticket, *, message: int, now: datetime) -> None:
    """An answer about a practice whose writer no longer works there: whoever runs the practice is told, in the caller's
    transaction. `message` is the newest one, by its key."""
    if not ticket.for_practice or writer_is_there(ticket, now=now):
        return
    mails = [
        PracticeAnsweredMail(account_id=account, number=ticket.number, message=message)
        for account in sorted(_who_run(ticket, now=now))
    ]
    outbox.enqueue_all(mails, now=now)


def writer_is_there(ticket: Ticket, *, now: datetime) -> bool:
    """Whether whoever wrote about a practice works there: the conversation is theirs as long."""
    return _in_practice(ticket, now=now).filter(grant__account=ticket.account_id).exists()


def _who_run(ticket: Ticket, *, now: datetime) -> set[int]:
    return set(_running(_in_practice(ticket, now=now)).values_list("grant__account", flat=True))


def _in_practice(ticket: Ticket, *, now: datetime) -> MembershipQuerySet:
    rows = Membership.objects.in_portal(ticket.portal_key).open_at(now)
    return rows.filter(practice=ticket.practice_id, grant__account__is_active=True)


def _running(memberships: MembershipQuerySet) -> MembershipQuerySet:
    """The memberships of those who run the practice's users or, where nobody does, answer for it (S3-10): nobody of a
    vendor, who is there under a mandate, and nobody by a tax ID that was typed and not attested (D-25)."""
    own = memberships.order_by().filter(mandate=None)
    answering = own.filter(role__in=AGREES_TO_MANDATES).with_attested_tin()
    return own.filter(Q(role=ADMINISTRATOR) | Q(pk__in=answering.values("pk")))
