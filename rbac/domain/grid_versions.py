"""The life of a version of the grid: proposed by one person, published by another, by two where it takes something from
many (policy: mass acts)."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from identity.accounts import staff_rights
from identity.accounts.backend import RealmBackend
from identity.jobs import mass_acts
from identity.keys.fields import keyed_hash
from identity.models import Account
from identity.record.machine import Machine, NotPossible, SamePerson, Stale
from rbac import events, markets, messages, roles
from rbac.capabilities import GRID
from rbac.domain import grid, grid_changes
from rbac.models import GridCell, GridVersion, MarketSwitch

State = GridVersion.State
RIGHT = "rbac.change_grid"
MAX_LENGTH = 400  # characters of a reason
type Box = tuple[str, str, str]  # role, market, capability; "" is every one
type Switch = tuple[str, str]  # market, capability


class GridMachine(Machine[GridVersion]):
    """The life of a version."""

    model = GridVersion
    compared = ("first_published_by_id",)
    begins = frozenset({State.PROPOSED})
    transitions = {
        State.PROPOSED: frozenset({State.HALF_PUBLISHED, State.PUBLISHED, State.DISCARDED}),
        # To itself: the first publisher no longer counts when they have lost the right.
        State.HALF_PUBLISHED: frozenset({State.HALF_PUBLISHED, State.PUBLISHED, State.DISCARDED}),
        State.PUBLISHED: frozenset(),
        State.DISCARDED: frozenset(),
    }
    events = {
        State.PROPOSED: events.GridProposed,
        State.HALF_PUBLISHED: events.GridHalfPublished,
        State.PUBLISHED: events.GridPublished,
        State.DISCARDED: events.GridDiscarded,
    }
    messages = {
        State.PROPOSED: messages.GridWaitsMail,
        State.HALF_PUBLISHED: messages.GridWaitsMail,
        State.PUBLISHED: None,  # whoever loses something is told before its day (rbac.domain.grid_notices)
        State.DISCARDED: None,
    }
    needs_reason = frozenset({State.PROPOSED, State.DISCARDED})
    by_two = {State.HALF_PUBLISHED: "proposed_by", State.PUBLISHED: "proposed_by"}

    def check_second(self, row: GridVersion, *, to: str, by: Account | None) -> None:
        super().check_second(row, to=to, by=by)
        if to in self.by_two and by is not None and row.first_published_by_id == by.pk:
            raise SamePerson

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        steps: dict[str, dict[str, Any]] = {
            State.HALF_PUBLISHED: {"first_published_by": by},
            State.PUBLISHED: {"published_by": by, "published_at": now},
            State.DISCARDED: {"discarded_at": now},
        }
        return steps.get(to, {})

    def facts(self, row: GridVersion, *, reason: str) -> dict[str, Any]:
        return {"account": None, "number": row.pk, "reason": reason}

    def message_ids(self, row: GridVersion, *, by: Account | None) -> Iterable[dict[str, Any]]:
        """Whoever may publish it."""
        done = [pk for pk in (row.proposed_by_id, row.first_published_by_id) if pk]
        for operator in RealmBackend().with_perm(RIGHT).filter(is_staff=True).exclude(pk__in=done):
            yield {"account_id": operator.pk, "version": row.pk, "state": str(row.state)}


MACHINE = GridMachine()


class InThePast(Exception):
    """A version takes effect after it was published, never before: the past stays as it was."""


class DayTaken(Exception):
    """Another version takes effect at that very moment."""


class NothingChanges(Exception):
    """The boxes say what holds already."""


class ProposedAlready(Exception):
    """Another version waits for its publisher."""


class UnknownBox(Exception):
    """A role, a market or a capability that is not the grid's."""


def may_change(account: Account) -> bool:
    """Whether the account may propose and publish versions."""
    return account.is_active and account.is_staff and account.has_perm(RIGHT)


def waiting() -> GridVersion | None:
    """The version that waits for its publisher."""
    rows = GridVersion.objects.select_related("proposed_by", "first_published_by")
    return rows.filter(state__in=GridVersion.OPEN).first()


