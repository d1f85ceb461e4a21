"""The life of a mandate: what leads where, and who is told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from identity.models import Account
from identity.record.machine import Machine
from rbac import events, messages
from rbac.domain import mandate_people
from rbac.models import Mandate

State = Mandate.State


class MandateMachine(Machine[Mandate]):
    """The life of a mandate. That its days are over is computed at use; the job writes what holds."""

    model = Mandate
    begins = frozenset({State.ASKED})
    transitions = {
        State.ASKED: frozenset({State.AGREED, State.DECLINED, State.LAPSED}),
        State.AGREED: frozenset({State.ENDED}),
        State.DECLINED: frozenset(),
        State.LAPSED: frozenset(),
        State.ENDED: frozenset(),
    }
    events = {
        State.ASKED: events.MandateAsked,
        State.AGREED: events.MandateAgreed,
        State.DECLINED: events.MandateDeclined,
        State.LAPSED: events.MandateLapsed,
        State.ENDED: events.MandateEnded,
    }
    # The vendor learns of what was agreed and of nothing else: a mail that a practice declined, or did not answer,
    # would say that a tax ID is known here.
    messages = {
        State.ASKED: messages.MandateMail,
        State.AGREED: messages.MandateMail,
        State.DECLINED: None,
        State.LAPSED: None,
        State.ENDED: messages.MandateMail,
    }

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        stamped = {"since": now, "agreed_by": by} if to == State.AGREED else {"until": now, "ended_by": by}
        return stamped | ({"reason": reason} if reason else {})

    def facts(self, row: Mandate, *, reason: str) -> dict[str, Any]:
        """It concerns whoever asked, once the practice agreed: before that their history says nothing of it."""
        concerned = row.asked_by if row.since else None
        between = {"practice": row.practice_id, "vendor": row.vendor_id}
        return {"account": concerned, "portal_key": row.portal_key, "reason": reason, **between}

    def message_ids(self, row: Mandate, *, by: Account | None) -> Iterable[dict[str, Any]]:
        """Those who may agree for the practice, and whoever asked, but for who has just pressed."""
        now = max(filter(None, (row.asked_at, row.since, row.until)))
        there = mandate_people.signers(row.practice, portal_key=row.portal_key, now=now)
        readers = set(there.values_list("grant__account", flat=True))
        if row.since:
            readers.add(row.asked_by_id)
        for account_id in sorted(readers - {by.pk if by else 0}):
            yield {"account_id": account_id, "mandate": row.pk, "state": str(row.state)}


MACHINE = MandateMachine()
