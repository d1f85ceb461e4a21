"""People of a practice: invited, changed, deactivated, removed by its administrators, and by nobody else (D-11)."""

from datetime import date, timedelta

import pytest

from enrollment.domain import acceptance, invitation_limits, people
from enrollment.domain.invitations import Invitee
from enrollment.domain.people import Office
from enrollment.models import Invitation
from identity.models import Account, JournalEntry
from rbac.domain import grants, memberships
from rbac.models import AccessGrant, Membership, Practice
from rbac.roles import ADMINISTRATOR
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, MembershipFactory
from tests.steps.invitations import NAME, PORTAL, practice_user, proved, user_invited

pytestmark = pytest.mark.django_db
OFFICE = {
    "address_1": "1 Lake St",
    "city": "Milwaukee",
    "office_state": "WI",
    "zip": "53202",
    "work_phone": "4145550100",
}


@pytest.fixture
def practice(db) -> Practice:
    return Practice.objects.create(name="Lakeside Clinic")


@pytest.fixture
def office(practice) -> Office:
    return Office(practice=practice, portal_key=PORTAL)


@pytest.fixture
def oaa(practice) -> Account:
    return practice_user(practice, "olga.admin", role=ADMINISTRATOR)


@pytest.fixture
def second(practice) -> Account:
    return practice_user(practice, "sam.admin", role=ADMINISTRATOR, first_name="Sam")


@pytest.fixture
def user(practice) -> Account:
    return practice_user(practice, "uma.user", first_name="Uma", last_name="Miller")


def membership_of(account: Account, practice: Practice) -> Membership:
    return Membership.objects.current().get(grant__account=account, practice=practice)


def act(name: str, office: Office, account: Account, *, by: Account, now=NOW, **more) -> Membership:
    pk = membership_of(account, office.practice).pk
    return getattr(people, name)(office=office, pk=pk, by=by, now=now, **more)


def invitee(email: str = "nora@example.org", **facts) -> Invitee:
    return Invitee(email=email, **{**NAME, "office": OFFICE, **facts})


class TestCreating:
    def test_an_administrator_invites_a_user_of_the_own_practice(self, office, oaa):
        """S4-17, S4-18, S4-19: a user, never an administrator, and no user name is chosen for anybody."""
        row = people.create(office=office, invitee=invitee(ends_on=date(2027, 1, 31)), by=oaa, now=NOW)
        assert (row.kind, row.role, row.owner, row.created_by) == ("office user", "user", oaa, oaa)
        assert (row.practice, row.portal_key, row.ends_on) == (office.practice, PORTAL, date(2027, 1, 31))
        assert (row.office_state, row.work_phone) == ("WI", "4145550100")

    def test_nobody_else_does(self, office, oaa, user):
        elsewhere = practice_user(Practice.objects.create(name="Another"), "eve.admin", role=ADMINISTRATOR)
        act("deactivate", office, practice_user(office.practice, "was.admin", role=ADMINISTRATOR), by=oaa)
        for stranger in (user, elsewhere, Account.objects.get(login_name="was.admin")):
            with pytest.raises(people.NotAdministrator):
                people.create(office=office, invitee=invitee(), by=stranger, now=NOW)
        assert not Invitation.objects.exists()

    def test_an_administrator_of_another_portal_is_none_here(self, office, practice):
        """D-29: the same practice stands behind other doors too."""
        other = MembershipFactory(practice=practice, role=ADMINISTRATOR, grant__portal_key="claims")
        with pytest.raises(people.NotAdministrator):
            people.create(office=office, invitee=invitee(), by=other.grant.account, now=NOW)
        assert other not in office.members()

    @pytest.mark.parametrize("typed", ["UMA.User@example.org", " uma.user@EXAMPLE.org "])
    def test_somebody_who_is_there_is_named(self, office, oaa, user, typed):
        with pytest.raises(people.AlreadyMember) as known:
            people.create(office=office, invitee=invitee(typed), by=oaa, now=NOW)
        assert known.value.membership.grant.account == user

    def test_other_addresses_of_a_member_are_nobodys_business(self, office, oaa, user):
        """D-26: the practice knows one address, and learns of no other by trying."""
        proved(user, "uma.private@example.org")
        people.create(office=office, invitee=invitee("uma.private@example.org"), by=oaa, now=NOW)
        assert Invitation.objects.get().email == "uma.private@example.org"

    @pytest.mark.parametrize("known", ["nobody", "somebody"])
    def test_the_practice_goes_on_calling_people_as_it_did(self, office, oaa, known):
        """D-26, leap 1: whoever joins with an account of another name and address is listed as they were invited."""
        account = AccountFactory(login_name="h.bureau", realm=PORTAL, first_name="Honora", last_name="Bureau")
        proved(account, "nora@example.org")
        if known == "somebody":
            practice_user(Practice.objects.create(name="Another"), "other", first_name="Other")
        row = people.create(office=office, invitee=invitee(), by=oaa, now=NOW)
        acceptance.accept_as_existing(invitation=row, account=account, proof=None, now=NOW)
        listed = office.members().get(grant__account=account)
        assert (listed.person_name, listed.person_email) == ("Nora Office", "nora@example.org")
        account.refresh_from_db()
        assert account.get_full_name() == "Honora Bureau"


