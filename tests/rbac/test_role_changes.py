"""Staff give somebody another role or market, as the person asked on Account Overview (S2-17, S2-22, S2-33)."""

import pytest
from django.urls import reverse

from identity.record.machine import ReasonMissing
from rbac.capabilities import Capability
from rbac.domain import approvals, grants, grid, mandate_people, memberships, role_changes
from rbac.models import Membership
from tests.conftest import make_staff
from tests.factories import NOW, GrantFactory
from tests.steps.grid import works_as
from tests.steps.mandates import PORTAL, agreed, signer, vendor_person
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
NURSE = {"role": "registered_nurse", "market": "CO", "reason": "Asked in T-1234"}


@pytest.fixture
def row():
    return works_as("front_office", portal_key=PORTAL)


@pytest.fixture
def staff():
    return make_staff("pro.desk", "service desk", portals=(PORTAL,))


@pytest.fixture
def desk(staff):
    return signed_in(staff, verified=True)


def page_of(row: Membership) -> str:
    return reverse("admin:rbac_accessgrant_membership", args=[row.grant_id, row.pk])


def pairs_of(grant) -> list[tuple[str, str]]:
    return sorted(one.pair for one in Membership.objects.current().filter(grant=grant))


def change(row: Membership, staff, **more) -> Membership:
    return role_changes.change(membership=row, by=staff, now=NOW, **NURSE | more)


class TestAtTheDesk:
    def test_the_person_opens_what_the_new_role_opens_and_reads_of_it(self, desk, row, inbox):
        page = desk.get(page_of(row)).content.decode()
        assert "Another role" in page
        inbox.clear()
        answer = desk.post(page_of(row), {"step": "role", **NURSE})
        after = Membership.objects.current().get(grant=row.grant)
        assert answer.url == page_of(after)
        assert "The role is now: Registered Nurse." in desk.get(answer.url).content.decode()
        held = grid.current(now=NOW)
        assert Capability.RISK_STRAT in grid.allowed([after.pair], held) - grid.allowed([row.pair], held)
        mail = inbox.newest("mail", row.grant.account.email)
        assert mail.subject == "Your role in Optum Pro changed"
        assert "is: Registered Nurse, Colorado." in mail.text

    @pytest.mark.parametrize(
        ("typed", "says"),
        [
            ({"role": ""}, "Choose an answer"),
            ({"role": "administrator"}, "Select a valid choice"),
            ({"market": ""}, "Choose an answer"),
            ({"reason": " "}, "Fill in “Reason (the journal keeps it)”"),
            ({"role": "front_office"}, "This is the role and the market that the person has already."),
        ],
    )
    def test_what_is_wrong_is_said_and_kept(self, desk, row, typed, says):
        answer = desk.post(page_of(row), {"step": "role", **NURSE} | typed)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert says in page
        assert "data-error-summary" in page
        assert '<option value="CO" selected>' in page or not typed.get("market", "CO")
        assert pairs_of(row.grant) == [row.pair]

    def test_everywhere_is_where_role_and_market_are_the_same(self, desk, row, inbox):
        """S2-15: thirty practices of one registration."""
        for _ in range(3):
            works_as("front_office", grant=row.grant)
        works_as("practice_manager", grant=row.grant)
        works_as("front_office", grant=row.grant, market="TX")
        inbox.clear()
        desk.post(page_of(row), {"step": "role", "everywhere": "on", **NURSE})
        rest = [("front_office", "TX"), ("practice_manager", "CO")]
        assert pairs_of(row.grant) == [*rest, *[("registered_nurse", "CO")] * 4]
        [mail] = [one for one in inbox.all() if one.to == row.grant.account.email]
        assert "The same holds for 3 other practices." in mail.text

    def test_where_roles_are_not_the_grids_there_is_no_such_form(self, agent):
        row = works_as("user", portal_key="claims")
        desk = signed_in(agent, verified=True)
        assert "Another role" not in desk.get(page_of(row)).content.decode()
        assert desk.post(page_of(row), {"step": "role", **NURSE}).status_code == 404


class TestRules:
    def test_only_who_answers_for_the_portal(self, row):
        """D-28."""
        other = make_staff("claims.desk", "service desk", portals=("claims",))
        with pytest.raises(approvals.MayNotDecide):
            change(row, other)

    @pytest.mark.parametrize(
        ("more", "refused"),
        [
            ({"reason": " "}, ReasonMissing),
            ({"role": "administrator"}, role_changes.UnknownRole),
            ({"market": ""}, role_changes.UnknownRole),
            ({"role": "front_office"}, role_changes.SameAsBefore),
        ],
    )
    def test_it_is_refused(self, row, staff, more, refused):
        with pytest.raises(refused):
            change(row, staff, **more)
        assert pairs_of(row.grant) == [row.pair]

    def test_what_is_under_a_mandate_follows_the_vendor(self, staff):
        """S3-10: the person's own role in the vendor changes, and with it what they have under its mandates."""
        vera, maria = vendor_person(), signer()
        mandate = agreed(vera, maria)
        under = Membership.objects.current().get(mandate=mandate)
        with pytest.raises(mandate_people.FollowsMandate):
            change(under, staff)
        change(vera, staff)
        assert not Membership.objects.current().filter(mandate=mandate).exists()

    def test_nobody_changes_their_own(self, staff):
        own = works_as("front_office", grant=GrantFactory(account=staff, portal_key=PORTAL))
        with pytest.raises(grants.OwnGrant):
            change(own, staff)

    def test_what_has_ended_is_not_changed(self, row, staff):
        memberships.end(membership=row, by=None, now=NOW)
        with pytest.raises(grants.GrantEnded):
            change(row, staff)
