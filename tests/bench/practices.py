"""Practices over years of leaving and idling: the days on which one has users, no administrator, and no way to one, with
the rules and without them (leap 2 of Provider OnLine).

The domain of the product acts: who leaves ends a membership, hands over, or just stops coming; access that nobody uses
rests; warnings, the desk's call and hand-overs are the product's. A way is a ticket that waits at the desk of a practice
with a number on file: after a call they name somebody. Each day a seventh of the people comes, or leaves. Without the rules
rows end as they are told to, and nobody is warned. `python -m tests.bench.practices` prints JSON.
"""

import json
import os
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bench.result import Result
from tests.bench.stack import Stack

PRACTICES = int(os.environ.get("BENCH_PRACTICES", "2000"))
YEARS = float(os.environ.get("BENCH_YEARS", "5"))
DAY = timedelta(days=1)
BEGINS = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
ADMINISTRATORS, USERS = 2, 3  # of a practice, at first; one that has an administrator invites whoever is missing
LEAVES_A_WEEK = 1 / 50  # of each person: they stay for about a year
VANISHES = 0.5  # of those who leave: they just stop coming
COMES = 0.7  # of those who stay, in a week; those who do not come for long rest and come back by themselves
PORTAL = "provider-online"


def measure(stack: Stack) -> list[Result]:
    """Practice-days with users and no way to an administrator: none with the rules; the same world has some without."""
    found = {}
    for rules in ("with", "without"):
        env = stack.production(f"practices_{rules}")
        found[rules] = json.loads(stack.run(env, "tests.bench.practices", rules).strip().split("\n")[-1])
        print(f"{rules} the rules: {found[rules]}", flush=True)
    told = f"{PRACTICES:,} practices over {YEARS:g} years: days without a way"
    return [
        Result.absolute(f"{told}, with the rules", "practice-days", found["with"]["stuck"], 0),
        Result.absolute(f"{told}, without", "practice-days", found["without"]["stuck"], 1, at_least=True),
    ]


@dataclass
class World:
    """The people who come, as keys of accounts, and what happened."""

    rules: bool
    random: random.Random
    present: set[int] = field(default_factory=set)
    people: int = 0  # so many have ever come
    practice_days: int = 0
    nobody: int = 0  # practice-days with users and no administrator
    stuck: int = 0  # and no way to one
    hand_overs: int = 0
    named: int = 0
    warned: int = 0
    frozen: int = 0  # days on which warnings waited for two people
    # Each key's number, in the order in which they came: what happens does not hang on where a database begins to count.
    numbers: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def told(self) -> dict[str, int]:
        """The numbers."""
        return {name: value for name, value in vars(self).items() if type(value) is int}


def simulate(*, practices: int, days: int, rules: bool, seed: int = 1) -> World:
    """Let so many practices live for so many days; writes into the database that is there."""
    from identity.record import outbox
    from rbac.models import Practice

    outbox.QUEUE.nudge = lambda: None  # nobody reads these mails
    world = World(rules, random.Random(seed))
    staff = _staff() if rules else ()
    rows = [
        Practice.objects.create(
            name=f"Practice {number}", phone="(414) 555-0100", phone_on_file_since=BEGINS - timedelta(days=60)
        )
        for number in range(practices)
    ]
    for practice in rows:
        _join(world, practice, administrators=ADMINISTRATORS, users=USERS, now=BEGINS)
    by_key = {practice.pk: practice for practice in rows}
    for day in range(1, days + 1):
        _day(world, by_key, staff, day=day, now=BEGINS + day * DAY)
    return world


def _of(world: World, kind: str, day: int, keys: Iterable[int]) -> list[int]:
    """The seventh of these whose day of the week it is."""
    numbers, ordered = world.numbers[kind], sorted(keys)
    for key in ordered:
        numbers.setdefault(key, len(numbers))
    return [key for key in ordered if numbers[key] % 7 == day % 7]