class TestPending:
    def test_an_administrator_sees_their_own_alone(self, office, oaa, second):
        """S4-22."""
        own = user_invited("a@example.org", practice=office.practice, by=oaa, now=NOW)
        theirs = user_invited("b@example.org", practice=office.practice, by=second, now=NOW)
        staffs = user_invited("c@example.org", practice=office.practice, now=NOW)
        elsewhere = user_invited("d@example.org", practice=Practice.objects.create(name="Another"), by=oaa, now=NOW)
        assert list(office.pending_of(oaa, now=NOW)) == [own]
        assert list(office.pending_of(second, now=NOW)) == [theirs]
        assert {staffs, elsewhere}.isdisjoint(office.pending_of(oaa, now=NOW))

    @pytest.mark.parametrize("end", ["remove", "deactivate", "role"])
    def test_what_somebody_has_pending_passes_on_when_they_leave(self, office, oaa, second, end):
        """D-15, the one exception to S4-22."""
        row = user_invited("a@example.org", practice=office.practice, by=second, now=NOW)
        if end == "role":
            memberships.change_role(membership=membership_of(second, office.practice), role="user", by=None, now=NOW)
        else:
            act(end, office, second, by=oaa)
        row.refresh_from_db()
        assert (row.owner, row.created_by) == (oaa, second)
        assert list(office.pending_of(oaa, now=NOW)) == [row]

    def test_it_passes_on_whoever_ends_the_access(self, office, oaa, second):
        row = user_invited("a@example.org", practice=office.practice, by=second, now=NOW)
        grants.end(account=second, portal_key=PORTAL, reason="left", by=None, now=NOW)
        row.refresh_from_db()
        assert row.owner == oaa

    def test_where_nobody_is_left_it_is_canceled(self, office, oaa):
        """D-15 names no heir: whoever staff shut out lets nobody in any more."""
        agent = make_staff("pia.services", "operator")
        row = user_invited("a@example.org", practice=office.practice, by=oaa, now=NOW)
        elsewhere = user_invited("b@example.org", practice=Practice.objects.create(name="Another"), by=oaa, now=NOW)
        staffs = user_invited("c@example.org", practice=office.practice, now=NOW)
        grants.end(account=oaa, portal_key=PORTAL, reason="stolen", by=agent, now=NOW)
        for one in (row, elsewhere, staffs):
            one.refresh_from_db()
        assert [one.state for one in (row, elsewhere, staffs)] == ["canceled", "sent", "sent"]
        entry = JournalEntry.objects.get(kind="enrollment.InvitationCanceled")
        assert (entry.by, entry.object_id, row.ended_at) == (agent, str(row.pk), NOW)

    def test_of_a_user_nothing_passes(self, office, oaa, user):
        row = user_invited("a@example.org", practice=office.practice, by=user, now=NOW)
        act("remove", office, user, by=oaa)
        row.refresh_from_db()
        assert row.owner == user


