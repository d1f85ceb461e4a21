"""How many invitations an administrator may have open, and a practice may send within a day (policy: invitation)."""

from datetime import datetime

from django.db.models import QuerySet

from enrollment import messages
from enrollment.models import Invitation, InvitationQuerySet
from identity.models import Account, OutboxMessage
from identity.policy import lifecycle
from identity.record import transactions
from rbac.models import Practice

MAX_OPEN = 20  # of one administrator (policy: invitation)
MAX_A_DAY = 50  # of one practice, sent anew or again
MAX_SENDINGS = 20  # of one invitation: older links of ours are recognized, one by one


class TooManyOpen(Exception):
    """The administrator has twenty invitations open (policy: invitation)."""


class TooManyToday(Exception):
    """The practice sent fifty invitations within a day, or this one was sent twenty times (policy: invitation)."""


def hold(*, practice: Practice | None, portal_key: str) -> None:
    """Let nobody else invite to the same practice or portal until the caller's transaction ends."""
    transactions.lock(f"invitations {practice.pk if practice else portal_key}")


def room(*, practice: Practice | None, owner: Account | None, now: datetime) -> tuple[int, int]:
    """How many more an administrator may have open, and a practice may send today (policy: invitation)."""
    is_open = pending(now=now).owned_by(owner).count() if owner is not None else 0
    sent = _sent_today(practice, now=now).count() if practice is not None else 0
    return max(MAX_OPEN - is_open, 0), max(MAX_A_DAY - sent, 0)


def check_can_invite(count: int, *, practice: Practice | None, owner: Account | None, now: datetime) -> None:
    """Raise TooManyOpen or TooManyToday where so many more are too many (policy: invitation)."""
    of_owner, today = room(practice=practice, owner=owner, now=now)
    if owner is not None and count > of_owner:
        raise TooManyOpen
    if practice is not None and count > today:
        raise TooManyToday


def pending(*, now: datetime) -> InvitationQuerySet:
    """The invitations that pages list: open, and their days not over (S4-23)."""
    return Invitation.objects.open().filter(last_sent_at__gt=lifecycle.over_before("invitation_pending", now=now))


def _sent_today(practice: Practice, *, now: datetime) -> QuerySet[OutboxMessage]:
    """The mails of the practice's invitations within the day: one that is sent again counts again."""
    within = lifecycle.counted("last_sent_at", "invitation_count", now=now)
    rows = Invitation.objects.filter(within, practice=practice).values_list("pk", "sendings")
    mails = [messages.InvitationMail(invitation=str(pk), sending=n) for pk, most in rows for n in range(1, most + 1)]
    written = lifecycle.counted("created_at", "invitation_count", now=now)
    return OutboxMessage.objects.filter(written, dedupe_key__in=[mail.dedupe_key for mail in mails])
