"""The desk's page of one membership: Provider Services suspend, restore and end with a reason that the practice reads
(D-11, provider-online)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from enrollment.domain import acceptance, people
from enrollment.domain.invitations import Invitee
from enrollment.domain.people import Office
from identity.models import Account
from rbac.domain import memberships
from rbac.models import Membership, Practice
from tests.conftest import make_staff
from tests.factories import NOW, GrantFactory, MembershipFactory
from tests.pressing import press
from tests.steps import mandates
from tests.steps.invitations import NAME, PORTAL, practice_administrator, practice_user, proved
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice(db) -> Practice:
    return Practice.objects.create(name="Lakeside Clinic")


@pytest.fixture
def oaa(practice) -> Account:
    return practice_administrator(practice, "olga.admin")


@pytest.fixture
def row(practice, oaa) -> Membership:
    user = practice_user(practice, "uma.user", first_name="Uma", last_name="Miller")
    return Membership.objects.select_related("grant__account").get(grant__account=user)


@pytest.fixture
def services() -> Account:
    return make_staff("pia.services", "service desk", (PORTAL,))


@pytest.fixture
def desk(services) -> Client:
    return signed_in(services, verified=True)


def page_of(row: Membership) -> str:
    return reverse("admin:rbac_accessgrant_membership", args=[row.grant_id, row.pk])


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def take(desk: Client, row: Membership, step: str, reason: str = "call 4711"):
    """The press, and the answer to the page that asks first."""
    return press(desk, page_of(row), {"step": step}, reason=reason)


class TestSteps:
    def test_staff_suspend_and_restore_with_a_reason_that_the_practice_reads(self, desk, services, row, oaa, inbox):
        grant_page = desk.get(reverse("admin:rbac_accessgrant_change", args=[row.grant_id]))
        assert page_of(row) in grant_page.content.decode()
        asked = desk.post(page_of(row), {"step": "suspend"})
        assert "The practice&#x27;s administrators read the reason." in asked.content.decode()
        assert Membership.objects.get(pk=row.pk).suspended_at is None, "nothing before the reason"
        assert take(desk, row, "suspend", reason=" ").status_code == 422
        assert take(desk, row, "suspend").status_code == 302
        assert Membership.objects.get(pk=row.pk).suspended_by == services
        mail = inbox.newest("mail", row.grant.account.email)
        assert mail.subject == "Your work for Lakeside Clinic rests"
        assert "Only Provider Services let it go on." in mail.text
        assert "call 4711" not in mail.text, "what staff wrote is for the practice"
        history = words(signed_in(oaa, verified=True).get(reverse("people_history", args=[PORTAL, row.practice_id])))
        assert "Work for a practice suspended Uma Miller call 4711" in history
        assert "staff: only staff restore it" in words(desk.get(page_of(row)))
        assert take(desk, row, "restore", reason="call 4712").status_code == 302
        assert Membership.objects.get(pk=row.pk).suspended_at is None
        assert inbox.newest("mail", row.grant.account.email).subject == "You can work for Lakeside Clinic again"

    def test_staff_end_it_and_the_last_one_takes_the_access_along(self, desk, row):
        assert take(desk, row, "end").url == reverse("admin:rbac_accessgrant_change", args=[row.grant_id])
        row.grant.refresh_from_db()
        assert (Membership.objects.get(pk=row.pk).until is None, row.grant.until is None) == (False, False)
        assert desk.get(page_of(row)).status_code == 404

    def test_what_an_administrator_let_rest_staff_take_over(self, desk, services, practice, row, oaa):
        memberships.suspend(membership=row, by=oaa, now=NOW)
        take(desk, row, "suspend")
        row.refresh_from_db()
        assert (row.suspended_at, row.suspended_by) == (NOW, services)
        with pytest.raises(memberships.SuspendedByStaff):
            people.reactivate(office=Office(practice=practice, portal_key=PORTAL), pk=row.pk, by=oaa, now=NOW)

    def test_the_only_administrator_and_a_second_press_change_nothing(self, desk, practice, oaa, row):
        only = Membership.objects.get(grant__account=oaa)
        take(desk, only, "suspend")
        assert "nobody else runs this practice" in words(desk.get(page_of(only)))
        assert Membership.objects.get(pk=only.pk).suspended_at is None
        assert desk.post(page_of(row), {"step": "restore"}, follow=True).redirect_chain
        assert desk.post(page_of(row), {"step": "forged"}).status_code == 404

    def test_the_own_work_a_colleague_restores_and_another_portals_is_not_found(self, desk, agent, practice):
        grant = GrantFactory(account=agent, portal_key="claims")
        own = MembershipFactory(grant=grant, practice=practice, suspended_at=NOW)
        assert desk.get(page_of(own)).status_code == 404, "of another portal"
        browser = signed_in(agent, verified=True)
        take(browser, own, "restore")
        assert "This is your own work. A colleague does this." in words(browser.get(page_of(own)))
        assert Membership.objects.get(pk=own.pk).suspended_at == NOW

    def test_a_membership_of_another_grant_is_not_found(self, desk, row, oaa):
        other = Membership.objects.get(grant__account=oaa)
        mixed = reverse("admin:rbac_accessgrant_membership", args=[row.grant_id, other.pk])
        assert desk.get(mixed).status_code == 404


class TestNoWayRound:
    """Whom Provider Services suspended the practice brings back by no way: it reads whom to call."""

    SAYS = "Provider Services deactivated this user. Only they reactivate or remove the user: call 1-844-202-0117."

    @pytest.fixture
    def held(self, row, services) -> Membership:
        memberships.suspend(membership=row, reason="call 4711", by=services, now=NOW)
        row.refresh_from_db()
        return row

    def test_removing_is_refused_in_words(self, held, oaa):
        browser, where = signed_in(oaa, verified=True), [PORTAL, held.practice_id, held.pk]
        person = browser.get(reverse("person", args=where))
        assert self.SAYS in words(person)
        assert reverse("person_remove", args=where) not in person.content.decode()
        assert self.SAYS in words(browser.post(reverse("person_remove", args=where), follow=True))
        assert Membership.objects.get(pk=held.pk).until is None

    def test_inviting_the_address_anew_is_refused_in_words(self, held, oaa):
        typed = {"first_name": "Uma", "last_name": "Miller", "email": held.person_email, "address_1": "1 Lake St"}
        typed |= {"email_again": held.person_email, "city": "Milwaukee", "state": "WI", "zip": "53202"}
        typed["work_phone"] = "414-555-0100"
        browser = signed_in(oaa, verified=True)
        assert self.SAYS in words(browser.post(reverse("people_new", args=[PORTAL, held.practice_id]), typed))

    @pytest.mark.parametrize("past", [False, True])
    def test_another_address_and_a_last_day_that_has_passed_bring_nothing_back(self, held, oaa, past):
        """The invitation is accepted, and the work rests on."""
        office = Office(practice=held.practice, portal_key=PORTAL)
        if past:
            last = {"ends_on": NOW.date().replace(year=NOW.year - 1)}
            people.modify(office=office, pk=held.pk, details=last, by=oaa, now=NOW)
        person = held.grant.account
        proved(person, "uma.private@example.org")
        invited = Invitee(email="uma.private@example.org", **NAME)
        invitation = people.create(office=office, invitee=invited, by=oaa, now=NOW)
        acceptance.accept_as_existing(invitation=invitation, account=person, proof=None, now=NOW)
        assert not memberships.behind(held.grant, now=NOW).exists()
        assert Membership.objects.get(pk=held.pk).is_suspended_by_staff

    def test_whoever_is_suspended_leaves_by_themselves(self, held):
        memberships.end(membership=held, by=held.grant.account, now=NOW)
        assert Membership.objects.get(pk=held.pk).until == NOW


def test_what_stands_under_a_mandate_rests_alone_and_ends_with_that(db):
    """S3-10: ended alone it would be opened again by the next thing that happens in the vendor."""
    vera, maria = mandates.vendor_person(), mandates.signer()
    mandate = mandates.agreed(vera, maria)
    under = Membership.objects.current().get(mandate=mandate)
    browser = signed_in(make_staff("mo.desk", "service desk", (mandates.PORTAL,)), verified=True)
    page = words(browser.get(page_of(under)))
    assert "Suspend the work for this practice" in page
    assert "End the work for this practice" not in page
    assert "Nothing was changed" in words(browser.post(page_of(under), {"step": "end"}, follow=True))
    take(browser, under, "suspend")
    memberships.suspend(membership=vera, by=None, now=NOW)
    take(browser, under, "restore")
    assert "own work for the vendor rests or has ended" in words(browser.get(page_of(under)))
    under.refresh_from_db()
    assert under.suspended_at
