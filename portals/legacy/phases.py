"""Which phase of its change-over to the ID a portal is in: the dates of its definition, moved by operators (S0-06..09).

A phase holds from its beginning until the beginning of another one. A move is a row that says when a phase begins
instead; it may lie in the future. The newest move of a phase counts, and all of them stay as history.
"""

from datetime import datetime

from django.core.cache import cache
from django.db import transaction

from identity.models import Account
from identity.policy import zones
from identity.record import journal
from identity.record.machine import ReasonMissing
from portals import events
from portals.models import PhaseMove
from portals.spec import Phase, PortalSpec

RIGHT = "portals.move_phase"
ORDER = list(Phase)
KEPT = 30  # seconds that a process may go on with what it has read; a move clears it for all


class MayNotMove(Exception):
    """This account holds no right to move phases."""


class NoSuchPhase(Exception):
    """The portal does not change over in this phase."""


class OutOfOrder(Exception):
    """The phase would begin before one that comes first, or after one that comes later: `other`, on `begins`."""

    def __init__(self, other: Phase, begins: datetime) -> None:
        super().__init__(other)
        self.other, self.begins = other, begins


def may_move(account: Account) -> bool:
    """Whether the account may move phases. A signed-in person's rights are asked anew."""
    return account.is_active and account.is_staff and account.has_perm(RIGHT)


def schedule(portal: PortalSpec) -> list[tuple[Phase, datetime]]:
    """When each phase of a portal begins, in the order in which they come."""
    begins = _beginnings(portal, _moves(portal.key))
    return sorted(begins.items(), key=lambda item: (item[1], ORDER.index(item[0])))


def _beginnings(portal: PortalSpec, moved: dict[str, datetime]) -> dict[Phase, datetime]:
    return {phase: moved.get(phase.value, zones.beginning_of(day, realm=portal.realm)) for phase, day in portal.phases}


def for_portal(portal: PortalSpec, *, now: datetime) -> Phase | None:
    """The phase that holds: of those that have begun the last one. None where nothing changes over, or not yet."""
    begun = [phase for phase, begins in schedule(portal) if begins <= now]
    return begun[-1] if begun else None


def goes_live(portal: PortalSpec, *, now: datetime) -> datetime | None:
    """The moment from which the ID opens the portal (S0-07), while it lies ahead."""
    day = dict(schedule(portal)).get(Phase.BOTH_WAYS)
    return day if day is not None and now < day else None


@transaction.atomic
def move(
    *, portal: PortalSpec, phase: Phase, at: datetime, reason: str, by: Account | None, now: datetime
) -> PhaseMove:
    """Let a phase begin at another moment (S0-09, C16, C30). `by` nobody: the installation's own set-up. The phases
    keep their order: who moves several begins with the last one, or the first.

    Raises MayNotMove, ReasonMissing, NoSuchPhase or OutOfOrder.
    """
    if by is not None and not may_move(Account.objects.get(pk=by.pk)):
        raise MayNotMove
    if not reason.strip():
        raise ReasonMissing
    if phase not in dict(portal.phases):
        raise NoSuchPhase(phase)
    # Of two moves at once one waits for the other.
    list(PhaseMove.objects.select_for_update().filter(portal_key=portal.key).values_list("pk"))
    check_order(portal=portal, phase=phase, at=at)
    row = PhaseMove.objects.create(
        portal_key=portal.key, phase=phase.value, at=at, reason=reason.strip(), by=by, moved_at=now
    )
    told = events.PhaseMoved(
        account=None, by=by, about=row, portal_key=portal.key, phase=phase.value, to=at.isoformat(), reason=row.reason
    )
    journal.record(told, now=now)
    cache.delete(_kept_as(portal.key))
    transaction.on_commit(lambda: cache.delete(_kept_as(portal.key)), robust=True)
    return row


def check_order(*, portal: PortalSpec, phase: Phase, at: datetime) -> None:
    """Against what stands in the database: another process may have kept older moments. Raises OutOfOrder."""
    for other, begins in _beginnings(portal, _read_moves(portal.key)).items():
        comes_first = ORDER.index(other) < ORDER.index(phase)
        if other != phase and (at <= begins if comes_first else begins <= at):
            raise OutOfOrder(other, begins)


def _moves(portal_key: str) -> dict[str, datetime]:
    """The newest move of each phase: asked on pages that strangers open, so it is kept for a short while."""
    kept: dict[str, datetime] | None = cache.get(_kept_as(portal_key))
    if kept is None:
        kept = _read_moves(portal_key)
        cache.set(_kept_as(portal_key), kept, KEPT)
    return kept


def _read_moves(portal_key: str) -> dict[str, datetime]:
    return dict(PhaseMove.objects.filter(portal_key=portal_key).order_by("pk").values_list("phase", "at"))


def _kept_as(portal_key: str) -> str:
    return f"phases:{portal_key}"
