"""Help-desk resets of sign-in methods, for people who lost them all (S4-37; policy: help-desk reset).

One agent calls back and starts, a different one confirms, a day passes in which every channel of the person can stop
it; then the methods are erased and the person sets up new ones. Nobody of the staff sees or chooses a secret.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from identity.accounts import addresses, staff_rights
from identity.factors import phones
from identity.jobs import mass_acts
from identity.keys import links
from identity.models import Account, FactorReset
from identity.notices.messages import FactorResetMail, FactorResetText
from identity.policy import lifecycle
from identity.record import events, outbox
from identity.record.machine import Machine, NotPossible
from identity.recovery import lost_factors

State = FactorReset.State
type Resets = Callable[[datetime], QuerySet[FactorReset]]
PERMISSION = "identity.reset_factors"


class ResetMachine(Machine[FactorReset]):
    """The life of a reset."""

    model = FactorReset
    begins = frozenset({State.STARTED})
    transitions = {
        State.STARTED: frozenset({State.CONFIRMED, State.CANCELLED}),
        State.CONFIRMED: frozenset({State.DONE, State.STOPPED, State.CANCELLED}),
        State.DONE: frozenset(),
        State.STOPPED: frozenset(),
        State.CANCELLED: frozenset(),
    }
    events = {
        State.STARTED: events.FactorResetStarted,
        State.CONFIRMED: events.FactorResetConfirmed,
        State.DONE: events.FactorResetDone,
        State.STOPPED: events.FactorResetStopped,
        State.CANCELLED: events.FactorResetCancelled,
    }
    messages = {
        State.STARTED: None,  # a second agent has to look at it first
        State.CONFIRMED: FactorResetMail,  # and a text, with the link to stop it
        State.DONE: None,  # the alert about removed methods tells every channel
        State.STOPPED: None,  # the page says so
        State.CANCELLED: None,
    }
    needs_reason = frozenset({State.STARTED, State.CONFIRMED, State.CANCELLED})
    by_two = {State.CONFIRMED: "started_by"}

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        return {"confirmed_by": by, "confirmed_at": now} if to == State.CONFIRMED else {"ended_at": now}

    def facts(self, row: FactorReset, *, reason: str) -> dict[str, Any]:
        said = {"reason": reason} if row.state in self.needs_reason else {}
        return {"account": row.account, **said}

    def message_ids(self, row: FactorReset, *, by: Account | None) -> Iterable[dict[str, Any]]:
        for address in addresses.proved(row.account):
            yield {"account_id": row.account_id, "reset": str(row.pk), "address": address.pk}


MACHINE = ResetMachine()
OPEN = (State.STARTED, State.CONFIRMED)
MAX_LENGTH = 400  # characters of a reason


class OpenAlready(Exception):
    """A reset of this account is under way."""


class StaffAccount(Exception):
    """A member of staff without methods is not let in: an operator invites them anew."""


class NothingToReset(Exception):
    """The account has no sign-in method beside its password."""


def check_can_reset(*, agent: Account, account: Account) -> None:
    """Raise staff_rights.MayNotHandle unless the agent has the right, and no less of it than the account."""
    if not agent.has_perm(PERMISSION):
        raise staff_rights.MayNotHandle
    staff_rights.check_can_handle(agent=agent, account=account)


def cancel_open(*, account: Account, reason: str, now: datetime) -> None:
    """The account was closed, merged or secured: a reset that is under way ends, within the caller's transaction."""
    reset = FactorReset.objects.select_for_update().filter(account=account, state__in=OPEN).first()
    if reset is not None:
        MACHINE.move(reset, to=State.CANCELLED, by=None, now=now, reason=reason)


def for_account(account: Account) -> FactorReset | None:
    """The reset that is under way, if any."""
    return FactorReset.objects.filter(account=account, state__in=OPEN).select_related("started_by").first()


@transaction.atomic
def start(*, account: Account, reason: str, by: Account, now: datetime) -> FactorReset:
    """Start one, after a call back to the number on file (S4-37).

    Raises staff_rights.MayNotHandle, ReasonMissing, StaffAccount, NothingToReset or OpenAlready.
    """
    check_can_reset(agent=by, account=account)
    MACHINE.check_reason(to=State.STARTED, reason=reason)
    if account.is_staff:
        raise StaffAccount
    if not lost_factors.factors_of(account) and not account.factors_taken_back:
        raise NothingToReset
    phone = phones.proved(account)
    try:
        with transaction.atomic():
            reset = FactorReset.objects.create(
                account=account,
                reason=reason.strip()[:MAX_LENGTH],
                called=phone.masked if phone else "",
                started_by=by,
                started_at=now,
            )
    except IntegrityError as error:
        raise OpenAlready from error
    MACHINE.tell(reset, by=by, now=now, reason=reason)
    return reset


