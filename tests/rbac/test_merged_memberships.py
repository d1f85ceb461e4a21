"""Of two grants for a portal one is kept, and what both open comes together (D-17, D-29): nobody loses a practice."""

from datetime import timedelta

import pytest

from identity.merging import merges
from rbac.domain import grants, idleness, memberships
from rbac.models import AccessGrant, Membership, Origin
from rbac.roles import ADMINISTRATOR, USER
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, PracticeFactory, TinFactory
from tests.steps.merges import proof_of

pytestmark = pytest.mark.django_db
ROLE = "Your role in a practice"


@pytest.fixture
def own(db):
    return AccountFactory(login_name="first.id")


@pytest.fixture
def other(db):
    return AccountFactory(login_name="second.id")


@pytest.fixture
def mine(own):
    return GrantFactory(account=own)


@pytest.fixture
def theirs(other):
    return GrantFactory(account=other)


@pytest.fixture
def harbor():
    return PracticeFactory(name="Harbor")


def merged(own, other, *, grant, role=None):
    """The two as one: whose grant is kept, and whose role where that is asked."""
    clashes = merges.clashes(own, other)
    choices = {clash.key: (role or grant).pk if str(clash.what) == ROLE else grant.pk for clash in clashes}
    return merges.merge(survivor=own, absorbed=other, choices=choices, proof=proof_of(own, other, NOW), by=own, now=NOW)


def asked(own, other) -> list[list[str]]:
    """The options of each question on a role."""
    return [[str(words) for _pk, words in clash.options] for clash in merges.clashes(own, other) if clash.what == ROLE]


def work_of(account) -> dict[str, tuple[str, set[str]]]:
    """What counts of an account's work: practice, role and approved tax IDs."""
    rows = Membership.objects.open_at(NOW).filter(grant__account=account)
    return {row.practice.name: (row.role, {tin.digits for tin in row.tins.all()}) for row in rows}


@pytest.mark.parametrize("keeps_mine", [True, False])
def test_the_practices_of_both_are_behind_the_grant_that_is_kept(own, other, mine, theirs, harbor, keeps_mine):
    MembershipFactory(grant=mine, practice=harbor)
    MembershipFactory(grant=theirs, practice__name="Bay", role=ADMINISTRATOR)
    assert asked(own, other) == []
    merged(own, other, grant=own if keeps_mine else other)
    kept = mine if keeps_mine else theirs
    assert grants.current(account=own, portal_key="claims") == kept
    assert work_of(own) == {"Harbor": (USER, set()), "Bay": (ADMINISTRATOR, set())}
    assert set(Membership.objects.values_list("grant", flat=True)) == {kept.pk}


@pytest.mark.parametrize("keeps_mine", [True, False])
@pytest.mark.parametrize("my_role", [True, False])
def test_two_roles_in_one_practice_are_asked(own, other, mine, theirs, harbor, keeps_mine, my_role):
    """The role is a question of its own: it does not follow the choice of the grant."""
    MembershipFactory(grant=mine, practice=harbor)
    MembershipFactory(grant=theirs, practice=harbor, role=ADMINISTRATOR)
    assert asked(own, other) == [
        ["Harbor in Claims Online Portal: user", "Harbor in Claims Online Portal: administrator"]
    ]
    merged(own, other, grant=own if keeps_mine else other, role=own if my_role else other)
    assert work_of(own) == {"Harbor": (USER if my_role else ADMINISTRATOR, set())}


def test_a_role_that_nobody_chose_merges_nothing(own, other, mine, theirs, harbor):
    MembershipFactory(grant=mine, practice=harbor)
    MembershipFactory(grant=theirs, practice=harbor, role=ADMINISTRATOR)
    choices = {clash.key: own.pk for clash in merges.clashes(own, other) if clash.what != ROLE}
    proof = proof_of(own, other, NOW)
    with pytest.raises(merges.MergeRefused):
        merges.merge(survivor=own, absorbed=other, choices=choices, proof=proof, by=own, now=NOW)
    assert work_of(other) == {"Harbor": (ADMINISTRATOR, set())}


