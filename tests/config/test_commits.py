"""Page POSTs of every app with pages, committed for real: no transaction of a test hides a missing one (code F1, H7)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accessforms.models import Submission
from enrollment.models import Invitation
from identity.models import Account, OutboxMessage
from identity.record import journal
from portals.models import Consent
from rbac.models import AccessGrant, Membership, Practice
from tests.factories import GrantFactory, SubmissionFactory
from tests.pressing import press
from tests.relying_party import register
from tests.steps import invitations
from tests.steps.idleness import DAY, sweep
from tests.steps.sign_in import signed_in
from tests.steps.sign_up import sign_up
from tests.steps.staff import enrol, invite
from tests.steps.submission_desk import desk_of
from tests.steps.way_back import confirm

pytestmark = pytest.mark.django_db(transaction=True)


def happened(about) -> list[str]:
    """The kinds of what the journal knows, oldest first."""
    return [entry.kind for entry in journal.history(of=about)][::-1]


def resting() -> AccessGrant:
    grant = GrantFactory(since=timezone.now() - 90 * DAY)
    sweep(timezone.now())
    return grant


class TestIdentity:
    def test_an_unproved_address_is_changed_and_the_new_one_is_written_to(self, client, inbox):
        """S0-22, S0-21, walk A3, attack H7: it answered 500 and left the address half changed."""
        sign_up(client)
        old = inbox.newest("mail")
        with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
            page = client.post("/id/verify-email/address/", {"email": "New@Example.org"}, follow=True)
            new = inbox.newest("mail", "new@example.org")
            assert "We sent a message to ********@example.org" in page.content.decode()
            client.post("/id/verify-email/", {"code": old.code})
            assert not Account.objects.get().emailaddress_set.get().verified
            client.post("/id/verify-email/", {"code": new.code})
        account = Account.objects.get()
        assert account.email == "new@example.org"
        assert account.emailaddress_set.get(email="new@example.org").verified
        assert happened(account)[-2:] == ["identity.EmailChanged", "identity.EmailVerified"]

    def test_a_name_is_changed(self, provider):
        signed_in(provider).post("/id/profile/name/", {"first_name": "Zoe", "last_name": "Lopez", "seen": 0})
        provider.refresh_from_db()
        assert provider.get_full_name() == "Zoe Lopez"

    def test_an_address_is_added_and_proved(self, provider, inbox):
        browser = signed_in(provider)
        page = browser.post("/id/profile/addresses/add/", {"email": "second@example.org"})
        browser.post(page.url, {"code": inbox.newest("mail", "second@example.org").code})
        assert provider.emailaddress_set.get(email="second@example.org").verified


class TestPortals:
    def test_access_that_rests_comes_back(self, inbox):
        grant = resting()
        confirm(signed_in(grant.account), inbox, grant.account.email)
        grant.refresh_from_db()
        assert grant.suspended_at is None

    def test_an_application_is_agreed_to_and_disconnected(self, office_user):
        party = register()
        party.browser = signed_in(office_user)
        party.tokens()
        party.browser.post(f"/sign-on/applications/{Consent.objects.get().pk}/disconnect/")
        assert "portals.ConsentRevoked" in happened(office_user)


class TestAccessForms:
    def test_a_form_is_submitted_and_withdrawn(self, provider):
        submission = SubmissionFactory(account=provider)
        browser = signed_in(provider)
        browser.post(f"/requests/{submission.reference}/check/", {"version": submission.version})
        submission.refresh_from_db()
        assert submission.state == Submission.State.SUBMITTED
        assert OutboxMessage.objects.get().kind == "accessforms.RequestSubmittedMail"
        browser.post(f"/requests/{submission.reference}/withdraw/", {"version": submission.version})
        submission.refresh_from_db()
        assert submission.state == Submission.State.WITHDRAWN

    def test_the_desk_takes_a_fax(self, agent, submitted):
        desk = signed_in(agent, verified=True)
        desk.post(desk_of(submitted), {"step": "fax received", "reason": "", "version": submitted.version})
        submitted.refresh_from_db()
        assert submitted.state == Submission.State.FAX_RECEIVED


class TestRolesAndAccess:
    """rbac's pages stand in the admin."""

    def test_staff_give_access_back(self, agent):
        grant = resting()
        desk = signed_in(agent, verified=True)
        press(desk, "/admin/rbac/accessgrant/", {"action": "give_access_back", "_selected_action": [grant.pk]})
        grant.refresh_from_db()
        assert grant.suspended_at is None
        assert "rbac.AccessRestored" in happened(grant)

    def test_staff_give_access_without_a_form(self, agent, provider):
        desk = signed_in(agent, verified=True)
        given = {"login_name": provider.login_name, "portal": "referrals", "reason": "asked by phone"}
        answer = desk.post("/admin/rbac/accessgrant/add/", given)
        assert answer.status_code == 302
        assert AccessGrant.objects.get(account=provider).portal_key == "referrals"


class TestEnrollment:
    def test_somebody_invited_registers(self, client, inbox):
        """S4-07..13, S4-19: account, grant, membership, events and messages with a real commit."""
        practice = Practice.objects.create(name="Lakeside Clinic")
        account = invitations.register(client, invitations.user_invited(practice=practice), inbox)
        assert Membership.objects.get(grant__account=account).practice == practice
        assert "enrollment.InvitationAccepted" in happened(Invitation.objects.get())

    def test_a_member_of_staff_enrols(self, client, inbox):
        account = enrol(client, invite(), inbox)
        assert account.is_staff
        assert account.phonedevice_set.get().confirmed
        assert Invitation.objects.get().accepted_by == account

    def test_the_link_works_once(self, client, inbox):
        link = invite()
        enrol(client, link, inbox)
        assert Client().post(link).status_code == 410
        assert Account.objects.count() == 1