@transaction.atomic
def confirm(*, reset: FactorReset, reason: str, by: Account, now: datetime) -> None:
    """A second agent looked at it too: from now on the person has a day to stop it, and is told on every channel.

    Raises staff_rights.MayNotHandle (the right may have been lost meanwhile), SamePerson, ReasonMissing or NotPossible.
    """
    MACHINE.check_second(reset, to=State.CONFIRMED, by=by)
    check_can_reset(agent=by, account=reset.account)
    if now >= reset.started_at + lifecycle.after("factor_reset_open"):
        raise NotPossible(reset)
    MACHINE.move(reset, to=State.CONFIRMED, by=by, now=now, reason=reason)
    outbox.enqueue(FactorResetText(account_id=reset.account_id, reset=str(reset.pk)), now=now)


@transaction.atomic
def cancel(*, reset: FactorReset, reason: str, by: Account, now: datetime) -> None:
    """An agent takes it back. Raises staff_rights.MayNotHandle, ReasonMissing or NotPossible."""
    check_can_reset(agent=by, account=reset.account)
    MACHINE.move(reset, to=State.CANCELLED, by=by, now=now, reason=reason)


@transaction.atomic
def stop(*, reset: FactorReset, now: datetime) -> None:
    """ "Stop this": the button behind the notice's link, up to the last second of the day. Raises NotPossible."""
    if not is_stoppable(reset, now=now):
        raise NotPossible(reset)
    MACHINE.move(reset, to=State.STOPPED, by=None, now=now)


def is_stoppable(reset: FactorReset, *, now: datetime) -> bool:
    """Whether the person can still stop it."""
    return reset.state == State.CONFIRMED and reset.due_at is not None and now < reset.due_at


def do_due(*, now: datetime) -> int:
    """Erase the methods of every reset whose day is over, and cancel those that nobody confirmed; returns how many.

    People wait for a reset, yet erased methods never come back: too many at once wait for two people, who are told by
    mail within the minute (policy: mass acts). What nobody confirmed stops apart, and holds no reset up.
    """
    due = _admitted(gettext_noop("do due resets of methods"), _due, now=now)
    done = sum(_finish(reset, now=now) for reset in due)
    forgotten = _admitted(gettext_noop("cancel forgotten resets"), _forgotten, now=now)
    drop = partial(MACHINE.try_move, to=State.CANCELLED, by=None, now=now, reason="no second agent")
    return done + sum(drop(reset) for reset in forgotten)


def _due(moment: datetime) -> QuerySet[FactorReset]:
    over = moment - lifecycle.after("factor_reset")
    return FactorReset.objects.filter(state=State.CONFIRMED, account__is_active=True, confirmed_at__lte=over)


def _forgotten(moment: datetime) -> QuerySet[FactorReset]:
    over = moment - lifecycle.after("factor_reset_open")
    return FactorReset.objects.filter(state=State.STARTED, started_at__lte=over)


def _admitted(kind: str, rows: Resets, *, now: datetime) -> QuerySet[FactorReset]:
    active = FactorReset.objects.filter(state__in=OPEN)
    over = mass_acts.admitted(kind=kind, rows=rows, active=active, limit=mass_acts.ENDING, now=now)
    return over.select_related("account")


def _finish(reset: FactorReset, *, now: datetime) -> bool:
    try:
        with transaction.atomic():
            MACHINE.move(reset, to=State.DONE, by=None, now=now)
            lost_factors.erase(account=reset.account, by=None, now=now)
    except NotPossible:  # stopped, or another worker was quicker
        return False
    return True


def find(token: str) -> FactorReset | None:
    """The reset of a link, whatever its state; None for a token that we did not make."""
    reset = FactorReset.objects.select_related("account").filter(pk=links.pk_of(token)).first()
    return reset if reset and links.is_genuine(token, reset.pk, reset.bound_to) else None
