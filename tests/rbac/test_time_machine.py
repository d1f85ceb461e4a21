"""Any past day is answered from rows: a simulated year against what was written down each night (D-29, S2-33)."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from rbac import roles
from rbac.capabilities import GRID, Capability
from rbac.domain import grants, grid, grid_versions, memberships, pauses, reasons
from rbac.models import AccessGrant, Membership, Origin, Pause
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, PracticeFactory, people
from tests.steps.grid import works_as

pytestmark = pytest.mark.django_db
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
BEGIN = NOW.replace(year=2025, month=11, day=1, hour=8)
MARKETS = ("CA", "CO", "")
ROLES = (*roles.GRID, "user")
PORTAL = "claims"


class Year:
    """A year of a few people who come, change, rest and go, and of versions that follow each other.

    Each night it writes down what everybody could open, by a rule of its own: a plain walk over boxes.
    """

    def __init__(self, *, persons: int, seed: int):
        self.dice = random.Random(seed)
        self.people = people(persons)
        self.practices = [PracticeFactory() for _ in range(6)]
        self.operators = [make_staff(f"operator.{name}", "operator") for name in ("one", "two")]
        first = grid.current(now=BEGIN)
        self.versions = [(BEGIN - DAY, set(first.cells), set(first.switches))]
        self.nights: dict[object, dict[int, frozenset[str]]] = {}

    def run(self, days: int) -> None:
        for number in range(days):
            day = BEGIN + number * DAY
            moments = sorted(self.dice.randrange(1, 86_000) for _ in range(self.dice.randrange(7)))
            for second in moments:
                self.act(day + second * SECOND)
            if number % 30 == 10:
                self.publish(day + 12 * HOUR)
            self.nights[day + DAY] = self.written_down(day + DAY)

    def act(self, now) -> None:
        who = self.dice.choice(self.people)
        grant = grants.current(account=who, portal_key=PORTAL)
        if grant is None or self.dice.random() < 0.02:
            grants.give(account=who, portal_key=PORTAL, origin=Origin.STAFF, by=None, now=now)
            return
        held = list(Membership.objects.current().filter(grant=grant))
        row = self.dice.choice(held) if held else None
        acts = [self.join] if row is None else [
            self.join, self.join, self.change, self.change, self.suspend, self.restore, self.restore, self.end,
            self.date, self.rest, self.wake, self.wake, self.leave,
        ]  # fmt: skip
        self.dice.choice(acts)(grant, row, now)

    def join(self, grant, _row, now) -> None:
        with suppress(memberships.AlreadyOpen):
            memberships.open(
                grant=grant, practice=self.dice.choice(self.practices), role=self.dice.choice(ROLES),
                market=self.dice.choice(MARKETS), origin=Origin.STAFF, by=None, now=now,
            )  # fmt: skip

    def change(self, _grant, row, now) -> None:
        role, market = self.dice.choice(ROLES), self.dice.choice(MARKETS)
        memberships.change_role(membership=row, role=role, market=market, by=None, now=now)

    def suspend(self, _grant, row, now) -> None:
        if row.suspended_at is None:
            memberships.suspend(membership=row, by=None, now=now)

    def restore(self, grant, _row, now) -> None:
        for row in Membership.objects.current().filter(grant=grant, suspended_at__isnull=False)[:1]:
            memberships.restore(membership=row, by=None, now=now)

    def end(self, _grant, row, now) -> None:
        memberships.end(membership=row, by=None, now=now)

    def date(self, _grant, row, now) -> None:
        last = self.dice.choice([None, timezone.localdate(now) + self.dice.randrange(20) * DAY])
        memberships.modify(membership=row, details={"ends_on": last}, by=None, now=now)

    def rest(self, grant, _row, now) -> None:
        AccessGrant.objects.active().filter(pk=grant.pk).update(suspended_at=now)  # as the sweep does

    def wake(self, grant, _row, now) -> None:
        grants.restore(grant=grant, now=now)

    def leave(self, grant, _row, now) -> None:
        if self.dice.random() < 0.3:
            grants.end(account=grant.account, portal_key=PORTAL, reason="left", by=None, now=now)

    def publish(self, now) -> None:
        _day, boxes, off = self.versions[-1]
        boxes, off = set(boxes), set(off)
        for _ in range(4):
            boxes ^= {
                (self.dice.choice(list(roles.GRID)), self.dice.choice(("", "", "CA")), self.dice.choice(GRID).value)
            }
        off ^= {(self.dice.choice(("CA", "CO")), self.dice.choice(GRID).value)}
        if self.dice.random() < 0.3:  # a role leaves the grid
            gone = self.dice.choice(list(roles.GRID))
            boxes = {box for box in boxes if box[0] != gone}
        holds = now + self.dice.randrange(1, 20) * DAY
        version = grid_versions.propose(
            boxes=boxes, switches=off, effective_from=holds, reason="A change", by=self.operators[0], now=now
        )
        grid_versions.publish(version=version, by=self.operators[1], now=now)
        self.versions.append((holds, boxes, off))

    def written_down(self, now) -> dict[int, frozenset[str]]:
        _since, boxes, off = max((one for one in self.versions if one[0] <= now), key=lambda one: one[0])
        known = {role for role, _market, _capability in boxes if role}
        found: dict[int, set[str]] = {}
        rows = Membership.objects.open_at(now).filter(grant__portal_key=PORTAL)
        for account, role, market in rows.values_list("grant__account", "role", "market"):
            held = found.setdefault(account, set())
            for r, m, capability in boxes:
                if role in known and r in (role, "") and m in (market, "") and (market, capability) not in off:
                    held.add(capability)
        return {account: frozenset(held) for account, held in found.items() if held}

    def answered(self, night) -> dict[int, frozenset[str]]:
        """What the product says of that night now, of everybody at once."""
        version = grid.current(now=night)
        pairs: dict[int, list[tuple[str, str]]] = {}
        rows = pauses.counted_at(night).in_portal(PORTAL)
        for account, role, market in rows.values_list("grant__account", "role", "market"):
            pairs.setdefault(account, []).append((role, market))
        told = {account: grid.allowed(own, version) for account, own in pairs.items()}
        return {account: held for account, held in told.items() if held}


def test_a_year_is_answered_as_it_was_written_down_each_night():
    """Time machine: 365 nights of everybody, 0 differences. Explain and replay: (person, capability, day), 0 differences,
    and an administrator is told of no other practice. `python -m tests.bench grid` asks 10,000."""
    year = Year(persons=25, seed=1)
    year.run(365)
    different = [night for night, written in year.nights.items() if year.answered(night) != written]
    assert different == []
    assert Pause.objects.filter(grant__isnull=False).exists()  # the year had all of it
    assert Pause.objects.filter(membership__isnull=False).exists()
    assert sum(len(written) for written in year.nights.values()) > 2_000
    different, foreign, opened = replayed(year, questions=600)
    assert (different, foreign) == (0, 0)
    assert opened > 20


def replayed(year: Year, *, questions: int) -> tuple[int, int, int]:
    """How many explanations differ from what was written down, name a practice that was not asked for, say yes."""
    nights = list(year.nights)
    different = foreign = opened = 0
    for number in range(questions):
        night, who, capability = (year.dice.choice(one) for one in (nights, year.people, GRID))
        practice = year.dice.choice(year.practices) if number % 2 else None
        told = reasons.explain(capability, account=who, portal_key=PORTAL, at=night, practice=practice)
        if practice is None:
            different += told.opens != (capability in year.nights[night].get(who.pk, ()))
            opened += told.opens
        else:
            foreign += sum(reason.membership.practice_id != practice.pk for reason in told.reasons)
    return different, foreign, opened


class TestExplanation:
    def test_it_says_role_since_by_whom_and_because_of_what(self):
        row = works_as("practice_manager", market="CA", created_by=AccountFactory(), origin_key="OC-2026-0001")
        told = reasons.explain(Capability.MY_AGREEMENTS, account=row.grant.account, portal_key="claims", at=NOW + DAY)
        [reason] = told.reasons
        assert told.opens
        assert told.version.pk == grid.in_force(now=NOW)
        assert (reason.membership.role, reason.membership.since) == ("practice_manager", NOW)
        assert reason.membership.created_by == row.created_by
        assert reason.membership.source == "OC-2026-0001"

    def test_it_tells_a_box_from_a_market_that_has_it_not(self):
        row = works_as("billing_specialist")
        assert self.one_of(row, Capability.RISK_STRAT) == (False, False)
        assert self.one_of(row, Capability.CURO) == (True, False)

    def one_of(self, row, capability):
        told = reasons.explain(capability, account=row.grant.account, portal_key="claims", at=NOW)
        return told.reasons[0].is_ticked, told.reasons[0].is_switched_off

    def test_of_an_earlier_role_it_tells_the_role_of_that_day(self):
        """ "Who could open Risk Strat. on 3 March, and by which paper" is a question to rows."""
        row = works_as("medical_assistant")
        memberships.change_role(membership=row, role="front_office", by=None, now=NOW + 10 * DAY)
        asked = {"account": row.grant.account, "portal_key": "claims"}
        before = reasons.explain(Capability.RISK_STRAT, at=NOW + 10 * DAY - SECOND, **asked)
        after = reasons.explain(Capability.RISK_STRAT, at=NOW + 10 * DAY, **asked)
        assert (before.opens, before.reasons[0].membership.role) == (True, "medical_assistant")
        assert (after.opens, after.reasons[0].membership.role) == (False, "front_office")

    def test_an_administrator_reads_of_their_own_practice_only(self):
        """D-11: not even whether there is another one."""
        row = works_as("medical_assistant")
        other = works_as("practice_manager", grant=row.grant)
        told = reasons.explain(
            Capability.MY_AGREEMENTS, account=row.grant.account, portal_key="claims", at=NOW, practice=row.practice
        )
        assert not told.opens
        assert other.practice_id not in {reason.membership.practice_id for reason in told.reasons}

    def test_nobody_else_s_memberships_count(self):
        works_as("practice_manager")
        told = reasons.explain(Capability.CURO, account=AccountFactory(), portal_key="claims", at=NOW)
        assert (told.opens, told.reasons) == (False, ())

    def test_administrators_of_many_practices_are_one_query(self, django_assert_num_queries):
        row = works_as("medical_assistant")
        for _number in range(3):
            more = works_as("front_office", grant=row.grant)
            MembershipFactory(grant=GrantFactory(), practice=more.practice, role=roles.ADMINISTRATOR)
        told = reasons.explain(Capability.CURO, account=row.grant.account, portal_key="claims", at=NOW)
        with django_assert_num_queries(1):
            assert len(reasons.administrators_of(told, now=NOW)) == 3
