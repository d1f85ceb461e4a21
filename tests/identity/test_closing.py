"""Closing and reopening an account: who may, whose, what ends, what the owner is told."""

import pytest
from django.contrib.auth.models import Group, Permission
from guardian.shortcuts import assign_perm

from enrollment.domain import staff
from identity.domain import accounts, devices, journal, staff_rights
from identity.models import Account, OpenSession, PhoneDevice, RememberedDevice
from rbac.domain.approvals import DECIDE
from rbac.models import ApprovalQueue
from tests.conftest import make_staff, signed_in
from tests.factories import NOW, AccountFactory
from tests.identity.test_sign_in import FACTOR, sign_in

pytestmark = pytest.mark.django_db


def colleague(name: str, *codenames: str) -> Account:
    """A member of staff with these rights and no others."""
    account = AccountFactory(login_name=name, is_staff=True, phone="+13105550121")
    account.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return account


class TestClosing:
    def test_everybody_is_signed_out_and_nobody_can_sign_in(self, client, provider, inbox):
        """house, one write: sessions, remembered devices and sign-ins under way end with the account."""
        browser = signed_in(provider)
        PhoneDevice.objects.create(user=provider, name="phone", number="+13105550122", confirmed=True)
        under_way = type(client)()
        assert sign_in(under_way, "dr.provider").url == FACTOR
        accounts.close(account=provider, reason="left the practice", now=NOW)
        assert browser.get("/id/profile/").status_code == 302
        under_way.post(FACTOR, {"otp_token": inbox.newest("text").code})
        assert "_auth_user_id" not in under_way.session
        assert not OpenSession.objects.filter(account=provider).exists()
        assert not devices.of(provider, now=NOW).exists()
        assert RememberedDevice.objects.filter(account=provider).exists(), "the row stays, ended"
        assert "is not correct" in sign_in(client, "dr.provider").content.decode()

    def test_the_reason_stands_in_the_journal_and_not_in_the_mail(self, provider, operator, inbox):
        """house: journal and outbox in the same transaction."""
        accounts.close(account=provider, reason=" left the practice ", by=operator, now=NOW)
        entry = journal.history(of=provider).get(kind="identity.AccountClosed")
        assert (entry.facts, entry.by) == ({"reason": "left the practice"}, operator)
        mail = inbox.newest("mail", provider.email)
        assert mail.subject == "Your One Healthcare ID was closed"
        assert "dr.provider was closed" in mail.text
        assert "dr.provider was closed" in mail.html
        assert "left the practice" not in mail.text + mail.html

    def test_closing_twice_is_refused_and_tells_nobody_again(self, provider, inbox):
        accounts.close(account=provider, reason="x", now=NOW)
        with pytest.raises(accounts.ClosedAlready):
            accounts.close(account=provider, reason="x", now=NOW)
        assert len([m for m in inbox.all() if m.subject == "Your One Healthcare ID was closed"]) == 1

    @pytest.mark.parametrize("act", [accounts.close, accounts.reopen])
    def test_a_reason_is_needed(self, provider, act):
        with pytest.raises(accounts.ReasonMissing):
            act(account=provider, reason=" \n", now=NOW)


class TestReopening:
    def test_the_owner_signs_in_as_before_and_is_told(self, client, provider, inbox):
        accounts.close(account=provider, reason="x", now=NOW)
        accounts.reopen(account=provider, reason="closed by mistake", now=NOW)
        assert inbox.newest("mail", provider.email).subject == "Your One Healthcare ID is open again"
        assert sign_in(client, "dr.provider").status_code == 302

    def test_an_old_session_does_not_come_back_to_life(self, provider):
        browser = signed_in(provider)
        accounts.close(account=provider, reason="x", now=NOW)
        accounts.reopen(account=provider, reason="x", now=NOW)
        assert browser.get("/id/profile/").status_code == 302

    def test_an_open_account_is_not_reopened(self, provider):
        with pytest.raises(accounts.NotClosed):
            accounts.reopen(account=provider, reason="x", now=NOW)

    def test_an_account_closed_twice_is_told_twice(self, provider, inbox):
        for _ in range(2):
            accounts.close(account=provider, reason="x", now=NOW)
            accounts.reopen(account=provider, reason="x", now=NOW)
        assert len([m for m in inbox.all() if m.subject == "Your One Healthcare ID was closed"]) == 2


