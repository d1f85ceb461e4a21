"""On the day a version of the grid takes effect, the sign-ons of those who lose their application end (S2-33).

Until then, and until this ran, the same function refuses them: page, API and userinfo ask the version in force.
"""

from datetime import datetime
from itertools import batched

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from identity.record import outbox
from portals import registry
from portals.models import Application, OidcSession
from portals.oidc.messages import BackChannelLogout
from rbac.domain import grid, grid_changes
from rbac.models import GridVersion, Membership

CHUNK = 1_000  # sign-ons whose applications are told, a transaction


def end_sign_ons(*, now: datetime) -> int:
    """End what the version in force opens no longer; answers how many. Whoever kills it loses nothing: the next run
    goes on. How many people one version may touch was asked when it was published."""
    due = GridVersion.objects.filter(state=GridVersion.State.PUBLISHED, sign_ons_ended_at=None, effective_from__lte=now)
    numbers = list(due.values_list("number", flat=True))
    if not numbers:
        return 0
    version = grid.current(now=now)
    ended = sum(_end(application, version, now=now) for application in _with_a_right())
    GridVersion.objects.filter(pk__in=numbers).update(sign_ons_ended_at=now)
    return ended


def _with_a_right() -> QuerySet[Application]:
    """The applications behind a grid that need a right of their own."""
    keys = [portal.key for portal in registry.portals().values() if portal.grid]
    return Application.objects.filter(portal_key__in=keys).exclude(capability="").order_by("pk")


def _end(application: Application, version: grid.Grid, *, now: datetime) -> int:
    """One statement where nobody is told; else a chunk at a time, with the application's messages in it."""
    live = OidcSession.objects.filter(application=application, ended_at=None, ends_at__gt=now)
    lost = live.filter(~Exists(_opening(application.capability, version, now=now)))
    if not application.logout_address:
        return lost.update(ended_at=now)
    told = 0
    for keys in batched(list(lost.values_list("pk", flat=True)), CHUNK):
        with transaction.atomic():
            own = live.select_for_update().filter(pk__in=keys).values_list("account", "pk", "code_used_at")
            rows = list(own)
            mails = [BackChannelLogout(account_id=who, oidc_session=str(pk)) for who, pk, used in rows if used]
            told += live.filter(pk__in=[pk for _who, pk, _used in rows]).update(ended_at=now)
            outbox.enqueue_all(mails, now=now)
    return told


def _opening(capability: str, version: grid.Grid, *, now: datetime) -> QuerySet[Membership]:
    """The memberships behind a sign-on's grant that open it still."""
    opens: Q = grid_changes.opening(capability, version)
    return Membership.objects.open_at(now).filter(opens, grant=OuterRef("grant"))