def _day(world: World, practices: dict[int, Any], staff: tuple[Any, ...], *, day: int, now: datetime) -> None:
    from enrollment.domain import practice_health

    todays = _of(world, "person", day, world.present)
    _come(todays, world, now)
    for account in todays:
        if world.random.random() < LEAVES_A_WEEK:
            _leave(world, account, now)
    _rest(now)
    if world.rules:
        world.warned += practice_health.warn_due(now=now)
        if _release(world, staff[1:], now):
            world.warned += practice_health.warn_due(now=now)
        _answer_tickets(world, staff[0], day, now)
    _count(world, practices, day, now)


def _come(todays: list[int], world: World, now: datetime) -> None:
    """Most use the portal; whoever rests and still works there comes back by themselves."""
    from rbac.domain import grants
    from rbac.models import AccessGrant

    come = [pk for pk in todays if world.random.random() < COMES]
    for grant in AccessGrant.objects.resting().filter(account__in=come):
        grants.restore(grant=grant, now=now)
    AccessGrant.objects.active().filter(account__in=come).update(last_used_at=now, warned_days=None)


def _leave(world: World, account: int, now: datetime) -> None:
    """Somebody leaves: without a word, or by the page; whoever is the last one hands over, if there is somebody."""
    from django.db import transaction

    from rbac.domain import membership_rows, memberships
    from rbac.models import Membership

    world.present.discard(account)
    if world.random.random() < VANISHES:
        return
    working = Membership.objects.open_at(now).filter(grant__account=account)
    for membership in working.select_related("grant__account", "practice"):
        if not world.rules:
            with transaction.atomic():
                membership_rows.end_one(membership, reason="left", by=None, now=now)
            continue
        try:
            memberships.end(membership=membership, reason="left", by=membership.grant.account, now=now)
        except memberships.LastAdministrator:
            _hand_over(world, membership, now)


def _hand_over(world: World, membership: Any, now: datetime) -> None:
    from rbac.domain import hand_overs

    where = {"practice": membership.practice, "portal_key": PORTAL}
    others = hand_overs.candidates(now=now, **where).filter(grant__account__in=world.present)
    follower, own = others.first(), membership.grant.account
    if follower is None or hand_overs.opened(now=now, **where) is not None:
        return  # the door stays open, and the clock runs: the desk is told before it ends
    typed = own.get_full_name()
    row = hand_overs.ask(to=follower.pk, stays=False, typed_name=typed, by=own, now=now, **where)
    _sign(follower.grant.account, row, now)
    world.hand_overs += 1


def _sign(account: Any, row: Any, now: datetime) -> None:
    from rbac.domain import hand_overs

    hand_overs.sign(hand_over=row, typed_name=account.get_full_name(), by=account, now=now)


def _rest(now: datetime) -> None:
    """Access that nobody used for its days rests, as the sweep says who is due."""
    from portals import registry
    from rbac.domain import idleness

    periods = {PORTAL: registry.idle_periods()[PORTAL]}
    (due,) = (stage for stage in idleness.stages(periods=periods, as_of=now) if stage.days == 0)
    idleness.due_in(due).update(suspended_at=now)


def _release(world: World, operators: tuple[Any, ...], now: datetime) -> bool:
    """Warnings that are too many for one run wait for two operators, who look the same day."""
    from identity.jobs import mass_acts
    from identity.models import MassAct

    waiting = MassAct.objects.filter(state__in=MassAct.OPEN).first()
    if waiting is None:
        return False
    world.frozen += 1
    for operator in operators:
        mass_acts.MACHINE.release(waiting, by=operator, now=now)
    return True


