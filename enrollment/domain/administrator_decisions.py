"""What Provider Services do with an administrator request: take it, look at what is known, decide it, and see its
invitations through (S4-01..06, C10, D-12, D-25)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from enrollment import events
from enrollment.administrator_messages import PracticeAskedForMail
from enrollment.domain import invitation_limits, invitation_links, invitations
from enrollment.domain.administrator_requests import DECISIONS, MACHINE, facts_of
from enrollment.domain.invitation_links import Standing
from enrollment.domain.invitations import Invitee
from enrollment.models import AdministratorRequest, Applicant, Invitation, Kind, Officer, RequestState
from identity.models import Account
from identity.policy import lifecycle, zones
from identity.record import journal, outbox, transactions
from identity.record.machine import NotPossible
from portals import registry
from rbac.domain import approvals, hand_overs, memberships, practices
from rbac.models import Membership, Origin, Practice, PracticeTin
from rbac.roles import ADMINISTRATOR

State = RequestState


class OwnRequest(Exception):
    """Nobody decides a request that names them."""


class HasAdministrators(Exception):
    """Somebody runs the practice that has the tax ID, or is invited to: no form takes it, staff call the number on
    file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the product knows of a request's tax ID before staff decide."""

    tin: PracticeTin | None
    other_kind: PracticeTin | None  # the same nine digits as the other kind of tax ID (C11)
    administrators: list[Account]  # those whose access rests too
    invited: list[Invitation]
    is_run_now: bool  # by somebody who can sign in, or is invited
    has_number: bool  # on file, and old enough to prove something
    others: list[AdministratorRequest]  # open ones for the same nine digits

    @property
    def practice(self) -> Practice | None:
        return self.tin.practice if self.tin else None

    @property
    def needs_call(self) -> bool:
        """Whether approving needs a call to the number on file: also where all access rests, as long as there is such
        a number. Else that practice would be stuck for good."""
        return self.is_run_now or bool(self.administrators and self.has_number)


def known_of(request: AdministratorRequest, *, now: datetime) -> Known:
    """What is known of its tax ID, for staff only."""
    same = PracticeTin.objects.filter(key=request.tin_key).select_related("practice")
    tins = {tin.kind: tin for tin in same}
    tin = tins.pop(request.tin_kind, None)
    others = AdministratorRequest.objects.open().filter(tin_key=request.tin_key).exclude(pk=request.pk)
    invited = _invited(tin.practice, now=now) if tin else []
    return Known(
        tin=tin,
        other_kind=next(iter(tins.values()), None),
        administrators=_administrators(tin.practice) if tin else [],
        invited=invited,
        is_run_now=bool(invited or (tin and memberships.administrators(tin.practice, now=now))),
        has_number=tin is not None and hand_overs.has_number_on_file(tin.practice, now=now),
        others=list(others.order_by("due_at")),
    )


def _administrators(practice: Practice) -> list[Account]:
    """Who runs its users, those whose membership rests for a while too."""
    rows = Membership.objects.current().of(practice).filter(role=ADMINISTRATOR, grant__until=None)
    return [row.grant.account for row in rows.select_related("grant__account").order_by("since", "pk")]


def _invited(practice: Practice, *, now: datetime) -> list[Invitation]:
    return list(
        invitation_limits.pending(now=now).filter(practice=practice, kind=Kind.ADMINISTRATOR).order_by("created_at")
    )


# --- who works on it ------------------------------------------------------------------------------------------------
@transaction.atomic
def take(*, request: AdministratorRequest, by: Account, now: datetime) -> AdministratorRequest:
    """A member of staff works on it, for a while. Raises approvals.MayNotDecide, or NotPossible when a colleague was
    quicker or nothing is left to decide."""
    row = _locked(request, by=by, now=now)
    if row.state != State.SUBMITTED:
        raise NotPossible(row)
    row.claimed_by, row.claimed_until = by, now + lifecycle.after("administrator_request_hold")
    row.save(update_fields=["claimed_by", "claimed_until"])
    journal.record(events.AdministratorRequestTaken(by=by, about=row, **facts_of(row)), now=now)
    return row


@transaction.atomic
def release(*, request: AdministratorRequest, by: Account, now: datetime) -> AdministratorRequest:
    """Whoever has it gives it back. Raises approvals.MayNotDecide, or NotPossible when it is not theirs."""
    row = _locked(request, by=by, now=now)
    if row.claimed_by_id != by.pk:
        raise NotPossible(row)
    row.claimed_by = row.claimed_until = None
    row.save(update_fields=["claimed_by", "claimed_until"])
    journal.record(events.AdministratorRequestReleased(by=by, about=row, **facts_of(row)), now=now)
    return row


def _locked(request: AdministratorRequest, *, by: Account, now: datetime) -> AdministratorRequest:
    """The row as it stands, locked before all else. Raises approvals.MayNotDecide, or NotPossible while a colleague
    works on it."""
    approvals.check_can_decide(account=by, portal_key=request.portal_key)
    row = AdministratorRequest.objects.select_for_update().get(pk=request.pk)
    if row.is_held(now=now, by=by):
        raise NotPossible(row)
    return row


