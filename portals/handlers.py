"""What the portals do when something happens to access, which rbac cannot name, to sessions, whose sign-ons end,
and to conversations of a practice."""

from datetime import datetime
from typing import Any

from identity.models import StoredFile, Ticket
from identity.notices.ticket_machine import newest
from identity.record import journal, outbox
from identity.record.events import (
    FileCleared,
    PasswordChanged,
    SessionsEnded,
    SignedOut,
    TicketClosed,
    TicketReplied,
)
from portals import registry
from portals.entry import messages  # noqa: F401  kinds that routes name
from portals.inside.domain import conversations, documents
from portals.inside.messages import documents as _documents  # noqa: F401  a kind that a worker reads
from portals.legacy import links
from portals.oidc import oidc_sessions
from rbac.domain import grid
from rbac.events import (
    AccessEnded,
    AccessGranted,
    CapabilityWithdrawn,
    MembershipEnded,
    MembershipEvent,
    MembershipSuspended,
    RoleChanged,
)
from rbac.models import AccessGrant, Membership


def tell_of_access(event: AccessGranted, now: datetime) -> None:
    """Tell the person, where the route by which access was given has a mail for that."""
    portal = registry.portals().get(event.portal_key)
    route = portal.route_of(event.origin) if portal else None
    if portal is None or route is None or not route.mail or event.account is None or event.about is None:
        return
    ids: dict[str, Any] = {"account_id": event.account.pk, "portal_key": portal.key, "grant": event.about.pk}
    outbox.enqueue(outbox.KINDS[route.mail](**ids), now=now)


def remember_old_name(event: AccessGranted, now: datetime) -> None:
    """rbac gives access and knows no old accounts."""
    if isinstance(event.about, AccessGrant):
        links.remember_name(event.about)


def end_oidc_sessions_of_sessions(event: PasswordChanged | SessionsEnded | SignedOut, now: datetime) -> None:
    """Whoever leaves here, or is made to, leaves the outside applications too."""
    if event.account is not None:
        oidc_sessions.end_without_session(event.account, now=now)


def end_oidc_sessions_of_portal(event: AccessEnded, now: datetime) -> None:
    """An application belongs to a portal: without access there, no tokens. (Access that rests was not used: its tokens
    are refused when they are shown.)"""
    if event.account is not None:
        own = oidc_sessions.live(event.account).filter(application__portal_key=event.portal_key)
        oidc_sessions.end(own, now=now)


def end_oidc_sessions_of_right(event: CapabilityWithdrawn, now: datetime) -> None:
    """Applications that need a right of its own let go of whoever has it no longer."""
    if event.account is not None:
        needed = oidc_sessions.live(event.account).filter(
            application__portal_key=event.portal_key, application__capability=event.capability
        )
        oidc_sessions.end(needed, now=now)


def end_oidc_sessions_of_role(event: MembershipEvent, now: datetime) -> None:
    """Where a grid says what one may open: a role that changed or is gone lets go of the applications that it opened,
    unless another membership opens them still (D-29)."""
    portal = registry.portals().get(event.portal_key)
    if portal is None or not portal.grid or event.account is None:
        return
    own = (
        oidc_sessions.live(event.account).filter(application__portal_key=portal.key).exclude(application__capability="")
    )
    pairs = Membership.objects.open_at(now).in_portal(portal.key).filter(grant__account=event.account)
    held = grid.allowed(list(pairs.values_list("role", "market")), grid.current(now=now))
    oidc_sessions.end(own.exclude(application__capability__in=held), now=now)


def search_in_document(event: FileCleared, now: datetime) -> None:
    """What a document says is found once its file was looked at."""
    if isinstance(event.about, StoredFile):
        documents.note_text(file=event.about)


def tell_practice(event: TicketClosed | TicketReplied, now: datetime) -> None:
    """An answer whose reader has left the practice that it is about."""
    if isinstance(event.about, Ticket):
        conversations.tell_practice(event.about, message=newest(event.about), now=now)


journal.subscribe(AccessGranted, tell_of_access)
journal.subscribe(AccessGranted, remember_old_name)
journal.subscribe(FileCleared, search_in_document)
journal.subscribe(PasswordChanged, end_oidc_sessions_of_sessions)
journal.subscribe(SessionsEnded, end_oidc_sessions_of_sessions)
journal.subscribe(SignedOut, end_oidc_sessions_of_sessions)
journal.subscribe(AccessEnded, end_oidc_sessions_of_portal)
journal.subscribe(CapabilityWithdrawn, end_oidc_sessions_of_right)
journal.subscribe(TicketClosed, tell_practice)
journal.subscribe(TicketReplied, tell_practice)
for taken in (RoleChanged, MembershipEnded, MembershipSuspended):
    journal.subscribe(taken, end_oidc_sessions_of_role)