class TestModifying:
    def test_name_office_and_phone_are_the_practices(self, office, oaa, user):
        """D-11: the account keeps its own."""
        details = {"first_name": "Ursula", "last_name": "Miller", "city": "Chicago", "ends_on": date(2027, 1, 1)}
        row = act("modify", office, user, by=oaa, details=details)
        row.refresh_from_db()
        assert (row.person_name, row.city, row.ends_on) == ("Ursula Miller", "Chicago", date(2027, 1, 1))
        user.refresh_from_db()
        assert user.get_full_name() == "Uma Miller"
        entry = JournalEntry.objects.get(kind="rbac.PersonModified")
        assert (entry.account, entry.by) == (user, oaa)
        assert entry.facts["changed"] == list(details)
        assert "Ursula" not in str(entry.facts)

    def test_what_stays_as_it_is_is_no_event(self, office, oaa, user):
        act("modify", office, user, by=oaa, details={"city": ""})
        assert not JournalEntry.objects.filter(kind="rbac.PersonModified").exists()

    def test_deactivated_it_rests_and_comes_back(self, office, oaa, user):
        """D-11: the membership alone, whatever else the account serves."""
        other = Practice.objects.create(name="Another")
        grant = AccessGrant.objects.get(account=user)
        memberships.open(grant=grant, practice=other, role="user", origin="staff", by=None, now=NOW)
        act("deactivate", office, user, by=oaa)
        assert [row.practice for row in memberships.behind(grant, now=NOW)] == [other]
        act("reactivate", office, user, by=oaa)
        assert memberships.behind(grant, now=NOW).count() == 2
        act("remove", office, user, by=oaa)
        grant.refresh_from_db()
        assert (grant.until, [row.practice for row in memberships.behind(grant, now=NOW)]) == (None, [other])
        user.refresh_from_db()
        assert user.is_active

    @pytest.mark.parametrize("name", ["modify", "deactivate", "reactivate", "remove"])
    def test_nothing_outside_the_own_practice_is_found(self, office, oaa, name):
        """D-11, attack: a guessed key is of nobody."""
        elsewhere = practice_user(Practice.objects.create(name="Another"), "ed.user")
        behind_other_door = MembershipFactory(practice=office.practice)
        for found in (Membership.objects.get(grant__account=elsewhere), behind_other_door):
            with pytest.raises(memberships.NotOpen):
                more = {"details": {"city": "X"}} if name == "modify" else {}
                getattr(people, name)(office=office, pk=found.pk, by=oaa, now=NOW, **more)
            found.refresh_from_db()
            assert (found.city, found.suspended_at, found.until) == ("", None, None)

    @pytest.mark.parametrize("name", ["modify", "deactivate", "reactivate", "remove"])
    def test_an_administrator_whose_own_membership_ended_does_nothing(self, office, oaa, second, user, name):
        """While the page was open."""
        act("remove", office, oaa, by=second)
        with pytest.raises(people.NotAdministrator):
            act(name, office, user, by=oaa, **({"details": {"city": "X"}} if name == "modify" else {}))

    def test_nobody_makes_more_of_themselves_or_gives_an_administrator_back(self, office, oaa, second):
        """Administrators are made by hand-over or by Provider Services only."""
        with pytest.raises(people.OwnMembership):
            act("deactivate", office, oaa, by=oaa)
        for account in (oaa, second):
            with pytest.raises(people.ForProviderServices):
                act("modify", office, account, by=oaa, details={"ends_on": None})
        act("deactivate", office, second, by=oaa)
        with pytest.raises(people.ForProviderServices):
            act("reactivate", office, second, by=oaa)

    def test_the_last_administrator_stays(self, office, oaa, second):
        """Leap 2: one whose access rests, or is past the last day, does not count."""
        act("deactivate", office, second, by=oaa)
        with pytest.raises(memberships.LastAdministrator):
            act("remove", office, oaa, by=oaa)
        memberships.restore(membership=membership_of(second, office.practice), by=None, now=NOW)
        act("remove", office, oaa, by=oaa)
        assert [row.grant.account for row in office.administrators(now=NOW)] == [second]

    def test_a_last_day_ends_it_and_a_later_one_brings_it_back(self, office, oaa, user):
        act("modify", office, user, by=oaa, details={"ends_on": NOW.date()})
        tomorrow = NOW + timedelta(days=1)
        grant = AccessGrant.objects.get(account=user)
        assert memberships.behind(grant, now=NOW).exists()
        assert not memberships.behind(grant, now=tomorrow).exists()
        act("modify", office, user, by=oaa, details={"ends_on": None}, now=tomorrow)
        assert memberships.behind(grant, now=tomorrow).exists()


def test_the_limit_of_open_invitations_holds(office, oaa):
    """policy: invitation."""
    for number in range(20):
        people.create(office=office, invitee=invitee(f"u{number}@example.org"), by=oaa, now=NOW)
    with pytest.raises(invitation_limits.TooManyOpen):
        people.create(office=office, invitee=invitee("one.more@example.org"), by=oaa, now=NOW)
