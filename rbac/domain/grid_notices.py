"""Whoever loses something by a version of the grid is told what, and on which day, some days before (S2-33)."""

from datetime import datetime
from itertools import batched

from django.db import transaction

from identity.policy import lifecycle
from identity.record import outbox
from rbac.domain import grid, grid_changes
from rbac.messages import GridNoticeMail
from rbac.models import AccessGrant, GridVersion

CHUNK = 1_000  # mails a transaction


def tell(*, now: datetime) -> int:
    """Write the mails of each version whose time has come; answers how many. How many one version may touch was asked
    when it was published. Whoever kills it loses nothing: a mail that was written is not written twice."""
    due = GridVersion.objects.filter(
        state=GridVersion.State.PUBLISHED, losers_told_at=None, effective_from__lte=now + lifecycle.after("grid_notice")
    )
    return sum(_tell_of(version, now=now) for version in due.order_by("effective_from"))


def _tell_of(version: GridVersion, *, now: datetime) -> int:
    old, new = grid_changes.before(version), grid.of(version.pk)
    losing = sorted(grid_changes.losing(old, new, now=now))
    for keys in batched(losing, CHUNK):
        owners = AccessGrant.objects.filter(pk__in=keys).values_list("account", "pk")
        mails = [GridNoticeMail(account_id=owner, grant=pk, version=version.pk) for owner, pk in owners]
        with transaction.atomic():
            outbox.enqueue_all(mails, now=now)
    GridVersion.objects.filter(pk=version.pk).update(losers_told_at=now)
    return len(losing)
