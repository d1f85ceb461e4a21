"""Who decides a portal's requests (C29): one operator asks for a change and says why, another one makes it.

The life of a change stands in three tables, and one function moves it along them.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from guardian.shortcuts import assign_perm, get_groups_with_perms, remove_perm

from identity.accounts import staff_rights
from identity.models import Account
from identity.policy import lifecycle
from identity.record import journal, outbox
from rbac import events
from rbac.domain.approvals import DECIDE
from rbac.messages import DecidesMail
from rbac.models import ApprovalQueue, ApprovalQueueUserPermission, DecidersChange

State = DecidersChange.State
RIGHT = "rbac.change_approvalqueue"
MAX_LENGTH = 400  # characters of a reason

TRANSITIONS: dict[str, frozenset[str]] = {
    State.ASKED: frozenset({State.DONE, State.CANCELLED}),
    State.DONE: frozenset(),
    State.CANCELLED: frozenset(),
}
EVENTS: dict[str, type[events.DecidersEvent]] = {
    State.ASKED: events.DecidersChangeAsked,
    State.DONE: events.DecidersChanged,
    State.CANCELLED: events.DecidersChangeCancelled,
}
MESSAGES: dict[str, type[DecidesMail] | None] = {
    State.ASKED: None,  # a second operator has to look at it first
    State.DONE: DecidesMail,
    State.CANCELLED: None,
}


class ReasonMissing(Exception):
    """Asking and cancelling say why."""


class NothingChanges(Exception):
    """The boxes say what holds already."""


class AskedAlready(Exception):
    """Another change of this queue waits for a second operator."""


class SameOperator(Exception):
    """Whoever asked for a change does not make it."""


class NotPossible(Exception):
    """It is done, cancelled or too old; or somebody who was to begin is no longer active staff."""


def may_change(account: Account) -> bool:
    """Whether the account may say who decides."""
    return account.is_active and account.is_staff and account.has_perm(RIGHT)


def for_queue(queue: ApprovalQueue) -> QuerySet[Account]:
    """Whom the right was given to themselves. Superusers decide everything without it."""
    held = ApprovalQueueUserPermission.objects.filter(content_object=queue, permission__codename="decide_requests")
    return Account.objects.filter(pk__in=held.values("user")).order_by("login_name")


def groups_of(queue: ApprovalQueue) -> list[str]:
    """The groups whose members decide too."""
    return sorted(group.name for group in get_groups_with_perms(queue))


def candidates(queue: ApprovalQueue) -> QuerySet[Account]:
    """Active staff who can be given the right, and whoever has it now."""
    staff = Account.objects.filter(is_active=True, is_staff=True, is_superuser=False)
    return (staff | Account.objects.filter(pk__in=for_queue(queue).values("pk"))).order_by("login_name")


@transaction.atomic
def ask(*, queue: ApprovalQueue, deciders: Collection[int], reason: str, by: Account, now: datetime) -> DecidersChange:
    """The first of two: from now on exactly these are to decide, by their keys.

    Raises staff_rights.MayNotHandle (OwnAccount where it is about the operator), ReasonMissing, NothingChanges or
    AskedAlready.
    """
    wanted = {one.pk: one for one in candidates(queue).filter(pk__in=deciders)}
    held = {one.pk: one for one in for_queue(queue)}
    begins = [one for key, one in wanted.items() if key not in held]
    ceases = [one for key, one in held.items() if key not in wanted]
    _check_operator(by, [*begins, *ceases])
    if not begins and not ceases:
        raise NothingChanges
    if not reason.strip():
        raise ReasonMissing
    _give_up_old(queue, now=now)
    try:
        with transaction.atomic():
            change = DecidersChange.objects.create(
                queue=queue, reason=reason.strip()[:MAX_LENGTH], asked_by=by, asked_at=now
            )
    except IntegrityError as error:
        raise AskedAlready from error
    change.begins.set(begins)
    change.ceases.set(ceases)
    _record(change, by=by, now=now, reason=change.reason)
    return change


@transaction.atomic
def do(*, change: DecidersChange, by: Account, now: datetime) -> None:
    """The second of two: the rights are given and taken; each person is told by mail.

    Raises SameOperator, staff_rights.MayNotHandle or NotPossible.
    """
    if by.pk == change.asked_by_id:
        raise SameOperator
    begins, ceases = list(change.begins.all()), list(change.ceases.all())
    _check_operator(by, [*begins, *ceases])
    if not is_open(change, now=now) or not all(one.is_active and one.is_staff for one in begins):
        raise NotPossible
    _move(change, State.DONE, by=by, now=now, reason=change.reason)
    for people, act, event in (
        (begins, assign_perm, events.DeciderAdded),
        (ceases, remove_perm, events.DeciderRemoved),
    ):
        for person in people:
            act(DECIDE, person, change.queue)
            told = event(account=person, by=by, about=change, portal_key=change.queue.portal_key, reason=change.reason)
            journal.record(told, now=now)
            if mail := MESSAGES[change.state]:
                outbox.enqueue(mail(account_id=person.pk, change=str(change.pk)), now=now)


@transaction.atomic
def cancel(*, change: DecidersChange, reason: str, by: Account, now: datetime) -> None:
    """Give it up: either operator may. Raises staff_rights.MayNotHandle, ReasonMissing or NotPossible."""
    _check_operator(by, [])
    if not reason.strip():
        raise ReasonMissing
    _move(change, State.CANCELLED, by=by, now=now, reason=reason.strip()[:MAX_LENGTH])


def waiting(queue: ApprovalQueue, *, now: datetime) -> DecidersChange | None:
    """The change that a second operator can still make."""
    change = DecidersChange.objects.select_related("queue", "asked_by").filter(queue=queue, state=State.ASKED).first()
    return change if change and is_open(change, now=now) else None


def is_open(change: DecidersChange, *, now: datetime) -> bool:
    """Whether a second operator can still make it."""
    return change.state == State.ASKED and now < change.asked_at + lifecycle.after("deciders_change_open")


def _check_operator(by: Account, people: Collection[Account]) -> None:
    """No right is given or taken by its holder."""
    if not may_change(by):
        raise staff_rights.MayNotHandle
    if any(person.pk == by.pk for person in people):
        raise staff_rights.OwnAccount


def _give_up_old(queue: ApprovalQueue, *, now: datetime) -> None:
    old = DecidersChange.objects.filter(queue=queue, state=State.ASKED).first()
    if old is not None and not is_open(old, now=now):
        _move(old, State.CANCELLED, by=None, now=now, reason="no second operator")


def _move(change: DecidersChange, to: State, *, by: Account | None, now: datetime, reason: str) -> None:
    """Change the state by compare-and-set: of two who press at once, one wins."""
    mine = DecidersChange.objects.filter(pk=change.pk, state=change.state)
    if to not in TRANSITIONS[change.state] or not mine.update(state=to, ended_by=by, ended_at=now):
        raise NotPossible
    change.refresh_from_db(fields=["state", "ended_by", "ended_at"])
    _record(change, by=by, now=now, reason=reason)


def _record(change: DecidersChange, *, by: Account | None, now: datetime, reason: str) -> None:
    """The event of the state that it has just reached; what it means for each person is recorded with them."""
    event = EVENTS[change.state]
    told = event(account=None, by=by, about=change, portal_key=change.queue.portal_key, reason=reason)
    journal.record(told, now=now)
