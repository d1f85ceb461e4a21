"""Practices over years of leaving and idling: the days on which one has users and no administrator, with the rules and
without them (leap 2 of Provider OnLine).

The domain of the product acts: who leaves ends a membership, hands over, or just stops coming; access that nobody uses
rests; warnings, the desk's call and hand-overs are the product's. The world moves a week at a time. Without the rules
rows end as they are told to, and nobody is warned. `python -m tests.bench.practices` prints JSON.
"""

import json
import os
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.bench.result import Result
from tests.bench.stack import Stack

PRACTICES = int(os.environ.get("BENCH_PRACTICES", "2000"))
YEARS = float(os.environ.get("BENCH_YEARS", "5"))
WEEK = timedelta(days=7)
BEGINS = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
ADMINISTRATORS, USERS = 2, 3  # of a practice, at first; one that has an administrator invites whoever is missing
LEAVES_A_WEEK = 1 / 50  # of each person: they stay for about a year
VANISHES = 0.5  # of those who leave: they just stop coming
COMES = 0.7  # of those who stay, in a week; those who do not come for long rest and come back by themselves
PORTAL = "provider-online"


def measure(stack: Stack) -> list[Result]:
    """Practice-days with users and no administrator: none with the rules; the same world has some without."""
    found = {}
    for rules in ("with", "without"):
        env = stack.production(f"practices_{rules}")
        found[rules] = json.loads(stack.run(env, "tests.bench.practices", rules).strip().split("\n")[-1])
    told = f"{PRACTICES:,} practices over {YEARS:g} years: days without an administrator"
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
    stuck: int = 0  # practice-days with users and no administrator
    practice_days: int = 0
    hand_overs: int = 0
    named: int = 0
    warned: int = 0


def simulate(*, practices: int, weeks: int, rules: bool, seed: int = 1) -> World:
    """Let so many practices live for so many weeks; writes into the database that is there."""
    from rbac.models import Practice

    world = World(rules, random.Random(seed))
    services = _provider_services() if rules else None
    rows = [
        Practice.objects.create(
            name=f"Practice {number}", phone="(414) 555-0100", phone_on_file_since=BEGINS - timedelta(days=60)
        )
        for number in range(practices)
    ]
    for practice in rows:
        _join(world, practice, administrators=ADMINISTRATORS, users=USERS, now=BEGINS)
    by_key = {practice.pk: practice for practice in rows}
    for week in range(1, weeks + 1):
        _week(world, by_key, services, now=BEGINS + week * WEEK)
    return world


def _week(world, practices, services, *, now) -> None:
    from enrollment.domain import practice_health
    from rbac.models import Membership

    _come(world, now)
    working = Membership.objects.open_at(now).filter(grant__account__in=world.present)
    for row in list(working.select_related("grant__account", "practice").order_by("pk")):
        if world.random.random() < LEAVES_A_WEEK and Membership.objects.current().filter(pk=row.pk).exists():
            _leave(world, row, now)  # no hand-over of this week has made another row of it
    _rest(now)
    if world.rules:
        world.warned += practice_health.warn_due(now=now)
        _answer_tickets(world, services, now)
    _count(world, practices, now)


def _come(world, now) -> None:
    """Most use the portal; whoever rests and still works there comes back by themselves."""
    from rbac.domain import grants
    from rbac.models import AccessGrant

    come = [pk for pk in sorted(world.present) if world.random.random() < COMES]
    for grant in AccessGrant.objects.resting().filter(account__in=come):
        grants.restore(grant=grant, now=now)
    AccessGrant.objects.active().filter(account__in=come).update(last_used_at=now, warned_days=None)


def _leave(world, membership, now) -> None:
    """Somebody leaves: without a word, or by the page; whoever is the last one hands over, if there is somebody."""
    from django.db import transaction

    from rbac.domain import membership_rows, memberships

    account = membership.grant.account
    world.present.discard(account.pk)
    if world.random.random() < VANISHES:
        return
    if not world.rules:
        with transaction.atomic():
            membership_rows.end_one(membership, reason="left", by=None, now=now)
        return
    try:
        memberships.end(membership=membership, reason="left", by=account, now=now)
    except memberships.LastAdministrator:
        _hand_over(world, membership, now)


