"""Requests for access (D-08): kept, sent in, decided, withdrawn, and the machine that moves them."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from accessforms import events, messages
from accessforms.domain import effects, limits, printouts
from accessforms.models import Submission
from identity.jobs import mass_acts
from identity.models import Account
from identity.policy import lifecycle
from identity.record.machine import Machine, NotPossible
from rbac.domain import approvals

State = Submission.State
# Read over the telephone and off a fax: no 0, O, 1 or I.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
DECISIONS = (State.FAX_RECEIVED, State.APPROVED, State.RETURNED, State.DENIED)


class SubmissionMachine(Machine[Submission]):
    """The life of a request (D-08)."""

    model = Submission
    compared = ("version",)
    begins = frozenset({State.DRAFT})
    transitions = {
        State.DRAFT: frozenset({State.SUBMITTED}),
        State.SUBMITTED: frozenset({State.FAX_RECEIVED, State.RETURNED, State.DENIED, State.WITHDRAWN, State.EXPIRED}),
        State.FAX_RECEIVED: frozenset({State.APPROVED, State.RETURNED, State.DENIED, State.WITHDRAWN}),
        State.RETURNED: frozenset({State.SUBMITTED, State.WITHDRAWN, State.EXPIRED}),
        State.APPROVED: frozenset(),
        State.DENIED: frozenset(),
        State.WITHDRAWN: frozenset(),
        State.EXPIRED: frozenset(),
    }
    events = {
        State.SUBMITTED: events.RequestSubmitted,
        State.FAX_RECEIVED: events.FaxReceived,
        State.RETURNED: events.RequestReturned,
        State.APPROVED: events.RequestApproved,
        State.DENIED: events.RequestDenied,
        State.WITHDRAWN: events.RequestWithdrawn,
        State.EXPIRED: events.RequestExpired,
    }
    messages = {
        State.SUBMITTED: messages.RequestSubmittedMail,
        State.FAX_RECEIVED: messages.FaxReceivedMail,
        State.RETURNED: messages.RequestReturnedMail,
        State.APPROVED: messages.RequestApprovedMail,
        State.DENIED: messages.RequestDeniedMail,
        State.WITHDRAWN: None,  # the applicant did it, and the page says so
        State.EXPIRED: messages.RequestExpiredMail,
    }
    needs_reason = frozenset({State.RETURNED, State.DENIED})  # that the applicant can read

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        written = {"state_since": now, "version": F("version") + 1}
        if to == State.SUBMITTED:
            return written | {"submitted_at": now, "reason": ""}
        return written | ({"decided_by": by, "reason": reason} if to in DECISIONS else {})

    def facts(self, row: Submission, *, reason: str) -> dict[str, Any]:
        return {
            "account": row.account,
            "reference": row.reference,
            "portal_key": row.portal_key,
            "reason": row.reason if row.state in self.needs_reason else "",
        }

    def message_ids(self, row: Submission, *, by: Account | None) -> Iterable[dict[str, Any]]:
        return [{"account_id": row.account_id, "reference": row.reference, "version": row.version}]


MACHINE = SubmissionMachine()


class Incomplete(Exception):
    """The answers have not passed the form's checks."""


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

    Raises Stale when the answers are not those of the page, Incomplete, limits.TooMany, or NotPossible after a
    double submit.
    """
    current = Submission.objects.select_for_update().get(pk=submission.pk)
    MACHINE.check_can_move(current, to=State.SUBMITTED, seen=seen_version)
    if not current.is_complete:
        raise Incomplete
    limits.check_can_send(current, now=now)
    revision = current.revision + (1 if current.state == State.RETURNED else 0)
    sent = MACHINE.move(current, to=State.SUBMITTED, by=by, now=now, revision=revision)
    printouts.ask_for(submission=sent, now=now)
    return sent


@transaction.atomic
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
    decided = MACHINE.move(submission, to=to, by=by, now=now, seen=seen_version, reason=reason)
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


@transaction.atomic
def withdraw(*, submission: Submission, by: Account, now: datetime) -> Submission:
    """The applicant takes an undecided request back. Raises NotPossible."""
    return MACHINE.move(submission, to=State.WITHDRAWN, by=by, now=now)


def expire_unfaxed(*, now: datetime) -> int:
    """Expire requests of which no fax came within the period of the table; returns how many (D-08). Too many at once
    wait for two people (policy: mass acts)."""
    waiting = Submission.objects.filter(state__in=[State.SUBMITTED, State.RETURNED])
    over = mass_acts.admitted(
        kind=gettext_noop("expire unfaxed requests"),
        rows=lambda moment: waiting.filter(state_since__lte=moment - lifecycle.after("unfaxed_request")),
        active=waiting,
        limit=mass_acts.ENDING,
        now=now,
    )
    expired = 0
    for submission in over.iterator():
        try:
            with transaction.atomic():
                MACHINE.move(submission, to=State.EXPIRED, by=None, now=now)
        except NotPossible:
            continue  # faxed, corrected or withdrawn since the row was read
        expired += 1
    return expired


def steps_from(state: str) -> list[str]:
    """The decisions that the service desk can take on a request in this state, in the order of their buttons."""
    return [to for to in DECISIONS if to in MACHINE.transitions[state]]
