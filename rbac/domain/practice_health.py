"""Whether somebody will go on running a practice's users: a function over memberships, idle clocks and invitations, and
the word that is given before nobody is left (D-11, D-15).

Invitations are enrollment's: whoever asks says which practices have one open to an administrator.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext, gettext_noop

from identity.jobs import mass_acts
from identity.models import Ticket
from identity.notices import tickets
from identity.policy import lifecycle, zones
from identity.record import journal, outbox
from rbac import events, messages
from rbac.domain import practices
from rbac.models import Membership, Practice, PracticeState, PracticeWarning
from rbac.models.memberships import MembershipQuerySet
from rbac.roles import ADMINISTRATOR

State = PracticeState
TOLD = (State.ONE_NEAR, State.ONE_LEFT, State.ENDING, State.NOBODY)
TOLD_TO_DESK = (State.ENDING, State.NOBODY)  # nobody in the practice can mend it, or soon nobody


@dataclass(frozen=True, slots=True)
class Door:
    """A portal as practices stand behind it; `idle` and `invited` as `of` takes them."""

    portal_key: str
    idle: timedelta | None
    invited: frozenset[int]


@dataclass(frozen=True, slots=True)
class Administrator:
    """Somebody who runs the practice's users now, and until when they will where they do nothing."""

    account_id: int
    membership_id: int
    until: datetime | None

    def lasts(self, now: datetime) -> bool:
        """Whether the first warning of their end is still ahead."""
        return self.until is None or self.until > now + lifecycle.after("idle_first_warning")


@dataclass(frozen=True, slots=True)
class Health:
    """How a practice stands behind one portal's door."""

    state: PracticeState
    administrators: tuple[Administrator, ...]
    users: int


def judge(administrators: Collection[Administrator], *, users: int, is_invited: bool, now: datetime) -> PracticeState:
    """The state of a practice with these administrators and so many others; `is_invited` where another administrator
    is on the way."""
    if not administrators:
        return State.NOBODY if users else State.EMPTY
    lasting = sum(one.lasts(now) for one in administrators)
    if not lasting:
        return State.ENDING
    if is_invited or lasting > 1:
        return State.FINE
    return State.ONE_LEFT if len(administrators) == 1 else State.ONE_NEAR


def of(
    practice: Practice, *, portal_key: str, idle: timedelta | None, invited: Collection[int], now: datetime
) -> Health:
    """The health of one practice. `idle` is after how long without use access to the portal rests, None for never;
    `invited` holds the keys of practices with an open invitation of an administrator."""
    working = _working(portal_key, now=now).of(practice)
    return _healths(working, idle=idle, invited=invited, now=now).get(practice.pk, Health(State.EMPTY, (), 0))


def of_all(*, portal_key: str, idle: timedelta | None, invited: Collection[int], now: datetime) -> dict[int, Health]:
    """The health of every practice that somebody works for, by its key: one query."""
    return _healths(_working(portal_key, now=now), idle=idle, invited=invited, now=now)


def _working(portal_key: str, *, now: datetime) -> MembershipQuerySet:
    return Membership.objects.open_at(now).in_portal(portal_key).filter(grant__account__is_active=True)


def _healths(
    working: MembershipQuerySet, *, idle: timedelta | None, invited: Collection[int], now: datetime
) -> dict[int, Health]:
    running: dict[int, list[Administrator]] = defaultdict(list)
    users: Counter[int] = Counter()
    columns = ("practice_id", "role", "grant__account_id", "pk", "grant__idle_from", "ends_on", "grant__account__realm")
    rows = working.order_by("since", "pk").values_list(*columns)
    for practice_id, role, account_id, pk, idle_from, ends_on, realm in rows:
        if role != ADMINISTRATOR:
            users[practice_id] += 1
            continue
        ends = [idle_from + idle] if idle is not None else []
        if ends_on is not None:
            day_after = date.fromordinal(ends_on.toordinal() + 1)
            ends.append(zones.beginning_of(day_after, realm=realm))
        running[practice_id].append(Administrator(account_id, pk, min(ends, default=None)))
    found = {}
    for key in running.keys() | users.keys():
        own = tuple(running[key])
        state = judge(own, users=users[key], is_invited=key in invited, now=now)
        found[key] = Health(state, own, users[key])
    return found