def _hand_over(world, membership, now) -> None:
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


def _sign(account, row, now) -> None:
    from rbac.domain import hand_overs

    hand_overs.sign(hand_over=row, typed_name=account.get_full_name(), by=account, now=now)


def _rest(now) -> None:
    """Access that nobody used for its days rests, as the sweep says who is due."""
    from portals import registry
    from rbac.domain import idleness

    periods = {PORTAL: registry.idle_periods()[PORTAL]}
    (due,) = (stage for stage in idleness.stages(periods=periods, as_of=now) if stage.days == 0)
    idleness.due_in(due).update(suspended_at=now)


def _answer_tickets(world, services, now) -> None:
    """Provider Services read their tickets once a week, call the number on file, and name somebody who still comes."""
    from identity.models import Ticket
    from identity.notices import tickets
    from rbac.domain import hand_overs
    from rbac.models import Practice

    waiting = Ticket.objects.filter(queue=PORTAL).exclude(status=Ticket.Status.CLOSED)
    for ticket in list(waiting.order_by("pk")):
        practice = Practice.objects.get(pk=ticket.practice_id)
        where = {"practice": practice, "portal_key": PORTAL}
        others = hand_overs.candidates(now=now, **where).filter(grant__account__in=world.present)
        follower = others.first()
        if follower is not None and hand_overs.opened(now=now, **where) is None:
            row = hand_overs.name(to=follower.pk, reason="called the number on file", by=services, now=now, **where)
            _sign(follower.grant.account, row, now)
            world.named += 1
        tickets.close(ticket=ticket, answer="Called.", by=services, now=now)


def _count(world, practices, now) -> None:
    from portals import registry
    from rbac.domain import practice_health as health
    from rbac.models import PracticeState

    found = health.of_all(portal_key=PORTAL, idle=registry.idle_periods()[PORTAL], invited=(), now=now)
    world.practice_days += WEEK.days * len(practices)
    for key, one in found.items():
        if one.state == PracticeState.NOBODY:
            world.stuck += WEEK.days
        elif any(row.account_id in world.present for row in one.administrators):
            _refill(world, practices[key], one, now)


def _refill(world, practice, health, now) -> None:
    """An administrator who comes invites whoever is missing; a second administrator comes of Provider Services."""
    missing = USERS - health.users
    if missing > 0 and world.random.random() < 0.25:
        _join(world, practice, administrators=0, users=1, now=now)
    if len(health.administrators) < ADMINISTRATORS and world.random.random() < 0.005:
        _join(world, practice, administrators=1, users=0, now=now)


def _join(world, practice, *, administrators, users, now) -> None:
    from rbac.domain import grants, memberships
    from rbac.models import Origin
    from rbac.roles import ADMINISTRATOR, USER

    for role in [ADMINISTRATOR] * administrators + [USER] * users:
        account, cause = _person(), {"origin": Origin.INVITATION, "by": None, "now": now}
        grant = grants.give(account=account, portal_key=PORTAL, **cause)
        memberships.open(grant=grant, practice=practice, role=role, **cause)
        world.present.add(account.pk)


def _person():
    from identity.models import Account, Person

    name = f"person{Account.objects.count()}"
    told = {"first_name": "Ana", "last_name": "Person", "email": f"{name}@x.invalid", "password": "!"}
    return Account.objects.create(person=Person.objects.create(), realm=PORTAL, login_name=name, **told)


def _provider_services():
    from tests.conftest import make_staff

    return make_staff("provider.services", "service desk", portals=(PORTAL,))


def main() -> None:
    import sys

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    world = simulate(practices=PRACTICES, weeks=round(YEARS * 365.25 / 7), rules=sys.argv[1] == "with")
    print(json.dumps({"stuck": world.stuck, "of": world.practice_days, "named": world.named}))


if __name__ == "__main__":
    main()
