"""Inviting people: sent, sent again, canceled, lapsed, passed on. Who accepts: enrollment.domain.acceptance."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from enrollment import events, messages
from enrollment.domain import invitation_limits, invitation_links
from enrollment.domain.invitation_links import InvitationEnded, Standing
from enrollment.models import Invitation, InvitationQuerySet, Kind, Officer, State
from identity.jobs import mass_acts
from identity.models import Account
from identity.policy import lifecycle
from identity.policy.realms import email_key
from identity.record import delivery, outbox, transactions
from identity.record.machine import Machine, NotPossible
from rbac.models import Practice

OFFICE = ("address_1", "address_2", "city", "office_state", "zip", "work_phone")  # columns (S4-17)


class OwnAddress(Exception):
    """Nobody invites themselves."""


class AlreadyInvited(Exception):
    """The address has an open invitation to this practice or portal already."""


class SentJustNow(Exception):
    """It was sent a moment ago: the mail is on its way."""


class AskedAlready(Exception):
    """The person asked for another sending within the day."""


class NobodyToAsk(Exception):
    """No account stands behind the invitation: whoever made it printed it."""


class SameAddress(Exception):
    """The address that it was sent to already: sending again is another act, with a pause."""


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """Whom an invitation is for. `office` holds columns of the membership to be (S4-17)."""

    email: str
    first_name: str = ""
    last_name: str = ""
    language: str = "en"
    office: Mapping[str, str] = field(default_factory=dict)
    ends_on: date | None = None

    @classmethod
    def of(cls, row: Invitation, *, email: str) -> "Invitee":
        """Whom an invitation is for, at another address."""
        office = {name: getattr(row, name) for name in OFFICE}
        return cls(
            email=email, first_name=row.first_name, last_name=row.last_name, language=row.language, office=office,
            ends_on=row.ends_on,
        )  # fmt: skip


class InvitationMachine(Machine[Invitation]):
    """The life of an invitation. That its link ended, or its days, is computed at use; the job writes what holds."""

    model = Invitation
    compared = ("sendings", "owner_id")
    begins = frozenset({State.SENT})
    transitions = {
        State.SENT: frozenset({State.SENT, State.ACCEPTED, State.CANCELED, State.LAPSED}),
        State.ACCEPTED: frozenset(),
        State.CANCELED: frozenset(),
        State.LAPSED: frozenset(),
    }
    steps = {(State.SENT, State.SENT): (events.InvitationResent, messages.InvitationMail)}
    events = {
        State.SENT: events.InvitationSent,
        State.ACCEPTED: events.InvitationAccepted,
        State.CANCELED: events.InvitationCanceled,
        State.LAPSED: events.InvitationLapsed,
    }
    messages = {
        State.SENT: messages.InvitationMail,
        State.ACCEPTED: messages.InvitationAcceptedMail,
        State.CANCELED: None,
        State.LAPSED: messages.InvitationLapsedMail,
    }

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        if to == State.SENT:
            return {"last_sent_at": now, "asked_again_at": None}
        return {"ended_at": now}

    def facts(self, row: Invitation, *, reason: str) -> dict[str, Any]:
        where = {"portal_key": row.portal_key, "practice": row.practice_id, "role": row.role}
        return {"account": row.accepted_by, "kind": row.kind, **where}

    def message_ids(self, row: Invitation, *, by: Account | None) -> Iterable[dict[str, Any]]:
        """The invited person; afterwards whoever sees the invitation."""
        if row.state == State.SENT:
            yield {"invitation": str(row.pk), "sending": row.sendings}
        elif told := told_of(row):
            yield {"account_id": told.pk, "invitation": str(row.pk)}


MACHINE = InvitationMachine()


def told_of(invitation: Invitation) -> Account | None:
    """Who is told what becomes of it, and may send it again: its administrator, else the member of staff behind it."""
    return invitation.owner or invitation.created_by


class Where(TypedDict, total=False):
    """What people are invited to, beside the role. `owner` is the administrator who sees it, None for what staff look
    after; `portals` those whose requests a member of staff is to decide."""

    portal_key: str
    practice: Practice | None
    market: str
    officer: Officer | str
    portals: Sequence[str]
    owner: Account | None
    origin_key: str


def invite(
    *, kind: Kind, invitee: Invitee, role: str, by: Account | None, now: datetime, **where: Unpack[Where]
) -> Invitation:
    """Invite somebody by mail (S4-05, S4-17..19, D-12). Raises what invite_all raises."""
    return invite_all(kind=kind, invitees=[invitee], role=role, by=by, now=now, **where)[0]


@transaction.atomic
def invite_all(
    *, kind: Kind, invitees: Sequence[Invitee], role: str, by: Account | None, now: datetime, **where: Unpack[Where]
) -> list[Invitation]:
    """Invite several people by mail, in as many statements as one. Whether an address has an account makes no
    difference, to nobody (D-26).

    Raises OwnAddress, AlreadyInvited, TooManyOpen or TooManyToday where it holds of one of them, and invites nobody.
    """
    practice, portal_key = where.get("practice"), where.get("portal_key", "")
    addresses = [email_key(one.email) for one in invitees]
    if by is not None and EmailAddress.objects.filter(user=by, email__in=addresses).exists():
        raise OwnAddress
    invitation_limits.hold(practice=practice, portal_key=portal_key)
    _make_way(practice=practice, portal_key=portal_key, addresses=addresses, now=now)
    invitation_limits.check_can_invite(len(invitees), practice=practice, owner=where.get("owner"), now=now)
    made = {"kind": kind, "role": role, "created_by": by, "created_at": now, "last_sent_at": now, **where}
    rows = [
        Invitation(
            **made, email=address, first_name=one.first_name, last_name=one.last_name, language=one.language,
            ends_on=one.ends_on, **one.office,
        )
        for one, address in zip(invitees, addresses, strict=True)
    ]  # fmt: skip
    try:
        with transaction.atomic():
            Invitation.objects.bulk_create(rows)
    except IntegrityError as error:
        raise AlreadyInvited from error
    MACHINE.tell_all(rows, by=by, now=now)
    return rows


def _make_way(*, practice: Practice | None, portal_key: str, addresses: Sequence[str], now: datetime) -> None:
    """What has lapsed and is not written yet stands in nobody's way."""
    over = Q(practice=practice) if practice else Q(practice=None, portal_key=portal_key, kind=Kind.PORTAL)
    for row in due(now=now).filter(over, email__in=addresses):
        MACHINE.move(row, to=State.LAPSED, by=None, now=now)