def test_in_one_practice_the_tax_ids_of_both_are_approved(own, other, mine, theirs, harbor):
    first, shared, second = (TinFactory(practice=harbor) for _ in range(3))
    MembershipFactory(grant=mine, practice=harbor, tins=[first, shared])
    MembershipFactory(grant=theirs, practice=harbor, tins=[shared, second])
    merged(own, other, grant=own)
    assert work_of(own) == {"Harbor": (USER, {first.digits, shared.digits, second.digits})}


@pytest.mark.parametrize("keeps_mine", [True, False])
def test_a_merge_wakes_no_tax_id_that_rests(own, other, mine, theirs, harbor, keeps_mine):
    """D-11: an administrator let the work with it rest; the person makes one ID of two without asking anybody."""
    first, resting = TinFactory(practice=harbor), TinFactory(practice=harbor)
    MembershipFactory(grant=mine, practice=harbor, tins=[first])
    MembershipFactory(grant=theirs, practice=harbor, tins=[resting], suspended_at=NOW)
    merged(own, other, grant=own if keeps_mine else other)
    assert work_of(own) == {"Harbor": (USER, {first.digits})}


def test_work_for_the_whole_practice_is_not_narrowed(own, other, mine, theirs, harbor):
    MembershipFactory(grant=mine, practice=harbor, tins=[TinFactory(practice=harbor)])
    MembershipFactory(grant=theirs, practice=harbor, origin=Origin.STAFF)
    TinFactory(practice=harbor)
    merged(own, other, grant=own)
    assert len(memberships.attested_tins(mine.pk, now=NOW)) == 2


def test_of_one_that_rests_and_one_that_does_not_the_work_goes_on(own, other, mine, theirs, harbor):
    MembershipFactory(grant=mine, practice=harbor, suspended_at=NOW)
    MembershipFactory(grant=theirs, practice=harbor)
    merged(own, other, grant=own)
    assert work_of(own) == {"Harbor": (USER, set())}


def test_an_undo_gives_each_their_work_back_and_leaves_what_ended_since(own, other, mine, theirs, harbor):
    bay = MembershipFactory(grant=theirs, practice__name="Bay")
    gone = MembershipFactory(grant=theirs, practice__name="Gone")
    MembershipFactory(grant=mine, practice=harbor)
    merge = merged(own, other, grant=own)
    gone.refresh_from_db()
    memberships.end(membership=gone, by=None, now=NOW)
    merges.undo(merge=merge, by=own, now=NOW + timedelta(hours=1))
    assert (set(work_of(own)), set(work_of(other))) == ({"Harbor"}, {"Bay"})
    bay.refresh_from_db()
    assert bay.grant == theirs


def test_after_an_undo_nothing_open_hangs_on_access_that_ended(own, other, mine, theirs, harbor):
    """The older access ends where another was given since: its practices end with it."""
    MembershipFactory(grant=mine, practice=harbor)
    merge = merged(own, other, grant=other)
    grants.give(account=own, portal_key="claims", origin=Origin.STAFF, reason="x", by=None, now=NOW)
    merges.undo(merge=merge, by=own, now=NOW + timedelta(hours=1))
    assert not Membership.objects.current().exclude(grant__until=None).exists()


LONG = timedelta(days=60)


