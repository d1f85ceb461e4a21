""" "Manage Pending Users": the invitations that an administrator sees, page by page, and what they do with one
(S4-20..24, C10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollment.domain import invitation_links, invitation_mails, invitations, people
from enrollment.domain.invitation_links import Standing
from enrollment.domain.invitations import Invitee
from enrollment.domain.people import Office
from enrollment.models import Invitation, InvitationQuerySet
from identity.models import Account, OutboxMessage
from identity.policy.realms import email_key
from identity.record import outbox

ON_A_PAGE = 50


class Badge(models.TextChoices):
    """Where an invitation stands, for whoever sent it. A bounce outweighs the rest: nobody reads what never arrived."""

    SENT = "sent", _("Sent")
    OPENED = "opened", _("Opened")
    ENDED = "ended", _("Link ended")
    BOUNCED = "bounced", _("Bounced")


@dataclass(frozen=True, slots=True)
class PendingUser:
    """One invitation as its list shows it."""

    invitation: Invitation
    badge: Badge
    ends_at: datetime
    lapses_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list, and the place of its last row where there is more."""

    rows: Sequence[PendingUser]
    after: str


def page(*, office: Office, owner: Account, after: str = "", now: datetime) -> Page:
    """The pending users of an administrator, the newest sending first, from behind the place `after`: the last page
    costs what the first one does."""
    pending = office.pending_of(owner, now=now).select_related("practice")
    rows = list(_behind(pending, after).order_by("-last_sent_at", "-pk")[: ON_A_PAGE + 1])
    shown = rows[:ON_A_PAGE]
    return Page(listed(shown, now=now), _place(shown[-1]) if len(rows) > ON_A_PAGE else "")


def _behind(pending: InvitationQuerySet, after: str) -> InvitationQuerySet:
    """The rows behind a place in the list; from the beginning where that is none."""
    moment, _dash, key = after.partition("_")
    try:
        sent, pk = datetime.fromisoformat(moment), UUID(key)
        sent = sent.replace(tzinfo=sent.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return pending
    return pending.filter(Q(last_sent_at__lt=sent) | Q(last_sent_at=sent, pk__lt=pk))


def _place(row: Invitation) -> str:
    """Where a row stands in the list, exact to its last digit."""
    return f"{row.last_sent_at.isoformat()}_{row.pk}"


def listed(rows: Sequence[Invitation], *, now: datetime) -> list[PendingUser]:
    """Invitations with what became of their mail, in one question."""
    mails = invitation_mails.newest_of(rows)
    return [
        PendingUser(
            row,
            _badge(row, mails.get(row.pk), now=now),
            invitation_links.ends_at(row),
            invitation_links.lapses_at(row),
        )
        for row in rows
    ]


def _badge(row: Invitation, mail: OutboxMessage | None, *, now: datetime) -> Badge:
    if mail is not None and outbox.is_failed(mail):
        return Badge.BOUNCED
    if invitation_links.standing(row, now=now) == Standing.LINK_ENDED:
        return Badge.ENDED
    return Badge.OPENED if mail is not None and mail.first_opened_at else Badge.SENT


@transaction.atomic
def resend(*, office: Office, invitation: Invitation, by: Account, now: datetime) -> Invitation:
    """Send the link again; both clocks begin anew (S4-21, S4-23).

    Raises people.NotAdministrator, NotPossible, or what invitations.resend raises.
    """
    return invitations.resend(invitation=_locked(office, invitation, by=by, now=now), by=by, now=now)


@transaction.atomic
def cancel(*, office: Office, invitation: Invitation, by: Account, now: datetime) -> Invitation:
    """Take an invitation back: made in error, or no longer needed (S4-21).

    Raises people.NotAdministrator, NotPossible, or what invitations.cancel raises.
    """
    return invitations.cancel(invitation=_locked(office, invitation, by=by, now=now), by=by, now=now)


@transaction.atomic
def correct(*, office: Office, invitation: Invitation, email: str, by: Account, now: datetime) -> Invitation:
    """Invite the same person at the right address: what was sent to the wrong one is taken back, and its link says that
    a newer one was sent (S4-21). It counts among the practice's fifty of a day.

    Raises invitations.SameAddress, people.NotAdministrator, NotPossible, and what invitations.cancel and people.create
    raise; then the one before stands.
    """
    row = _locked(office, invitation, by=by, now=now)
    if email_key(email) == row.email:
        raise invitations.SameAddress
    invitations.cancel(invitation=row, by=by, now=now)
    invitee = Invitee.of(row, email=email)
    return people.create(office=office, invitee=invitee, origin_key=str(row.pk), by=by, now=now)


def _locked(office: Office, invitation: Invitation, *, by: Account, now: datetime) -> Invitation:
    """The row as it stands, locked before the practice, as whoever accepts does. Raises people.NotAdministrator."""
    row = Invitation.objects.select_for_update().get(pk=invitation.pk)
    people.check_runs(office, by=by, now=now)
    if row.owner_id != by.pk:  # it passed to another one
        raise people.NotAdministrator
    return row
