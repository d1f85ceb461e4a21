"""Access that nobody uses: when it is warned of, when it rests, and how it comes back (S3-19, C17, D-09)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from identity.models import Account
from identity.policy import lifecycle
from identity.record import journal, outbox
from rbac import events, messages
from rbac.domain import grants
from rbac.domain.bulk import Act
from rbac.models import AccessGrant, SweepRun
from rbac.models.grants import AccessGrantQuerySet

WARNINGS = (
    "idle_first_warning",
    "idle_second_warning",
    "idle_third_warning",
    "idle_fourth_warning",
    "idle_last_warning",
)


class NotSuspended(Exception):
    """This access does not rest: it is back already, or it has ended."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Who of a portal is due for what at a moment: a warning so many days before, or, with 0 days, the rest itself."""

    portal_key: str
    period: timedelta
    days: int
    newest: datetime
    oldest: datetime | None

    @property
    def due(self) -> Q:
        """Idle for as long as that, and not yet warned that closely."""
        idle = Q(idle_from__lte=self.newest)
        if self.oldest is None:
            return idle
        return idle & Q(idle_from__gt=self.oldest) & (Q(warned_days=None) | Q(warned_days__gt=self.days))


def warning_days() -> list[int]:
    """How many days before the end people are warned, the first warning first."""
    return [lifecycle.after(name).days for name in WARNINGS]


def stages(*, periods: Mapping[str, timedelta], as_of: datetime) -> Iterator[Stage]:
    """Every stage of every portal, nearest to its end first: nobody is warned who rests already."""
    for portal_key, period in periods.items():
        oldest = None
        for days in [0, *reversed(warning_days())]:
            if (left := timedelta(days=days)) >= period:
                continue  # a portal with a short period warns only within it
            newest = as_of - period + left
            yield Stage(portal_key, period, days, newest, oldest)
            oldest = newest


def due_in(stage: Stage) -> AccessGrantQuerySet:
    """The active grants that this stage is due for."""
    return AccessGrant.objects.active().in_portal(stage.portal_key).filter(stage.due)


def count_due(*, periods: Mapping[str, timedelta], as_of: datetime) -> dict[tuple[str, int], int]:
    """How many are due now, by portal and days: 0 days rest, the others are warned. A query a portal."""
    found: dict[tuple[str, int], int] = {}
    for portal_key, period in periods.items():
        own = list(stages(periods={portal_key: period}, as_of=as_of))
        rows = AccessGrant.objects.active().in_portal(portal_key).filter(idle_from__lte=own[-1].newest)
        counts = rows.aggregate(**{f"in_{stage.days}": Count("pk", filter=stage.due) for stage in own})
        found |= {(portal_key, stage.days): counts[f"in_{stage.days}"] for stage in own}
    return found


def act_of(stage: Stage, *, run: SweepRun, now: datetime) -> Act:
    """What is done to those whom a stage is due for."""
    if stage.days == 0:
        return Act(
            due=due_in(stage),
            changes={"suspended_at": now, "suspended_by_run": run},
            event=events.AccessSuspended,
            message=messages.AccessSuspendedMail,
            values={"run": run.pk},
        )
    seconds = int(stage.period.total_seconds())
    deadline = (
        f"floor(extract(epoch FROM idle_from))::bigint + {seconds}",
        lambda grant: int(grant.idle_from.timestamp()) + seconds,
    )
    return Act(
        due=due_in(stage),
        changes={"warned_days": stage.days},
        event=events.IdlenessWarned,
        message=messages.IdleWarningMail,
        values={"days": stage.days, "deadline": deadline},
    )


def act_of_undoing(run: SweepRun, *, now: datetime) -> Act:
    """Giving back everything that still rests because of a run."""
    return Act(
        due=AccessGrant.objects.resting().filter(suspended_by_run=run),
        changes=grants.restored(now),
        event=events.AccessRestored,
        message=messages.AccessBackMail,
        values={"reason": "sweep undone", "restored": int(now.timestamp())},
        by=run.undone_by,
    )


def can_come_back_alone(*, grant: AccessGrant, now: datetime) -> bool:
    """Whether no approver has to confirm (D-09)."""
    return grant.suspended_at is not None and now < grant.suspended_at + lifecycle.after("idle_way_back")


@transaction.atomic
def come_back(*, grant: AccessGrant, by: Account, now: datetime) -> bool:
    """The person takes access back, after password, second factor and mailed code (D-09). True when it is back at
    once; False when the approver was asked, now or before. Raises NotSuspended."""
    if can_come_back_alone(grant=grant, now=now):
        _restore(grant=grant, reason="the person", by=by, now=now)
        return True
    if grants.ask_back(grant=grant, now=now):
        event = events.AccessBackAsked(account=grant.account, by=by, about=grant, portal_key=grant.portal_key)
        journal.record(event, now=now)
    elif not AccessGrant.objects.resting().filter(pk=grant.pk).exists():
        raise NotSuspended
    return False


@transaction.atomic
def give_back(*, grant: AccessGrant, by: Account, now: datetime) -> None:
    """An approver gives access back, at any time (D-09). Raises grants.OwnGrant, NotSuspended, or
    approvals.MayNotDecide (D-28)."""
    if by.pk == grant.account_id:
        raise grants.OwnGrant(grant.portal_key)
    grants.check_staff(by, account_id=grant.account_id, portal_key=grant.portal_key)
    _restore(grant=grant, reason="service desk", by=by, now=now)


def _restore(*, grant: AccessGrant, reason: str, by: Account, now: datetime) -> None:
    """The same row opens its portal again. Raises NotSuspended for the second of two who press at once."""
    if not grants.restore(grant=grant, now=now):
        raise NotSuspended
    event = events.AccessRestored(account=grant.account, by=by, about=grant, portal_key=grant.portal_key, reason=reason)
    journal.record(event, now=now)
    mail = messages.AccessBackMail(account_id=grant.account_id, grant=grant.pk, restored=int(now.timestamp()))
    outbox.enqueue(mail, now=now)
