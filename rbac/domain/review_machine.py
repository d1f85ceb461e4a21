"""The life of a review: what leads where, and who is told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from identity.models import Account
from identity.record.machine import Machine
from rbac import events, messages
from rbac.models import Membership, Review

State = Review.State


class ReviewMachine(Machine[Review]):
    """The life of a review. That its days are over is computed at use; the job writes what holds."""

    model = Review
    begins = frozenset({State.OPEN})
    transitions = {
        State.OPEN: frozenset({State.ANSWERED, State.UNANSWERED}),
        State.ANSWERED: frozenset(),
        State.UNANSWERED: frozenset(),
    }
    events = {
        State.OPEN: events.ReviewOpened,
        State.ANSWERED: events.ReviewAnswered,
        State.UNANSWERED: events.ReviewUnanswered,
    }
    messages = {State.OPEN: messages.ReviewMail, State.ANSWERED: None, State.UNANSWERED: messages.ReviewMail}

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        return {"ended_at": now}

    def facts(self, row: Review, *, reason: str) -> dict[str, Any]:
        return {"account": None, "portal_key": row.portal_key, "practice": row.practice_id}

    def message_ids(self, row: Review, *, by: Account | None) -> Iterable[dict[str, Any]]:
        """Whoever runs the practice's users at that moment."""
        return mail_ids(row, step=row.state, now=row.ended_at or row.opened_at)


def mail_ids(row: Review, *, step: str, now: datetime) -> list[dict[str, Any]]:
    """The ids of the mail to each administrator of the practice."""
    running = Membership.objects.administrators(row.practice, now=now).in_portal(row.portal_key)
    readers = sorted(set(running.values_list("grant__account", flat=True)))
    return [{"account_id": account_id, "review": row.pk, "step": str(step)} for account_id in readers]


MACHINE = ReviewMachine()
