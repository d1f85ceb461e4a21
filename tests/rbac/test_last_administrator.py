"""Somebody always runs a practice's users: the last administrator hands over first (D-11, D-15)."""

from datetime import date, timedelta

import pytest

from identity.models import Account
from rbac.domain import grants, memberships
from rbac.domain.memberships import LastAdministrator
from rbac.models import Membership, Practice
from rbac.roles import ADMINISTRATOR, USER
from tests.factories import NOW, GrantFactory, MembershipFactory, PracticeFactory
from tests.together import together

pytestmark = pytest.mark.django_db
PORTAL = "provider-online"
ACTS = {
    "removed": memberships.end,
    "suspended": memberships.suspend,
    "demoted": lambda **given: memberships.change_role(role=USER, **given),
}


@pytest.fixture
def harbor() -> Practice:
    return PracticeFactory(name="Harbor")


def works_for(practice, role=ADMINISTRATOR, portal_key=PORTAL, grant=None, **facts) -> Membership:
    realm = PORTAL if portal_key == PORTAL else "ohid"
    grant = grant or GrantFactory(account__realm=realm, portal_key=portal_key)
    return MembershipFactory(grant=grant, practice=practice, role=role, **facts)


def runs(practice) -> list[Account]:
    return memberships.administrators(practice, now=NOW)


@pytest.mark.parametrize("act", ACTS)
class TestTheLastOne:
    def test_is_not_taken_away(self, harbor, act):
        last = works_for(harbor)
        works_for(harbor, role=USER)
        with pytest.raises(LastAdministrator):
            ACTS[act](membership=last, by=None, now=NOW)
        assert runs(harbor) == [last.grant.account]

    def test_of_two_one_may_go(self, harbor, act):
        first, second = works_for(harbor), works_for(harbor)
        ACTS[act](membership=first, by=None, now=NOW)
        assert runs(harbor) == [second.grant.account]
        with pytest.raises(LastAdministrator):
            ACTS[act](membership=second, by=None, now=NOW)

    @pytest.mark.parametrize(
        "other",
        [
            {"suspended_at": NOW},
            {"ends_on": date(2026, 11, 19)},
            {"grant__suspended_at": NOW},
            {"grant__account__is_active": False},
            {"portal_key": "claims"},
            {"role": USER},
        ],
        ids=str,
    )
    def test_another_who_does_not_count_is_nobody(self, harbor, act, other):
        last = works_for(harbor)
        facts = dict(other)
        grant = {name.removeprefix("grant__"): facts.pop(name) for name in list(facts) if name.startswith("grant__")}
        if grant:
            facts["grant"] = GrantFactory(**{"account__realm": PORTAL, "portal_key": PORTAL, **grant})
        works_for(harbor, **facts)
        with pytest.raises(LastAdministrator):
            ACTS[act](membership=last, by=None, now=NOW)

    def test_a_user_goes_whoever_is_left(self, harbor, act):
        last, user = works_for(harbor), works_for(harbor, role=USER)
        ACTS[act](membership=user, by=last.grant.account, now=NOW)
        assert runs(harbor) == [last.grant.account]


def test_one_who_does_not_count_goes(harbor):
    """Who rests already runs nothing: ending it takes nothing away."""
    works_for(harbor)
    memberships.end(membership=works_for(harbor, suspended_at=NOW), by=None, now=NOW)


def test_nobody_leaves_as_the_last_one_either(harbor):
    last = works_for(harbor)
    with pytest.raises(LastAdministrator):
        memberships.end(membership=last, by=last.grant.account, now=NOW)


def test_another_practice_has_its_own_last_one(harbor):
    grant = GrantFactory(account__realm=PORTAL, portal_key=PORTAL)
    here, elsewhere = works_for(harbor, grant=grant), works_for(PracticeFactory(), grant=grant)
    works_for(harbor)
    memberships.end(membership=here, by=None, now=NOW)
    with pytest.raises(LastAdministrator):
        memberships.end(membership=elsewhere, by=None, now=NOW)


def test_a_stolen_account_is_shut_at_once(harbor, operator):
    """Whoever answers for the portal ends the access as a whole; the practice's health says that nobody is left."""
    last = works_for(harbor)
    assert grants.end(account=last.grant.account, portal_key=PORTAL, reason="stolen", by=operator, now=NOW)
    assert not runs(harbor)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ACTS)
def test_two_who_remove_each_other_at_once_leave_one(act):
    """To be shown, leap 2: whatever each of them has read, one of the two stays."""
    for turn in range(8):
        practice = PracticeFactory()
        pair = [works_for(practice), works_for(practice)]
        accounts = [row.grant.account for row in pair]
        waiting = [(pair[0], accounts[1]), (pair[1], accounts[0])]

        def press(waiting=waiting, turn=turn):
            membership, by = waiting.pop()
            try:
                ACTS[act](membership=membership, by=by, now=NOW + timedelta(minutes=turn))
            except LastAdministrator:
                return "stays"
            return "gone"

        assert sorted(together(press, threads=2)) == ["gone", "stays"]
        assert len(runs(practice)) == 1
