"""The first operator and the service desk: one-time links, address and phone proved, rights given."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.core.management.sql import emit_post_migrate_signal
from django.test import Client
from django.utils import timezone

from enrollment.domain import invitation_links, staff
from enrollment.models import Invitation
from identity.accounts import emails
from identity.jobs import mass_acts
from identity.models import Account
from rbac.domain import approvals
from tests.factories import NOW, PASSWORD, AccountFactory
from tests.steps.invitations import staff_invited
from tests.steps.sign_in import sign_in, signed_in
from tests.steps.sign_up import GOOD
from tests.steps.staff import enrol, invite

pytestmark = pytest.mark.django_db


def test_the_first_operator_enrols_and_reaches_the_admin_site(client, inbox):
    """Story 5: `manage.py invite_staff` prints a one-time link; address and phone are proved as for everybody."""
    link = invite()
    page = client.get(link).content.decode()
    assert "Enrol as a member of staff" in page
    assert "boss@example.org" in page
    account = enrol(client, link, inbox)
    assert (account.is_staff, account.is_superuser, account.email) == (True, True, "boss@example.org")
    assert client.post("/id/faster-sign-in/").url == "/admin/"
    assert client.get("/admin/").status_code == 200
    decided = set(approvals.portals_decided_by(account))
    assert decided == {"claims", "physician", "optum-pro", "provider-online", "trucase"}


def test_the_service_desk_gets_its_portals_only(client, inbox):
    """C29."""
    account = enrol(client, invite("--role", "service desk", "--portal", "physician"), inbox)
    assert (account.is_staff, account.is_superuser) == (True, False)
    assert approvals.portals_decided_by(account) == ["physician"]
    assert account.groups.get().name == "Service desk"


@pytest.mark.parametrize("group", staff.GROUPS)
def test_an_upgrade_gives_the_groups_their_new_rights(group):
    """C29: rights that a migration has just made, before anybody enrols again; what was given by hand stays."""
    may = {right.partition(".")[2] for right in staff.GROUPS[group]}
    Permission.objects.filter(codename__in=may).delete()
    old, by_hand = Group.objects.create(name=group), Permission.objects.get(codename="view_group")
    old.permissions.add(by_hand)
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    assert set(old.permissions.values_list("codename", flat=True)) == {*may, "view_group"}
    assert Group.objects.count() == 1, "a group is made when its first member enrols"


def test_operators_have_the_rights_that_their_manual_says_they_have():
    """docs/operations.md: also somebody who is no superuser, as the first operators are."""
    manual = " ".join((settings.BASE_DIR / "docs" / "operations.md").read_text().split())
    named = set(re.findall(r"right (?:is )?`\w+\.(\w+)`; operators have it", manual))
    assert (
        {"release_mass_acts", "run_sweeps", "run_cut_over"}
        <= named
        <= {right.partition(".")[2] for right in staff.GROUPS[staff.OPERATORS]}
    )


def test_a_member_of_the_group_holds_a_right_that_is_declared_later():
    """policy, mass acts: two people who enrolled before the upgrade can release a stopped job after it, unasked."""
    group = Group.objects.create(name=staff.OPERATORS)
    member = AccountFactory(is_staff=True)
    member.groups.add(group)
    assert not mass_acts.MACHINE.may(member)
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    assert mass_acts.MACHINE.may(Account.objects.get(pk=member.pk))


def test_the_link_works_once_and_opening_it_uses_nothing(client, inbox):
    link = invite()
    for _ in range(3):
        assert Client().get(link).status_code == 200
        assert Client().head(link).status_code == 200
    enrol(client, link, inbox)
    for answer in (Client().get(link), Client().post(link, {**GOOD, "login_name": "second.boss"})):
        assert answer.status_code == 410
        assert "This enrolment link has ended" in answer.content.decode()
    assert Account.objects.count() == 1


def test_staff_cannot_skip_the_phone(client, inbox):
    """Admin and staff need a second factor always; D-22."""
    client.post(invite(), {**GOOD, "login_name": "the.boss"})
    client.post("/id/verify-email/", {"code": inbox.newest("mail").code})
    client.post("/id/verify-email/")
    assert ">Skip<" not in client.get("/id/verify-phone/").content.decode()
    client.post("/id/verify-phone/", {"skip": "1"})
    assert "_auth_user_id" not in client.session


def test_the_invited_address_cannot_be_exchanged(client, inbox):
    client.post(invite(), {**GOOD, "login_name": "the.boss", "email": "thief@example.org"})
    assert Account.objects.get().email == "boss@example.org"


def test_the_link_ends_after_72_hours():
    """lifecycle, invitation_link: a second before, and at the moment."""
    now = timezone.now()
    invitation = staff_invited("a@example.org", now=now)
    token = invitation_links.token_of(invitation)
    assert invitation_links.find(token, now=now + timedelta(hours=72, seconds=-1)) == invitation
    with pytest.raises(invitation_links.InvitationEnded):
        invitation_links.find(token, now=now + timedelta(hours=72))


def test_the_safer_profile_gives_the_link_24_hours(settings):
    """policy, invitation: the realm of staff has a profile too."""
    settings.REALM_PROFILES = {"ohid": "nist"}
    now = timezone.now()
    invitation = staff_invited("a@example.org", now=now)
    assert invitation_links.ends_at(invitation) == now + timedelta(hours=24)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "x", lambda t: t[:33] + "é"]
)
def test_a_forged_link_is_refused(client, change):
    link = invite()
    token = link.rstrip("/").rpartition("/")[2]
    assert client.get(f"/enroll/staff/{change(token)}/").status_code == 410


def test_a_taken_name_leaves_the_link_alive(client, inbox):
    from tests.factories import AccountFactory

    AccountFactory(login_name="the.boss")
    link = invite()
    assert "taken" in client.post(link, {**GOOD, "login_name": "The.Boss"}).content.decode()
    assert Invitation.objects.get().state == "sent"


def test_the_link_is_mailed_too(inbox):
    """S4-05: the command prints it for the first start, when no mail goes out yet."""
    link = invite("--role", "service desk")
    mail = inbox.newest("mail", "boss@example.org")
    assert mail.link == link
    assert "You are invited as a member of staff: service desk." in mail.text
    assert "This invitation expires in" in mail.text


def test_the_command_says_what_is_wrong():
    with pytest.raises(CommandError, match="is not an e-mail address"):
        call_command("invite_staff", "nonsense")
    with pytest.raises(CommandError, match="Unknown portal x"):
        call_command("invite_staff", "a@example.org", "--portal", "x")


def test_an_operator_without_a_proved_phone_proves_it_at_the_next_sign_in(client, inbox):

    link = invite()
    client.post(link, {**GOOD, "login_name": "the.boss", "password": PASSWORD, "password_again": PASSWORD})
    Account.objects.get().emailaddress_set.update(verified=True)
    later = Client()
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert sign_in(later, "the.boss").url == "/id/verify-phone/"


def later(seconds=31):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False)


def test_an_operators_link_is_worth_nothing_without_the_invited_mailbox(client, inbox):
    """policy, invitation: bound to the invited address."""
    from tests.steps.staff import invite

    client.post(invite(), {**GOOD, "login_name": "the.thief"})
    assert "update email address" not in client.get("/id/verify-email/").content.decode()
    with later():
        client.post("/id/verify-email/address/", {"email": "thief@example.org"})
    account = Account.objects.get()
    assert account.email == "boss@example.org"
    with pytest.raises(emails.AddressFixed):
        emails.change_unverified(account=account, address="thief@example.org", tenant="", now=NOW)


def test_an_enrolment_link_opened_while_signed_in_is_not_used_up(provider):
    from tests.steps.staff import invite

    link = invite()
    browser = signed_in(provider)
    assert "Sign out first" in browser.post(link, {**GOOD, "login_name": "the.boss"}).content.decode()
    assert Client().get(link).status_code == 200
