"""Why somebody may open something, or may not, at any moment: the same rows and the same grid that decided it (D-29,
C19)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from identity.models import Account
from rbac.capabilities import Capability
from rbac.domain import grid, pauses
from rbac.domain.grid import Grid
from rbac.models import GridVersion, Membership, Practice
from rbac.models.memberships import MembershipQuerySet
from rbac.roles import ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Reason:
    """What one membership says. Which role, where, since when, by whom and because of what stands in its row."""

    membership: Membership
    is_ticked: bool  # the grid opens it to the role
    is_switched_off: bool  # the market has it not (S3-04)

    @property
    def opens(self) -> bool:
        """Whether it is open because of this."""
        return self.is_ticked and not self.is_switched_off


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether it is open, by which version of the grid, and what each membership that counted says."""

    capability: Capability
    at: datetime
    version: GridVersion | None
    reasons: tuple[Reason, ...]

    @property
    def opens(self) -> bool:
        """The answer: any membership that opens it is enough (D-29)."""
        return any(reason.opens for reason in self.reasons)


def explain(
    capability: Capability, *, account: Account, portal_key: str, at: datetime, practice: Practice | None = None
) -> Explanation:
    """Why somebody could open something behind a portal's door at a moment, or could not, of the rows as they were.

    An administrator names their `practice`: no other is looked at, so none can be told (D-11).
    """
    [told] = explain_all([capability], account=account, portal_key=portal_key, at=at, practice=practice)
    return told


def explain_all(
    capabilities: Iterable[Capability],
    *,
    account: Account,
    portal_key: str,
    at: datetime,
    practice: Practice | None = None,
) -> list[Explanation]:
    """The same of several, in as many queries as of one."""
    number = grid.in_force(now=at)
    version, held = grid.of(number), GridVersion.objects.filter(pk=number).first()
    counting = counted(account=account, portal_key=portal_key, at=at)
    if practice is not None:
        counting = counting.of(practice)
    rows = list(counting.select_related("practice", "created_by", "grant__account").order_by("practice__name", "pk"))
    return [Explanation(one, at, held, tuple(_reason(one, row, version) for row in rows)) for one in capabilities]


def administrators_of(told: Explanation, *, now: datetime) -> dict[int, list[Account]]:
    """By practice, who runs its users and so can change the roles that an explanation names: in one query."""
    found: dict[int, list[Account]] = {}
    practices = [reason.membership.practice_id for reason in told.reasons]
    rows = Membership.objects.open_at(now).filter(
        practice__in=practices, role=ADMINISTRATOR, grant__account__is_active=True
    )
    for row in rows.select_related("grant__account").order_by("since", "pk"):
        held = found.setdefault(row.practice_id, [])
        if row.grant.account not in held:
            held.append(row.grant.account)
    return found


def capabilities_at(*, account: Account, portal_key: str, at: datetime) -> frozenset[str]:
    """All that somebody could open behind a portal's door at a moment."""
    pairs = counted(account=account, portal_key=portal_key, at=at).values_list("role", "market")
    return grid.allowed(list(pairs), grid.current(now=at))


def counted(*, account: Account, portal_key: str, at: datetime) -> MembershipQuerySet:
    """The account's memberships behind a portal's door that counted at a moment."""
    return pauses.counted_at(at).in_portal(portal_key).filter(grant__account=account)


def _reason(capability: Capability, row: Membership, version: Grid) -> Reason:
    return Reason(row, version.ticks(capability, row.pair), version.switches_off(capability, row.pair))
