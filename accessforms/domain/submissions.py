"""The life of a request for access (D-08), as three tables and one function that moves it along them."""

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accessforms import events, messages
from accessforms.domain import effects, limits, printouts
from accessforms.models import Submission
from identity.jobs import mass_acts
from identity.models import Account
from identity.policy import lifecycle
from identity.record import journal, outbox
from rbac.domain import approvals

State = Submission.State

TRANSITIONS: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.FAX_RECEIVED, State.RETURNED, State.DENIED, State.WITHDRAWN, State.EXPIRED}),
    State.FAX_RECEIVED: frozenset({State.APPROVED, State.RETURNED, State.DENIED, State.WITHDRAWN}),
    State.RETURNED: frozenset({State.SUBMITTED, State.WITHDRAWN, State.EXPIRED}),
    State.APPROVED: frozenset(),
    State.DENIED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
}
EVENTS: dict[str, type[events.RequestEvent]] = {
    State.SUBMITTED: events.RequestSubmitted,
    State.FAX_RECEIVED: events.FaxReceived,
    State.RETURNED: events.RequestReturned,
    State.APPROVED: events.RequestApproved,
    State.DENIED: events.RequestDenied,
    State.WITHDRAWN: events.RequestWithdrawn,
    State.EXPIRED: events.RequestExpired,
}
MESSAGES: dict[str, type[messages.RequestMail] | None] = {
    State.SUBMITTED: messages.RequestSubmittedMail,
    State.FAX_RECEIVED: messages.FaxReceivedMail,
    State.RETURNED: messages.RequestReturnedMail,
    State.APPROVED: messages.RequestApprovedMail,
    State.DENIED: messages.RequestDeniedMail,
    State.WITHDRAWN: None,  # the applicant did it, and the page says so
    State.EXPIRED: messages.RequestExpiredMail,
}

# Read over the telephone and off a fax: no 0, O, 1 or I.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
DECISIONS = (State.FAX_RECEIVED, State.APPROVED, State.RETURNED, State.DENIED)
NEEDS_REASON = (State.RETURNED, State.DENIED)


class NotPossible(Exception):
    """The request is no longer in a state from which this step leads: `current` says where it is."""

    def __init__(self, current: Submission) -> None:
        super().__init__(current.state)
        self.current = current


class StalePage(Exception):
    """The answers changed after the page that was acted on had been opened."""


class Incomplete(Exception):
    """The answers have not passed the form's checks."""


class ReasonMissing(Exception):
    """Returning and denying need a reason that the applicant can read."""


class OwnRequest(Exception):
    """Nobody decides a request of their own."""


def draft_of(*, account: Account, portal_key: str, now: datetime) -> Submission:
    """The account's draft for a portal, begun now if there is none."""
    draft, _created = Submission.objects.get_or_create(
        account=account,
        portal_key=portal_key,
        state=State.DRAFT,
        defaults={
            "reference": new_reference(),
            "created_at": now,
            "saved_at": now,
            "state_since": now,
        },
    )
    return draft


