"""Who decides a portal's requests (C29): one operator asks for a change and says why, another one makes it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, prefetch_related_objects
from guardian.shortcuts import assign_perm, get_groups_with_perms, remove_perm

from identity.accounts import staff_rights
from identity.models import Account
from identity.policy import lifecycle
from identity.record import journal
from identity.record.machine import Machine, NotPossible
from rbac import events
from rbac.domain.approvals import DECIDE
from rbac.messages import DecidesMail
from rbac.models import ApprovalQueue, ApprovalQueueUserPermission, DecidersChange

State = DecidersChange.State
RIGHT = "rbac.change_approvalqueue"
MAX_LENGTH = 400  # characters of a reason


class DecidersMachine(Machine[DecidersChange]):
    """The life of a change."""

    model = DecidersChange
    begins = frozenset({State.ASKED})
    transitions = {
        State.ASKED: frozenset({State.DONE, State.CANCELLED}),
        State.DONE: frozenset(),
        State.CANCELLED: frozenset(),
    }
    events = {
        State.ASKED: events.DecidersChangeAsked,
        State.DONE: events.DecidersChanged,
        State.CANCELLED: events.DecidersChangeCancelled,
    }
    messages = {
        State.ASKED: None,  # a second operator has to look at it first
        State.DONE: DecidesMail,
        State.CANCELLED: None,
    }
    needs_reason = frozenset({State.ASKED, State.CANCELLED})
    by_two = {State.DONE: "asked_by"}

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        return {"ended_by": by, "ended_at": now}

    def facts(self, row: DecidersChange, *, reason: str) -> dict[str, Any]:
        return {"account": None, "portal_key": row.queue.portal_key, "reason": reason}

    def message_ids(self, row: DecidersChange, *, by: Account | None) -> Iterable[dict[str, Any]]:
        for person in (*row.begins.all(), *row.ceases.all()):
            yield {"account_id": person.pk, "change": str(row.pk)}


MACHINE = DecidersMachine()


class NothingChanges(Exception):
    """The boxes say what holds already."""


class AskedAlready(Exception):
    """Another change of this queue waits for a second operator."""


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
    MACHINE.check_reason(to=State.ASKED, reason=reason)
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
    MACHINE.tell(change, by=by, now=now, reason=change.reason)
    return change


@transaction.atomic
def do(*, change: DecidersChange, by: Account, now: datetime) -> None:
    """The second of two: the rights are given and taken; each person is told by mail.

    Raises SamePerson, staff_rights.MayNotHandle or NotPossible.
    """
    MACHINE.check_second(change, to=State.DONE, by=by)
    prefetch_related_objects([change], "begins", "ceases")
    begins, ceases = list(change.begins.all()), list(change.ceases.all())
    _check_operator(by, [*begins, *ceases])
    if not is_open(change, now=now) or not all(one.is_active and one.is_staff for one in begins):
        raise NotPossible(change)
    MACHINE.move(change, to=State.DONE, by=by, now=now, reason=change.reason)
    for people, act, event in (
        (begins, assign_perm, events.DeciderAdded),
        (ceases, remove_perm, events.DeciderRemoved),
    ):
        for person in people:
            act(DECIDE, person, change.queue)
            told = event(account=person, by=by, about=change, portal_key=change.queue.portal_key, reason=change.reason)
            journal.record(told, now=now)


@transaction.atomic
def cancel(*, change: DecidersChange, reason: str, by: Account, now: datetime) -> None:
    """Give it up: either operator may. Raises staff_rights.MayNotHandle, ReasonMissing or NotPossible."""
    _check_operator(by, [])
    MACHINE.move(change, to=State.CANCELLED, by=by, now=now, reason=reason.strip()[:MAX_LENGTH])


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
        MACHINE.move(old, to=State.CANCELLED, by=None, now=now, reason="no second operator")
