"""Administrator requests (S4-01..04): asked for, proved, corrected, withdrawn, over, and the machine that moves them.
What staff decide: enrollment.domain.administrator_decisions."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_noop

from enrollment import administrator_messages as messages
from enrollment import events
from enrollment.models import AdministratorRequest, Applicant, RequestState
from identity.codes import codes
from identity.jobs import mass_acts
from identity.models import Account, Challenge
from identity.notices import ticket_numbers
from identity.policy import lifecycle
from identity.record import delivery, outbox
from identity.record.machine import Machine, NotPossible
from rbac.models.practices import tin_key

State = RequestState
LETTER = "A"  # of the numbers: A-7K3M-9QX2
DECISIONS = (State.APPROVED, State.RETURNED, State.DENIED)
# How long a request may wait in a state, by the table of periods; the others wait for nobody.
WAITS = {
    State.UNPROVED: "administrator_request_proof",
    State.SUBMITTED: "administrator_request_decision",
    State.RETURNED: "administrator_request_open",
}


class RequestEnded(Exception):
    """Too late: it was not proved, or not corrected, in its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What the page asks for (S4-02..04): columns of the request."""

    primary: Applicant
    secondary: Applicant | None
    practice_name: str
    address_1: str
    address_2: str
    city: str
    practice_state: str
    zip: str
    phone: str
    fax: str
    tin: str
    tin_kind: str
    has_more_locations: bool

    def columns(self) -> dict[str, Any]:
        """The columns of a request, with the key that its tax ID is found by."""
        typed = {field.name: getattr(self, field.name) for field in fields(self)}
        return typed | {"tin_key": tin_key(self.tin)}


class AdministratorRequestMachine(Machine[AdministratorRequest]):
    """The life of an administrator request. Nobody is told anything before its mailbox is proved."""

    model = AdministratorRequest
    compared = ("version",)
    begins = frozenset({State.UNPROVED})
    transitions = {
        State.UNPROVED: frozenset({State.SUBMITTED}),
        State.SUBMITTED: frozenset({State.RETURNED, State.APPROVED, State.DENIED, State.WITHDRAWN}),
        State.RETURNED: frozenset({State.SUBMITTED, State.WITHDRAWN, State.EXPIRED}),
        State.APPROVED: frozenset(),
        State.DENIED: frozenset(),
        State.WITHDRAWN: frozenset(),
        State.EXPIRED: frozenset(),
    }
    steps = {
        (State.UNPROVED, State.SUBMITTED): (
            events.AdministratorRequestProved,
            messages.AdministratorRequestReceivedMail,
        )
    }
    events = {
        State.UNPROVED: events.AdministratorRequested,
        State.SUBMITTED: events.AdministratorRequestCorrected,
        State.RETURNED: events.AdministratorRequestReturned,
        State.APPROVED: events.AdministratorRequestApproved,
        State.DENIED: events.AdministratorRequestDenied,
        State.WITHDRAWN: events.AdministratorRequestWithdrawn,
        State.EXPIRED: events.AdministratorRequestExpired,
    }
    messages = {
        State.UNPROVED: None,  # the code is sent with the limits of codes
        State.SUBMITTED: messages.AdministratorRequestReceivedMail,
        State.RETURNED: messages.AdministratorRequestReturnedMail,
        State.APPROVED: None,  # the invitations say so (S4-06)
        State.DENIED: messages.AdministratorRequestDeniedMail,
        State.WITHDRAWN: None,  # the applicant did it, and the page says so
        State.EXPIRED: messages.AdministratorRequestExpiredMail,
    }
    needs_reason = frozenset({State.RETURNED, State.DENIED})  # that the applicant can read

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        """Each step ends a claim."""
        written: dict[str, Any] = {"state_since": now, "version": F("version") + 1}
        written |= {"claimed_by": None, "claimed_until": None}
        if to in WAITS:
            written["due_at"] = now + lifecycle.after(WAITS[State(to)])
        if to == State.SUBMITTED:
            written |= {"submitted_at": now, "reason": ""}
        return written | ({"decided_by": by, "reason": reason} if to in DECISIONS else {})

    def facts(self, row: AdministratorRequest, *, reason: str) -> dict[str, Any]:
        return facts_of(row, reason=reason)

    def message_ids(self, row: AdministratorRequest, *, by: Account | None) -> Iterable[dict[str, Any]]:
        yield {"request": row.pk, "version": row.version}


MACHINE = AdministratorRequestMachine()


def facts_of(row: AdministratorRequest, *, reason: str = "") -> dict[str, Any]:
    """What every event says of a request."""
    where = {"portal_key": row.portal_key, "practice": row.practice_id}
    return {"account": None, "number": row.number, "reason": reason, **where}


# --- the applicant ------------------------------------------------------------------------------------------------
@transaction.atomic
def ask(
    *, application: Application, portal_key: str, language: str, sender: str = "", now: datetime
) -> AdministratorRequest:
    """Keep what somebody typed (S4-01..04), without asking whose tax ID it is: nothing comes of it before the mailbox
    is proved, and the answer is the same whatever is true (D-25). `sender` is the country or network it came from."""
    row = AdministratorRequest.objects.create(
        number=ticket_numbers.new(LETTER),
        portal_key=portal_key,
        language=language,
        sender=sender,
        created_at=now,
        state_since=now,
        due_at=now + lifecycle.after(WAITS[State.UNPROVED]),
        **application.columns(),
    )
    MACHINE.tell(row, by=None, now=now)
    return row


@transaction.atomic
def send_code(*, request: AdministratorRequest, purpose: codes.Purpose, now: datetime) -> Challenge:
    """Mail link and code that prove the primary's mailbox. `purpose` is "mailbox" for whoever has shown to read it, and
    "typed_mailbox" for anybody else (decision 0061). Raises codes.TooManySendings, or RequestEnded."""
    check_can_prove(request, now=now)
    target = request.primary.email
    challenge = codes.issue(account=None, purpose=purpose, target=target, channel="mail", now=now)
    mail = messages.AdministratorRequestProofMail(request=request.pk, challenge=str(challenge.pk))
    outbox.enqueue(mail, now=now)
    return challenge


def check_code(*, request: AdministratorRequest, purpose: codes.Purpose, typed: str, now: datetime) -> Challenge:
    """The sending whose code this is, to be used up by `prove`. Raises codes.WrongCode or codes.CodeEnded."""
    return codes.check(
        account=None, purpose=purpose, target=request.primary.email, channels=("mail",), typed=typed, now=now
    )


@transaction.atomic
def prove(*, request: AdministratorRequest, proof: Challenge | None, now: datetime) -> AdministratorRequest:
    """The mailbox is the applicant's: the request goes to Provider Services. `proof` is the code that was typed; who
    came by the mailed link needs none.

    Raises RequestEnded, codes.CodeEnded, or NotPossible where it was proved already.
    """
    check_can_prove(request, now=now)
    if proof is not None:
        codes.use(proof, now=now)
    delivery.lift_proved(request.primary.email, now=now)
    return MACHINE.move(request, to=State.SUBMITTED, by=None, now=now, proved_at=now)


def check_can_prove(request: AdministratorRequest, *, now: datetime) -> None:
    """Raise NotPossible for a request that was proved, RequestEnded when its time is over, however late the job is."""
    _check_waits(request, State.UNPROVED, now=now)


@transaction.atomic
def correct(
    *, request: AdministratorRequest, application: Application, seen: int, now: datetime
) -> AdministratorRequest:
    """Send a returned request anew. The primary's address stays: it is the one that was proved.

    Raises RequestEnded, NotPossible, or Stale where the page was an older one.
    """
    check_can_correct(request, now=now)
    columns = application.columns()
    columns["primary"] = Applicant(
        first_name=application.primary.first_name,
        last_name=application.primary.last_name,
        phone=application.primary.phone,
        email=request.primary.email,
    )
    if columns["tin_key"] != request.tin_key:
        columns["administrators_told_at"] = None
    return MACHINE.move(request, to=State.SUBMITTED, by=None, now=now, seen=seen, **columns)


def check_can_correct(request: AdministratorRequest, *, now: datetime) -> None:
    """Raise NotPossible unless it was returned, RequestEnded when its time is over, however late the job is."""
    _check_waits(request, State.RETURNED, now=now)


def state_at(request: AdministratorRequest, *, now: datetime) -> RequestState:
    """What holds at this moment: one that was not corrected in its time has expired, however late the job is."""
    is_over = request.state == State.RETURNED and now >= request.due_at
    return State.EXPIRED if is_over else State(request.state)


def check_can_withdraw(request: AdministratorRequest, *, now: datetime) -> None:
    """Raise NotPossible unless it is undecided, RequestEnded when its time is over, however late the job is."""
    MACHINE.check_can_move(request, to=State.WITHDRAWN)
    if state_at(request, now=now) == State.EXPIRED:
        raise RequestEnded


def can_withdraw(request: AdministratorRequest, *, now: datetime) -> bool:
    """Whether the applicant may still take it back."""
    try:
        check_can_withdraw(request, now=now)
    except (NotPossible, RequestEnded):
        return False
    return True


def _check_waits(request: AdministratorRequest, state: State, *, now: datetime) -> None:
    if request.state != state:
        raise NotPossible(request)
    if now >= request.due_at:
        raise RequestEnded


@transaction.atomic
def withdraw(*, request: AdministratorRequest, now: datetime) -> AdministratorRequest:
    """The applicant takes an undecided request back. Raises NotPossible or RequestEnded."""
    check_can_withdraw(request, now=now)
    return MACHINE.move(request, to=State.WITHDRAWN, by=None, now=now)


# --- what is over ---------------------------------------------------------------------------------------------------
def _over(state: State, moment: datetime) -> QuerySet[AdministratorRequest]:
    return AdministratorRequest.objects.filter(state=state, due_at__lte=moment).order_by("due_at", "pk")


def delete_unproved(*, now: datetime) -> int:
    """Delete unread what nobody confirmed in its time; returns how many. Too many at once wait for two people
    (policy: mass acts)."""
    over = mass_acts.admitted(
        kind=gettext_noop("delete unconfirmed administrator requests"),
        rows=lambda moment: _over(State.UNPROVED, moment),
        active=AdministratorRequest.objects.all(),
        limit=mass_acts.PRUNING,
        now=now,
    )
    return AdministratorRequest.objects.filter(pk__in=list(over.values_list("pk", flat=True))).delete()[0]


def expire_returned(*, now: datetime) -> int:
    """Expire what was returned and not corrected in its time, one transaction each; returns how many. Too many at once
    wait for two people (policy: mass acts)."""
    over = mass_acts.admitted(
        kind=gettext_noop("expire returned administrator requests"),
        rows=lambda moment: _over(State.RETURNED, moment),
        active=AdministratorRequest.objects.open(),
        limit=mass_acts.ENDING,
        now=now,
    )
    return sum(MACHINE.try_move(row, to=State.EXPIRED, by=None, now=now) for row in list(over))