# --- decisions ------------------------------------------------------------------------------------------------------
@transaction.atomic
def decide(
    *,
    request: AdministratorRequest,
    to: str,
    by: Account,
    now: datetime,
    seen: int,
    reason: str = "",
    has_called: bool = False,
) -> AdministratorRequest:
    """Approve, return or deny. Approval attests the tax ID and invites those whom the request names (D-12, S4-06);
    `has_called` says that the practice agreed at the number on file, where somebody runs it already (D-25).

    Raises approvals.MayNotDecide, OwnRequest, ReasonMissing, NotPossible or Stale, HasAdministrators,
    hand_overs.NoNumberOnFile, and what invitations.invite raises.
    """
    row = _locked(request, by=by, now=now)
    check_not_own(row, by=by)
    if to not in DECISIONS:
        raise NotPossible(row)
    MACHINE.check_can_move(row, to=to, seen=seen)
    if to != State.APPROVED:
        return MACHINE.move(row, to=to, by=by, now=now, seen=seen, reason=reason)
    transactions.lock(f"tax ID {row.tin_key}")  # of two requests for one practice one is first
    practice = _practice_for(row, has_called=has_called, by=by, now=now)
    called_at = now if has_called else None
    approved = MACHINE.move(row, to=to, by=by, now=now, seen=seen, practice=practice, called_at=called_at)
    for officer, person in approved.officers():
        _invite(approved, officer, person, by=by, now=now)
    return approved


def check_not_own(request: AdministratorRequest, *, by: Account) -> None:
    """Raise OwnRequest where one of its addresses is the decider's."""
    addresses = [person.email for _officer, person in request.officers()]
    if EmailAddress.objects.filter(user=by, email__in=addresses).exists():
        raise OwnRequest


def _practice_for(row: AdministratorRequest, *, has_called: bool, by: Account, now: datetime) -> Practice:
    """The practice of the tax ID, attested; a new one has the name, address and phones of the request. A known one
    keeps its own: a form renames nobody's practice."""
    known = known_of(row, now=now)
    if known.tin is not None and known.needs_call:
        if not known.has_number:
            raise hand_overs.NoNumberOnFile
        if not has_called:
            raise HasAdministrators
        tin = known.tin
    else:
        given = [(row.tin, row.tin_kind)]
        [tin] = practices.of_tins(
            name=row.practice_name, tins=given, origin=Origin.FORM, origin_key=row.number, now=now
        )
    practices.attest(tins=[tin], reason=row.number, by=by, now=now)
    where = {name: getattr(row, name) for name in ("address_1", "address_2", "city", "zip", "phone", "fax")}
    more = {"state": row.practice_state, "has_more_locations": row.has_more_locations}
    return practices.fill_in(practice=tin.practice, details=where | more, now=now)


def _invite(row: AdministratorRequest, officer: str, person: Applicant, *, by: Account, now: datetime) -> Invitation:
    office = {name: getattr(row, name) for name in ("address_1", "address_2", "city", "zip")}
    invitee = Invitee(
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        language=row.language,
        office=office | {"office_state": row.practice_state, "work_phone": person.phone},
    )
    return invitations.invite(
        kind=Kind.ADMINISTRATOR, invitee=invitee, role=ADMINISTRATOR, portal_key=row.portal_key, practice=row.practice,
        officer=Officer(officer), origin_key=row.number, by=by, now=now,
    )  # fmt: skip


# --- its invitations ------------------------------------------------------------------------------------------------
def invitations_of(request: AdministratorRequest) -> Iterator[Invitation]:
    """Those that its approval sent, and what replaced them, oldest first."""
    sent = Invitation.objects.filter(kind=Kind.ADMINISTRATOR, practice=request.practice_id, origin_key=request.number)
    yield from sent.exclude(practice=None).order_by("officer", "created_at")


@transaction.atomic
def resend(*, request: AdministratorRequest, invitation: Invitation, by: Account, now: datetime) -> Invitation:
    """Send an administrator's invitation again: only Provider Services do (C10).

    Raises approvals.MayNotDecide, and what invitations.resend raises.
    """
    approvals.check_can_decide(account=by, portal_key=request.portal_key)
    return invitations.resend(invitation=invitation, by=by, now=now)


@transaction.atomic
def invite_anew(
    *, request: AdministratorRequest, invitation: Invitation, email: str, by: Account, now: datetime
) -> Invitation:
    """Invite the same person anew, where the address was wrong or the invitation has ended (S4-24, C10): the one
    before is taken back.

    Raises approvals.MayNotDecide, NotPossible for one that was accepted, and what invitations.invite raises.
    """
    approvals.check_can_decide(account=by, portal_key=request.portal_key)
    match invitation_links.standing(invitation, now=now):
        case Standing.ACCEPTED:
            raise NotPossible(invitation)
        case Standing.OPEN | Standing.LINK_ENDED:
            invitations.cancel(invitation=invitation, by=by, now=now)
    person = Applicant(
        first_name=invitation.first_name, last_name=invitation.last_name, phone=invitation.work_phone, email=email
    )
    return _invite(request, invitation.officer, person, by=by, now=now)


# --- those who run the practice --------------------------------------------------------------------------------------
MAX_TOLD = 200  # requests of one run: a job of every minute


def tell_administrators(*, now: datetime) -> int:
    """Tell those who run a practice that somebody asks for it too (D-25); returns how many requests were looked at.

    A job does it and not the page that proves a mailbox, which takes the same time whatever the tax ID is.
    """
    waiting = AdministratorRequest.objects.filter(state=State.SUBMITTED, administrators_told_at=None)
    return sum(_tell_of(row, now=now) for row in waiting.order_by("due_at")[:MAX_TOLD])


@transaction.atomic
def _tell_of(request: AdministratorRequest, *, now: datetime) -> bool:
    mine = AdministratorRequest.objects.filter(pk=request.pk, administrators_told_at=None)
    if not mine.update(administrators_told_at=now):
        return False
    known = known_of(request, now=now)
    if known.practice is not None:
        day = zones.today(registry.get(request.portal_key).realm, now=now).isoformat()
        for account in known.administrators:
            mail = PracticeAskedForMail(
                account_id=account.pk, practice=known.practice.pk, portal_key=request.portal_key, day=day
            )
            outbox.enqueue(mail, now=now)
    return True
