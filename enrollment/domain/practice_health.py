"""The health of practices with the invitations that are open: what rbac cannot know by itself (D-15)."""

from datetime import datetime

from enrollment.domain import invitation_limits
from enrollment.models import Kind
from portals import registry
from rbac.domain import practice_health
from rbac.domain.practice_health import Door, Health
from rbac.models import Practice


def of(practice: Practice, *, portal_key: str, now: datetime) -> Health:
    """How a practice stands behind the door of one portal."""
    idle = registry.idle_periods().get(portal_key)
    invited = _invited(portal_key, now=now) & {practice.pk}
    return practice_health.of(practice, portal_key=portal_key, idle=idle, invited=invited, now=now)


def warn_due(*, now: datetime) -> int:
    """Tell of every practice that needs a word, wherever practices have administrators; answers of how many."""
    idle = registry.idle_periods()
    doors = [
        Door(portal.key, idle.get(portal.key), frozenset(_invited(portal.key, now=now)))
        for portal in registry.portals().values()
        if portal.has_administrators
    ]
    return practice_health.warn(doors, now=now)


def _invited(portal_key: str, *, now: datetime) -> set[int]:
    """The keys of the practices to which an administrator is invited."""
    rows = invitation_limits.pending(now=now).filter(kind=Kind.ADMINISTRATOR, portal_key=portal_key)
    return set(rows.values_list("practice_id", flat=True))
