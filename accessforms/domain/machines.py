"""The two machines that move requests for access: on paper, and without (D-08, S2-19)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from accessforms import events, messages
from accessforms.models import Submission
from identity.models import Account
from identity.record.machine import Machine

State = Submission.State
DECISIONS = (State.FAX_RECEIVED, State.APPROVED, State.RETURNED, State.DENIED)


class SubmissionMachine(Machine[Submission]):
    """The life of a request whose form is printed, signed and faxed (D-08)."""

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
        written: dict[str, Any] = {"state_since": now, "version": F("version") + 1}
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


class OnlineMachine(SubmissionMachine):
    """The life of a request that nobody prints: what is sent in waits for a decision at once (S2-19, S2-20)."""

    transitions = {
        State.DRAFT: frozenset({State.SUBMITTED}),
        State.SUBMITTED: frozenset({State.APPROVED, State.RETURNED, State.DENIED, State.WITHDRAWN}),
        State.FAX_RECEIVED: frozenset(),
        State.RETURNED: frozenset({State.SUBMITTED, State.WITHDRAWN, State.EXPIRED}),
        State.APPROVED: frozenset(),
        State.DENIED: frozenset(),
        State.WITHDRAWN: frozenset(),
        State.EXPIRED: frozenset(),
    }
    messages = {
        **SubmissionMachine.messages,
        State.SUBMITTED: messages.RequestReceivedMail,
        State.EXPIRED: messages.RequestLapsedMail,
    }


PAPER, ONLINE = SubmissionMachine(), OnlineMachine()


def of(submission: Submission) -> SubmissionMachine:
    """The machine of a request: its form says which."""
    return PAPER if submission.is_on_paper else ONLINE