def warn(doors: Collection[Door], *, now: datetime) -> int:
    """Tell of every practice that has come into a state worth a word behind one of the doors: its administrators, and
    the desk before nobody is left. Once a cause, and the desk again where it answered without mending it (lifecycle:
    practice_told_again); too many at once wait for two people (policy: mass acts). Answers of how many was told."""

    @cache
    def found(door: Door, moment: datetime) -> dict[int, Health]:
        return of_all(portal_key=door.portal_key, idle=door.idle, invited=door.invited, now=moment)

    def due(door: Door, moment: datetime) -> dict[int, Health]:
        return _not_told(found(door, moment), portal_key=door.portal_key, now=moment)

    for door in doors:
        _close(found(door, now), portal_key=door.portal_key, now=now)
    as_of = mass_acts.admit(  # of all doors at once: a quiet one must not discard what another one waits for
        kind=gettext_noop("warn practices of administrators who leave"),
        due=lambda moment: sum(len(due(door, moment)) for door in doors),
        active=lambda: Practice.objects.count(),
        limit=mass_acts.ENDING,
        now=now,
    )
    if as_of is None:
        return 0
    told = [
        (door, key, health)
        for door in doors
        for key, health in sorted(due(door, now).items())
        if key in due(door, as_of)
    ]
    rows = Practice.objects.in_bulk([key for _door, key, _health in told])
    return sum(_tell(rows[key], health, portal_key=door.portal_key, now=now) for door, key, health in told)


def _current(portal_key: str) -> QuerySet[PracticeWarning]:
    return PracticeWarning.objects.filter(portal_key=portal_key, over_at=None)


def _answered(*, now: datetime) -> Q:
    """Warnings whose ticket the desk answered so long ago that it is told again, if the cause lasts."""
    long_ago = lifecycle.over_before("practice_told_again", now=now)
    return Q(ticket__status=Ticket.Status.CLOSED, ticket__status_since__lte=long_ago)


def _not_told(found: dict[int, Health], *, portal_key: str, now: datetime) -> dict[int, Health]:
    told = dict(_current(portal_key).exclude(_answered(now=now)).values_list("practice_id", "state"))
    return {key: one for key, one in found.items() if one.state in TOLD and told.get(key) != one.state}


def _close(found: dict[int, Health], *, portal_key: str, now: datetime) -> None:
    """A cause that is gone may come again, and is told of again."""
    fine = Health(State.EMPTY, (), 0)
    told = _current(portal_key).values_list("practice_id", flat=True)
    over = [key for key in told if found.get(key, fine).state not in TOLD]
    _current(portal_key).filter(practice__in=over).update(over_at=now)


@transaction.atomic
def _tell(practice: Practice, health: Health, *, portal_key: str, now: datetime) -> bool:
    """Keep the warning and send it; False where another process was quicker. Whoever was told of this state is not told
    twice, but for the desk: it has answered, and nothing was mended."""
    practices.lock(practice)
    current = _current(portal_key).filter(practice=practice)
    if same := current.filter(state=health.state).first():
        return current.filter(_answered(now=now)).exists() and _tell_desk(same, health, now=now)
    current.update(over_at=now)
    row = PracticeWarning.objects.create(practice=practice, portal_key=portal_key, state=health.state, created_at=now)
    facts: dict[str, Any] = {"portal_key": portal_key, "practice": practice.pk, "state": health.state.value}
    journal.record(events.PracticeWarned(account=None, by=None, about=row, **facts), now=now)
    for account_id in _readers(health.administrators):
        outbox.enqueue(messages.PracticeWarningMail(account_id=account_id, warning=row.pk), now=now)
    return health.state not in TOLD_TO_DESK or _tell_desk(row, health, now=now)


def _readers(administrators: Iterable[Administrator]) -> list[int]:
    return sorted({one.account_id for one in administrators})


def _tell_desk(warning: PracticeWarning, health: Health, *, now: datetime) -> bool:
    """A ticket of those who answer for the portal: they call the number on file, and name an administrator. One that
    follows an answered one names it."""
    if health.state == State.NOBODY:
        says = gettext("The practice “%(practice)s” (%(number)s) has %(users)s users and no administrator any more.")
    else:
        says = gettext(
            "The practice “%(practice)s” (%(number)s) has %(users)s users, and soon no administrator: whoever is left "
            "does not use the portal, or has a last day."
        )
    what = gettext("Call the number on file, and name an administrator under “Hand-overs”.")
    told = {"practice": warning.practice.name, "number": warning.practice_id, "users": health.users}
    portal_key = warning.portal_key
    warning.ticket = tickets.open(
        account=None, topic=Ticket.Topic.PRACTICE, text=f"{says % told} {what}", by=None, now=now,
        portal_key=portal_key, queue=portal_key, practice_id=warning.practice_id, earlier=warning.ticket,
    )  # fmt: skip
    warning.save(update_fields=["ticket"])
    return True
