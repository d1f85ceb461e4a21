"""Grants that nobody used, and the sweep that looks for them."""

from datetime import timedelta

from portals import registry
from rbac.domain import sweeps
from rbac.models import AccessGrant, SweepRun
from tests.factories import NOW, GrantFactory

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def sweep(at=NOW) -> SweepRun | None:
    """A whole run, as the daily job and the job of each minute make it."""
    run = sweeps.start(periods=registry.idle_periods(), now=at)
    for _changed in sweeps.go_on(clock=lambda: at):
        pass
    if run:
        run.refresh_from_db()
    return run


def idle(days=90, **given) -> AccessGrant:
    """A grant that was not used for so many days."""
    return GrantFactory(since=NOW - DAY * days, **given)


def again(grant: AccessGrant) -> AccessGrant:
    return AccessGrant.objects.get(pk=grant.pk)
