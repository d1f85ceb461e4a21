"""The life of a hand-over: what leads where, and who is told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from identity.models import Account
from identity.record.machine import Machine
from rbac import events, messages
from rbac.models import HandOver, Membership
from rbac.roles import ADMINISTRATOR

State = HandOver.State


class HandOverMachine(Machine[HandOver]):
    """The life of a hand-over. That its days are over is computed at use; the job writes what holds."""

    model = HandOver
    compared = ("to_signed_at", "confirmed_at")
    begins = frozenset({State.ASKED, State.SIGNED})
    transitions = {
        State.ASKED: frozenset({State.DONE, State.DECLINED, State.LAPSED}),
        State.SIGNED: frozenset({State.DONE, State.DECLINED, State.LAPSED}),
        State.DONE: frozenset(),
        State.DECLINED: frozenset(),
        State.LAPSED: frozenset(),
    }
    events = {
        State.ASKED: events.HandOverAsked,
        State.SIGNED: events.HandOverSigned,
        State.DONE: events.HandOverDone,
        State.DECLINED: events.HandOverDeclined,
        State.LAPSED: events.HandOverLapsed,
    }
    messages = dict.fromkeys(State, messages.HandOverMail)

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        return {"ended_at": now} | ({"reason": reason} if reason else {})

    def facts(self, row: HandOver, *, reason: str) -> dict[str, Any]:
        where = {"portal_key": row.portal_key, "practice": row.practice_id}
        return {"account": row.to_account, "reason": row.reason, **where}

    def message_ids(self, row: HandOver, *, by: Account | None) -> Iterable[dict[str, Any]]:
        """Both of them but for who has just pressed, and whoever else runs the practice's users."""
        readers = {row.to_account_id} | ({row.from_account_id} if row.from_account_id else set())
        if row.confirmed_by_id or row.state == State.DONE:
            running = Membership.objects.current().of(row.practice).in_portal(row.portal_key)
            readers |= set(running.filter(role=ADMINISTRATOR).values_list("grant__account", flat=True))
        for account_id in sorted(readers - {by.pk if by else 0}):
            yield {"account_id": account_id, "handover": row.pk, "state": str(row.state)}


MACHINE = HandOverMachine()