@transaction.atomic
def resend(*, invitation: Invitation, by: Account | None, now: datetime) -> Invitation:
    """Send the link again: the older ones lead to it, both clocks begin anew (S4-21, S4-23, C10).

    Raises InvitationEnded, SentJustNow, TooManyToday or NotPossible.
    """
    _check_pending(invitation, now=now)
    if now < invitation.last_sent_at + lifecycle.after("resend_pause"):
        raise SentJustNow
    if invitation.sendings >= invitation_limits.MAX_SENDINGS:
        raise invitation_limits.TooManyToday
    if invitation.practice is not None:
        transactions.lock(f"invitations {invitation.practice.pk}")
        invitation_limits.check_can_invite(1, practice=invitation.practice, owner=None, now=now)
    # Somebody asks for mail to it once more: a bounce is forgotten.
    delivery.lift(delivery.address_key(invitation.email), now=now)
    return MACHINE.move(invitation, to=State.SENT, by=by, now=now, sendings=invitation.sendings + 1)


@transaction.atomic
def cancel(*, invitation: Invitation, by: Account, now: datetime) -> Invitation:
    """Take it back: made in error, or no longer needed (S4-21). Raises InvitationEnded, or NotPossible."""
    _check_pending(invitation, now=now)
    return MACHINE.move(invitation, to=State.CANCELED, by=by, now=now)


@transaction.atomic
def cancel_all(rows: InvitationQuerySet, *, by: Account | None, now: datetime) -> int:
    """Take back whatever of these is still open; answers how much."""
    held = list(rows.open().select_for_update().order_by("pk"))
    for row in held:
        MACHINE.move(row, to=State.CANCELED, by=by, now=now)
    return len(held)


def _check_pending(invitation: Invitation, *, now: datetime) -> None:
    found = invitation_links.standing(invitation, now=now)
    if found not in (Standing.OPEN, Standing.LINK_ENDED):
        raise InvitationEnded(invitation, found)


def due(*, now: datetime) -> QuerySet[Invitation]:
    """Open invitations whose days are over (S4-23)."""
    over = lifecycle.over_before("invitation_pending", now=now)
    return Invitation.objects.open().filter(last_sent_at__lte=over).order_by("last_sent_at", "pk")


@transaction.atomic
def lapse(*, invitation: Invitation, now: datetime) -> Invitation:
    """Write that nobody accepted it in its days, and tell who invited (S4-24). Raises NotPossible."""
    if invitation_links.standing(invitation, now=now) != Standing.LAPSED:
        raise NotPossible(invitation)
    return MACHINE.move(invitation, to=State.LAPSED, by=None, now=now)


def lapse_due(*, now: datetime) -> int:
    """Write all that has lapsed, one transaction each; too many at once wait for two people (policy: mass acts)."""
    over = mass_acts.admitted(
        kind=gettext_noop("lapse invitations"),
        rows=lambda moment: due(now=moment),
        active=Invitation.objects.open(),
        limit=mass_acts.ENDING,
        now=now,
    )
    return sum(_lapse_one(row, now=now) for row in list(over))


def _lapse_one(invitation: Invitation, *, now: datetime) -> bool:
    try:
        lapse(invitation=invitation, now=now)
    except NotPossible:  # sent again, or accepted, meanwhile
        return False
    return True


@transaction.atomic
def ask_again(*, invitation: Invitation, now: datetime) -> Account:
    """The invited person asks for another sending, or another invitation: one mail a day. Answers who is asked.

    Raises NobodyToAsk or AskedAlready.
    """
    asked = told_of(invitation)
    if asked is None:
        raise NobodyToAsk
    free = Q(asked_again_at=None) | Q(asked_again_at__lte=lifecycle.over_before("ask_again", now=now))
    if not Invitation.objects.filter(free, pk=invitation.pk).update(asked_again_at=now):
        raise AskedAlready
    message = messages.AskedAgainMail(account_id=asked.pk, invitation=str(invitation.pk), asked=int(now.timestamp()))
    outbox.enqueue(message, now=now)
    return asked


@transaction.atomic
def pass_on(*, practice: Practice, owner: Account, to: Account, now: datetime) -> int:
    """What an administrator who leaves has pending passes to another one (D-15); answers how much."""
    return invitation_limits.pending(now=now).owned_by(owner).filter(practice=practice).update(owner=to)