def _answer_tickets(world: World, services: Any, day: int, now: datetime) -> None:
    """Provider Services read each ticket once a week and call the number on file: somebody who still comes is named, or
    nobody answers, and the ticket waits until nobody works there any more."""
    from enrollment.domain import practice_health as health
    from identity.models import Ticket
    from identity.notices import tickets
    from rbac.domain.practice_health import TOLD_TO_DESK
    from rbac.models import Practice

    waiting = Ticket.objects.filter(queue=PORTAL).exclude(status=Ticket.Status.CLOSED)
    for ticket in waiting.filter(pk__in=_of(world, "ticket", day, waiting.values_list("pk", flat=True))).order_by("pk"):
        practice = Practice.objects.get(pk=ticket.practice_id)
        lasts = health.of(practice, portal_key=PORTAL, now=now).state in TOLD_TO_DESK
        if not lasts or _named(world, practice, services, now):
            tickets.close(ticket=ticket, answer="Called.", by=services, now=now)


def _named(world: World, practice: Any, services: Any, now: datetime) -> bool:
    from rbac.domain import hand_overs

    where = {"practice": practice, "portal_key": PORTAL}
    follower = hand_overs.candidates(now=now, **where).filter(grant__account__in=world.present).first()
    if follower is None or hand_overs.opened(now=now, **where) is not None:
        return False
    row = hand_overs.name(to=follower.pk, reason="called the number on file", by=services, now=now, **where)
    _sign(follower.grant.account, row, now)
    world.named += 1
    return True


def _count(world: World, practices: dict[int, Any], day: int, now: datetime) -> None:
    from identity.models import Ticket
    from portals import registry
    from rbac.domain import hand_overs
    from rbac.domain import practice_health as health
    from rbac.models import PracticeState

    found = health.of_all(portal_key=PORTAL, idle=registry.idle_periods()[PORTAL], invited=(), now=now)
    waiting = Ticket.objects.filter(queue=PORTAL).exclude(status=Ticket.Status.CLOSED)
    known = set(waiting.values_list("practice_id", flat=True))
    world.practice_days += len(practices)
    for key, one in found.items():
        if one.state == PracticeState.NOBODY:
            world.nobody += 1
            world.stuck += not (key in known and hand_overs.has_number_on_file(practices[key], now=now))
    for key in _of(world, "practice", day, found):
        if any(row.account_id in world.present for row in found[key].administrators):
            _refill(world, practices[key], found[key], now)


def _refill(world: World, practice: Any, health: Any, now: datetime) -> None:
    """An administrator who comes invites whoever is missing; a second administrator comes of Provider Services."""
    missing = USERS - health.users
    if missing > 0 and world.random.random() < 0.25:
        _join(world, practice, administrators=0, users=1, now=now)
    if len(health.administrators) < ADMINISTRATORS and world.random.random() < 0.005:
        _join(world, practice, administrators=1, users=0, now=now)


def _join(world: World, practice: Any, *, administrators: int, users: int, now: datetime) -> None:
    from django.db import transaction

    from identity.record import search
    from rbac.domain import grants, memberships
    from rbac.models import Origin
    from rbac.roles import ADMINISTRATOR, USER

    cause: dict[str, Any] = {"origin": Origin.INVITATION, "by": None, "now": now}
    for role in [ADMINISTRATOR] * administrators + [USER] * users:
        account = _person(world)
        with transaction.atomic(), search.once():
            grant = grants.give(account=account, portal_key=PORTAL, **cause)
            memberships.open(grant=grant, practice=practice, role=role, **cause)
        world.present.add(account.pk)


def _person(world: World) -> Any:
    from identity.models import Account, Person

    world.people += 1
    name = f"person{world.people}"
    told = {"first_name": "Ana", "last_name": "Person", "email": f"{name}@x.invalid", "password": "!"}
    return Account.objects.create(person=Person.objects.create(), realm=PORTAL, login_name=name, **told)


def _staff() -> tuple[Any, ...]:
    """Somebody of Provider Services, and two operators."""
    from tests.conftest import make_staff

    services = make_staff("provider.services", "service desk", portals=(PORTAL,))
    return services, make_staff("operator.one", "operator"), make_staff("operator.two", "operator")


def main() -> None:
    import sys

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    world = simulate(practices=PRACTICES, days=round(YEARS * 365.25), rules=sys.argv[1] == "with")
    print(json.dumps(world.told()))


if __name__ == "__main__":
    main()
