"""A portal's phases, put to where a test wants them."""

from datetime import UTC, datetime, timedelta

from portals import registry
from portals.legacy import phases
from portals.spec import Phase
from tests.factories import NOW

TRUCASE = registry.get("trucase")

DAY = timedelta(days=1)


def put(phase: Phase, *, at=NOW - DAY) -> None:
    """As an installation sets itself up: the phases before it are over, those after it ten years away."""
    order = list(Phase)
    begins = {one: at + (order.index(one) - order.index(phase)) * 30 * DAY for one in order}
    far = {one: NOW + (3650 + order.index(one)) * DAY for one in order}
    after = order[order.index(phase) + 1 :]
    steps = [*((one, far[one]) for one in reversed(order)), *((one, begins[one]) for one in order if one not in after)]
    for one, moment in steps:
        phases.move(portal=TRUCASE, phase=one, at=moment, reason="test", by=None, now=NOW)


def at(year: int, month: int, day: int, hour: int = 12) -> Phase | None:
    return phases.for_portal(TRUCASE, now=datetime(year, month, day, hour, tzinfo=UTC))
