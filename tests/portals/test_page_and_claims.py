"""Whatever happens to somebody's work, at each moment pages, sign-ons and the past say the same of what it opens (S2-33,
S3-10, D-29): a walk by chance over all acts that change it."""

import random
from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest

from identity.record.machine import NotPossible
from portals import registry
from portals.entry import rights
from portals.oidc import token_context
from rbac.domain import grid, grid_versions, mandate_people, mandates, memberships, pauses
from rbac.models import AccessGrant, Mandate, Membership
from tests.conftest import make_staff
from tests.factories import NOW, PracticeFactory
from tests.steps.grid import propose, works_as
from tests.steps.mandates import PORTAL, sign_on, signer, vendor_person

pytestmark = pytest.mark.django_db
ROLES, MARKETS = ("billing_specialist", "front_office", "practice_manager"), ("CO", "CA", "TX")
# What an act may be refused with: it is tried blindly.
REFUSED = (
    memberships.NotOpen, memberships.NotSuspended, memberships.OutsideMandate, memberships.SuspendedByStaff,
    mandate_people.OwnRests, mandate_people.FollowsMandate, mandates.NotAskable, mandates.AskedAlready,
    mandates.NotOfTheVendor, mandates.NotYours, NotPossible, grid_versions.NothingChanges,
)  # fmt: skip


class Walk:
    """Somebody of a vendor with a second practice of their own, and two practices that the vendor may work for."""

    def __init__(self, seed: int) -> None:
        self.chance, self.now = random.Random(seed), NOW
        self.own = vendor_person()
        self.grant = self.own.grant
        works_as("front_office", practice=PracticeFactory(), grant=self.grant, market="TX")
        self.signers = [signer(practice=PracticeFactory()) for _ in range(2)]
        self.agent = make_staff("agent", "service desk", (PORTAL,))
        self.operators = [make_staff(f"op{number}", "operator") for number in range(2)]

    def step(self) -> str:
        act = self.chance.choice(
            [self.rest, self.go_on, self.role, self.last_day, self.ask, self.answer, self.end, self.grid, self.wait]
        )
        with suppress(*REFUSED):
            act()
        return act.__name__

    def any_membership(self) -> Membership:
        rows = Membership.objects.current().filter(grant=self.grant)
        return self.chance.choice(list(rows.select_related("practice", "grant__account", "mandate").order_by("pk")))

    def rest(self) -> None:
        memberships.suspend(membership=self.any_membership(), reason="x", by=self.agent, now=self.now)

    def go_on(self) -> None:
        memberships.restore(membership=self.any_membership(), reason="x", by=self.agent, now=self.now)

    def role(self) -> None:
        role, market = self.chance.choice(ROLES), self.chance.choice(MARKETS)
        memberships.change_role(membership=self.any_membership(), role=role, market=market, by=self.agent, now=self.now)

    def last_day(self) -> None:
        day: date | None = self.chance.choice([None, self.now.date(), (self.now + timedelta(days=9)).date()])
        memberships.modify(membership=self.any_membership(), details={"ends_on": day}, by=self.agent, now=self.now)

    def ask(self) -> None:
        roles = self.chance.sample(ROLES, 2)
        ends_on = self.chance.choice([None, (self.now + timedelta(days=5)).date()])
        mandates.ask(
            vendor=self.own.practice, practice=self.chance.choice(self.signers).practice, portal_key=PORTAL,
            roles=roles, ends_on=ends_on, by=self.grant.account, now=self.now,
        )  # fmt: skip

    def answer(self) -> None:
        self._each(self.chance.choice([mandates.agree, mandates.agree, mandates.decline]))

    def end(self) -> None:
        if self.chance.random() < 0.5:
            self._each(mandates.end)
        else:
            for row in mandates.held_by(self.grant.account, portal_key=PORTAL, now=self.now):
                mandates.give_up(mandate=row, by=self.grant.account, now=self.now)

    def _each(self, act) -> None:
        who = self.chance.choice(self.signers)
        for row in Mandate.objects.filter(practice=who.practice, state__in=Mandate.OPEN):
            act(mandate=row, by=who.grant.account, now=self.now)

    def grid(self) -> None:
        held = sorted(grid.current(now=self.now).cells)
        first, second = self.operators
        day = self.now + timedelta(days=1, microseconds=self.chance.randrange(10**6))  # no two hold from one moment
        version = propose(
            by=first, without=self.chance.sample(held, min(20, len(held))), effective_from=day, now=self.now
        )
        grid_versions.publish(version=version, by=second, now=self.now)

    def wait(self) -> None:
        self.now += timedelta(hours=self.chance.choice([1, 7, 30, 100]))


def said_at(walk: Walk, moment: datetime) -> tuple[object, ...]:
    """What opens, in which roles, on whose behalf: by the page, by the sign-on, by the past."""
    portal, grant = registry.get(PORTAL), AccessGrant.objects.get(pk=walk.grant.pk)
    told = token_context.find(sign_on(grant, now=moment).pk)
    assert told is not None
    behind = list(memberships.behind(grant, now=moment))
    past = list(pauses.counted_at(moment).filter(grant=grant))
    opens = [
        sorted(rights.held(portal, grant, now=moment)),
        told.held(now=moment),
        sorted(grid.allowed([row.pair for row in past], grid.current(now=moment))),
    ]
    roles = [sorted({row.pair for row in behind}), told.pairs(now=moment), sorted({row.pair for row in past})]
    mandated = [{row.practice_id for row in rows if row.mandate_id} for rows in (behind, past)]
    for one in (opens, roles, [*mandated, told.on_behalf_of(now=moment)]):
        assert one[0] == one[1] == one[2], one
    return opens[0], roles[0], mandated[0]


@pytest.mark.parametrize("seed", range(3))
def test_pages_sign_ons_and_the_past_say_the_same_at_each_step(seed):
    walk, seen, done = Walk(seed), set(), []
    for _ in range(80):
        done.append(walk.step())
        try:
            opens, roles, mandated = said_at(walk, walk.now)
        except AssertionError as differs:
            raise AssertionError(f"after {done}") from differs
        for row in Membership.objects.open_at(walk.now).filter(grant=walk.grant).exclude(mandate=None):
            own = Membership.objects.open_at(walk.now).filter(
                grant=walk.grant, practice=walk.own.practice, mandate=None
            )
            assert own.exists(), f"work on behalf of nobody after {done}"
            assert row.role in row.mandate.roles
        seen.add((len(opens), len(roles), len(mandated)))
    assert len(seen) > 4, "the walk went nowhere"