@transaction.atomic
def propose(
    *,
    boxes: Collection[Box],
    switches: Collection[Switch],
    effective_from: datetime,
    reason: str,
    by: Account,
    now: datetime,
) -> GridVersion:
    """The first of two: from that moment on exactly these boxes are to be ticked (S2-33, S3-04).

    Raises staff_rights.MayNotHandle, ReasonMissing, InThePast, UnknownBox, NothingChanges or ProposedAlready.
    """
    _check_may(by)
    MACHINE.check_reason(to=State.PROPOSED, reason=reason)
    if effective_from <= now:
        raise InThePast
    _check_known(boxes, switches)
    if waiting() is not None:
        raise ProposedAlready
    try:
        with transaction.atomic():
            version = GridVersion.objects.create(
                effective_from=effective_from, reason=reason.strip()[:MAX_LENGTH], proposed_by=by, proposed_at=now
            )
    except IntegrityError as error:
        raise ProposedAlready from error
    GridCell.objects.bulk_create(GridCell(version=version, role=r, market=m, capability=c) for r, m, c in set(boxes))
    MarketSwitch.objects.bulk_create(MarketSwitch(version=version, market=m, capability=c) for m, c in set(switches))
    proposed, old = grid.read(version.pk), grid_changes.before(version)
    if (proposed.cells, proposed.switches) == (old.cells, old.switches):
        raise NothingChanges
    MACHINE.tell(version, by=by, now=now, reason=version.reason)
    return version


@transaction.atomic
def publish(*, version: GridVersion, by: Account, now: datetime, seen: str | None = None) -> GridVersion:
    """The second of two, or the third where more people lose something than one press may touch. What is published
    never changes again, and holds from its day. `seen` is the `mark` of the page that was acted on.

    Raises staff_rights.MayNotHandle, SamePerson, InThePast, DayTaken, NotPossible, or Stale: the page said otherwise.
    """
    _check_may(by)
    current = GridVersion.objects.select_for_update().get(pk=version.pk)
    MACHINE.check_second(current, to=State.PUBLISHED, by=by)
    if current.state not in GridVersion.OPEN:
        raise NotPossible(current)
    if current.effective_from <= now:
        raise InThePast
    if seen is not None and seen != mark(current, now=now):
        raise Stale(current)
    if needs_two(current, now=now) and not _has_first(current):
        return MACHINE.move(current, to=State.HALF_PUBLISHED, by=by, now=now, reason=current.reason)
    try:
        with transaction.atomic():
            return MACHINE.move(current, to=State.PUBLISHED, by=by, now=now, reason=current.reason)
    except IntegrityError as error:
        raise DayTaken from error


@transaction.atomic
def discard(*, version: GridVersion, reason: str, by: Account, now: datetime) -> GridVersion:
    """Give it up: whoever may publish it may. Raises staff_rights.MayNotHandle, ReasonMissing or NotPossible."""
    _check_may(by)
    current = GridVersion.objects.select_for_update().get(pk=version.pk)
    return MACHINE.move(current, to=State.DISCARDED, by=by, now=now, reason=reason.strip()[:MAX_LENGTH])


def needs_two(version: GridVersion, *, now: datetime) -> bool:
    """Whether it takes something from more people than one press may touch (policy: mass acts)."""
    found = grid_changes.preview(version, now=now)
    return found.losing > mass_acts.ENDING.of(found.people)


def mark(version: GridVersion, *, now: datetime) -> str:
    """What the page of a version says of its publication now: whose press it is, and how many people gain and lose."""
    said = grid_changes.preview(version, now=now)
    return keyed_hash("grid", repr((version.pk, version.state, version.first_published_by_id, *said)))


def _has_first(version: GridVersion) -> bool:
    """Whether somebody else has published it, who still may."""
    first = version.first_published_by
    return version.state == State.HALF_PUBLISHED and first is not None and may_change(first)


def _check_may(by: Account) -> None:
    """Whatever was read earlier: the right counts now."""
    if not may_change(Account.objects.get(pk=by.pk)):
        raise staff_rights.MayNotHandle


def _check_known(boxes: Collection[Box], switches: Collection[Switch]) -> None:
    known = {one.value for one in GRID}
    for role, market, capability in boxes:
        if capability not in known or (role and role not in roles.GRID) or (market and market not in markets.LABELS):
            raise UnknownBox(role, market, capability)
    for market, capability in switches:
        if capability not in known or market not in markets.LABELS:
            raise UnknownBox(market, capability)