class TestWhoseAccount:
    """policy, help desk: never one's own, never one with rights that one lacks."""

    def refused(self, agent: Account, account: Account, why=staff_rights.MayNotHandle) -> None:
        assert not staff_rights.can_handle(agent=agent, account=account)
        with pytest.raises(why):
            accounts.close(account=account, reason="x", by=agent, now=NOW)
        account.refresh_from_db()
        assert account.is_active

    def test_staff_handle_accounts_without_rights(self, provider):
        accounts.close(account=provider, reason="x", by=colleague("one"), now=NOW)
        assert not provider.is_active

    def test_nobody_handles_the_own_account(self, operator):
        self.refused(operator, operator, staff_rights.OwnAccount)

    def test_somebody_who_is_no_active_staff_handles_nobody(self, provider, stranger):
        self.refused(stranger, provider)
        left = colleague("left")
        Account.objects.filter(pk=left.pk).update(is_active=False)
        left.refresh_from_db()
        self.refused(left, provider)

    def test_a_superuser_is_handled_by_a_superuser_only(self, operator):
        self.refused(colleague("one", "close_account"), operator, staff_rights.MoreRights)
        accounts.close(account=operator, reason="x", by=make_staff("second.boss", "operator"), now=NOW)

    def test_a_right_that_the_agent_lacks_protects_its_holder(self):
        """Given to the person or to a group; the same rights, or fewer, do not."""
        by_person, by_group = colleague("one", "view_account"), AccountFactory(login_name="grouped")
        group = Group.objects.create(name="lookers")
        group.permissions.set(Permission.objects.filter(codename="view_account"))
        by_group.groups.add(group)
        for account in (by_person, by_group):
            self.refused(colleague(f"less.{account.pk}", "close_account"), account, staff_rights.MoreRights)
            more = colleague(f"more.{account.pk}", "close_account", "view_account")
            assert staff_rights.can_handle(agent=more, account=account)

    @pytest.mark.parametrize("to_group", [False, True])
    def test_an_approver_right_of_one_portal_protects_its_holder(self, to_group):
        """C29: rights on single queues count, each by itself."""
        claims, physician = (ApprovalQueue.objects.get_or_create(portal_key=key)[0] for key in ("claims", "physician"))
        decides, agent = colleague("decides"), colleague("one")
        holder = Group.objects.create(name="approvers") if to_group else decides
        if to_group:
            decides.groups.add(holder)
        assign_perm(DECIDE, holder, claims)
        assign_perm(DECIDE, agent, physician)
        self.refused(agent, decides, staff_rights.MoreRights)
        assign_perm(DECIDE, agent, claims)
        assert staff_rights.can_handle(agent=agent, account=decides)

    def test_a_closed_account_keeps_its_protection(self, operator):
        """has_perm() says no for closed accounts: reopening one must not slip past the check."""
        strong = colleague("strong", "view_account")
        accounts.close(account=strong, reason="x", by=operator, now=NOW)
        with pytest.raises(staff_rights.MoreRights):
            accounts.reopen(account=strong, reason="x", by=colleague("one"), now=NOW)


def test_an_operator_is_in_the_group_that_may_close(operator):
    """The group adds the right for colleagues who are no superusers."""
    deputy = AccountFactory(login_name="deputy", is_staff=True)
    deputy.groups.add(operator.groups.get(name=staff.OPERATORS))
    assert deputy.has_perms(["identity.close_account", "identity.view_standards", "identity.view_account"])