class TestWhatRests:
    """D-09: after 30 days access comes back with a confirmation only, and a merge is none."""

    @pytest.fixture
    def theirs(self, other):
        return GrantFactory(account=other, suspended_at=NOW - LONG)

    @pytest.mark.parametrize("keeps_mine", [True, False])
    def test_practices_of_access_that_rests_wait(self, own, other, mine, theirs, harbor, keeps_mine):
        """Whichever ID goes on; an administrator's practice too."""
        MembershipFactory(grant=mine, practice=harbor)
        MembershipFactory(grant=theirs, practice__name="Bay", role=ADMINISTRATOR)
        survivor, absorbed = (own, other) if keeps_mine else (other, own)
        choices = {clash.key: own.pk for clash in merges.clashes(survivor, absorbed)}
        proof = proof_of(survivor, absorbed, NOW)
        merges.merge(survivor=survivor, absorbed=absorbed, choices=choices, proof=proof, by=survivor, now=NOW)
        assert work_of(survivor) == {"Harbor": (USER, set())}
        bay = Membership.objects.get(practice__name="Bay")
        assert (bay.grant, bay.suspended_at) == (mine, theirs.suspended_at)
        memberships.restore(membership=bay, by=None, now=NOW)
        assert work_of(survivor) == {"Harbor": (USER, set()), "Bay": (ADMINISTRATOR, set())}

    def test_it_is_told_beside_the_question(self, own, other, mine, theirs):
        assert "confirmation" not in str(merges.clashes(own, other))
        MembershipFactory(grant=theirs, practice__name="Bay")
        words = dict(merges.clashes(own, other)[0].options)
        assert "its practices wait for a confirmation" in words[other.pk]
        assert "confirmation" not in words[own.pk]

    def test_in_one_practice_the_work_goes_on_as_it_was(self, own, other, mine, theirs, harbor):
        """No tax ID comes along, and no whole practice."""
        first = TinFactory(practice=harbor)
        MembershipFactory(grant=mine, practice=harbor, tins=[first])
        MembershipFactory(grant=theirs, practice=harbor, tins=[TinFactory(practice=harbor)])
        MembershipFactory(grant=mine, practice__name="Bay")
        MembershipFactory(grant=theirs, practice=Membership.objects.get(practice__name="Bay").practice, origin="staff")
        before = work_of(own)
        merged(own, other, grant=own)
        assert work_of(own) == before == {"Harbor": (USER, {first.digits}), "Bay": (USER, set())}

    def test_a_role_that_is_chosen_waits_too(self, own, other, mine, theirs, harbor):
        MembershipFactory(grant=mine, practice=harbor)
        MembershipFactory(grant=theirs, practice=harbor, role=ADMINISTRATOR)
        merged(own, other, grant=own, role=other)
        assert work_of(own) == {}

    def test_access_that_rests_less_long_is_no_way_around(self, own, other, theirs):
        mine = GrantFactory(account=own, suspended_at=NOW - timedelta(days=10))
        MembershipFactory(grant=theirs, practice__name="Bay")
        merged(own, other, grant=own)
        mine.refresh_from_db()
        assert idleness.come_back(grant=mine, by=own, now=NOW)
        assert work_of(own) == {}

    def test_what_is_kept_at_rest_brings_all_back_with_it(self, own, other, mine, theirs, harbor):
        MembershipFactory(grant=mine, practice=harbor)
        MembershipFactory(grant=theirs, practice__name="Bay")
        merged(own, other, grant=other)
        assert work_of(own) == {}
        grants.restore(grant=theirs, now=NOW)
        assert set(work_of(own)) == {"Harbor", "Bay"}

    @pytest.mark.parametrize("role", [True, False])
    @pytest.mark.parametrize("came_back", [True, False])
    def test_the_undo_sets_it_back_exactly(self, own, other, mine, theirs, harbor, role, came_back):
        MembershipFactory(grant=mine, practice=harbor)
        MembershipFactory(grant=theirs, practice=harbor, role=ADMINISTRATOR)
        MembershipFactory(grant=theirs, practice__name="Bay")
        rows = Membership.objects.order_by("pk").values("pk", "grant", "role", "suspended_at")
        before = list(rows.all())
        merge = merged(own, other, grant=own, role=own if role else other)
        assert list(rows.all()) != before
        if came_back:
            AccessGrant.objects.filter(pk=theirs.pk).update(suspended_at=None, restored_at=NOW)
        merges.undo(merge=merge, by=own, now=NOW + timedelta(hours=1))
        assert list(rows.all()) == before