def new_reference() -> str:
    """Eight characters that survive a fax and a telephone: 40 bits."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))


@transaction.atomic
def save_answers(*, submission: Submission, answers: dict[str, Any], is_complete: bool, now: datetime) -> Submission:
    """Keep what was typed into a draft or a returned request. Raises NotPossible once it was sent."""
    saved = Submission.objects.filter(pk=submission.pk, state__in=[State.DRAFT, State.RETURNED]).update(
        answers=answers, is_complete=is_complete, version=F("version") + 1, saved_at=now
    )
    submission.refresh_from_db()
    if not saved:
        raise NotPossible(submission)
    return submission


@transaction.atomic
def submit(*, submission: Submission, seen_version: int, by: Account, now: datetime) -> Submission:
    """Send the checked answers in, ask for the PDF, and tell the applicant (S1-26, S1-32, C13).

    Raises StalePage when the answers are not those of the page, Incomplete, limits.TooMany, or NotPossible after a
    double submit.
    """
    current = Submission.objects.select_for_update().get(pk=submission.pk)
    if State.SUBMITTED not in TRANSITIONS[current.state]:
        raise NotPossible(current)
    if current.version != seen_version:
        raise StalePage
    if not current.is_complete:
        raise Incomplete
    limits.check_can_send(current, now=now)
    revision = current.revision + (1 if current.state == State.RETURNED else 0)
    sent = _transition(
        current,
        to=State.SUBMITTED,
        by=by,
        now=now,
        changes={"submitted_at": now, "revision": revision, "reason": ""},
    )
    printouts.ask_for(submission=sent, now=now)
    return sent


def decide(
    *,
    submission: Submission,
    to: str,
    by: Account,
    now: datetime,
    seen_version: int,
    reason: str = "",
    chosen: effects.Chosen | None = None,
) -> Submission:
    """A step of the service desk: fax received, approved, returned or denied (S1-32..34, D-08).

    `chosen` says whose account a person of the form is, where the form alone does not. Raises approvals.MayNotDecide,
    OwnRequest, ReasonMissing, NotPossible when somebody was quicker, and what effects.apply raises.
    """
    check_can_decide(submission=submission, by=by)
    if to not in DECISIONS:
        raise NotPossible(submission)
    if to in NEEDS_REASON and not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        changes = {"decided_by": by, "reason": reason.strip()}
        if submission.version != seen_version:
            raise NotPossible(submission)
        decided = _transition(submission, to=to, by=by, now=now, changes=changes)
        if to == State.APPROVED:
            done = effects.apply(submission=decided, by=by, now=now, chosen=chosen)
            decided.outcomes = [outcome.kept(applicant=decided.account) for outcome in done]
            decided.save(update_fields=["outcomes"])
    return decided


def check_can_decide(*, submission: Submission, by: Account) -> None:
    """Raise MayNotDecide without an approver right for the portal, OwnRequest for an own request."""
    approvals.check_can_decide(account=by, portal_key=submission.portal_key)
    if submission.account_id == by.pk:
        raise OwnRequest


def withdraw(*, submission: Submission, by: Account, now: datetime) -> Submission:
    """The applicant takes an undecided request back. Raises NotPossible."""
    return _transition(submission, to=State.WITHDRAWN, by=by, now=now)


def expire_unfaxed(*, now: datetime) -> int:
    """Expire requests of which no fax came within the period of the table; returns how many (D-08). Too many at once
    wait for two people (policy: mass acts)."""
    waiting = Submission.objects.filter(state__in=[State.SUBMITTED, State.RETURNED])
    over = mass_acts.admitted(
        kind="expire unfaxed requests",
        rows=lambda moment: waiting.filter(state_since__lte=moment - lifecycle.after("unfaxed_request")),
        active=waiting,
        limit=mass_acts.ENDING,
        now=now,
    )
    expired = 0
    for submission in over.iterator():
        try:
            _transition(submission, to=State.EXPIRED, by=None, now=now)
        except NotPossible:
            continue  # faxed, corrected or withdrawn since the row was read
        expired += 1
    return expired


@transaction.atomic
def _transition(
    submission: Submission,
    *,
    to: str,
    by: Account | None,
    now: datetime,
    changes: dict[str, Any] | None = None,
) -> Submission:
    """Move one step by compare-and-set on state and version: of two who press at once, one wins."""
    if to not in TRANSITIONS[submission.state]:
        raise NotPossible(submission)
    won = Submission.objects.filter(pk=submission.pk, state=submission.state, version=submission.version).update(
        state=to, state_since=now, version=F("version") + 1, **(changes or {})
    )
    submission.refresh_from_db()
    if not won:
        raise NotPossible(submission)
    journal.record(
        EVENTS[to](
            account=submission.account,
            by=by,
            about=submission,
            reference=submission.reference,
            portal_key=submission.portal_key,
            reason=submission.reason if to in NEEDS_REASON else "",
        ),
        now=now,
    )
    if message := MESSAGES[to]:
        outbox.enqueue(
            message(account_id=submission.account_id, reference=submission.reference, version=submission.version),
            now=now,
        )
    return submission


def steps_from(state: str) -> list[str]:
    """The decisions that the service desk can take on a request in this state, in the order of their buttons."""
    return [to for to in DECISIONS if to in TRANSITIONS[state]]
