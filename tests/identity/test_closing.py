"""Closing and reopening an account: who may, whose, what ends, what the owner is told."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.test import Client
from guardian.shortcuts import assign_perm

from enrollment.domain import staff
from identity.accounts import accounts, staff_rights
from identity.governance import closing, sign_ups
from identity.models import Account, OpenSession, PhoneDevice, RememberedDevice
from identity.record import journal, machine
from identity.sessions import devices
from rbac.domain.approvals import DECIDE
from rbac.models import ApprovalQueue
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory
from tests.steps.sign_in import FACTOR, sign_in, signed_in
from tests.together import together

pytestmark = pytest.mark.django_db


def colleague(name: str, *codenames: str) -> Account:
    """A member of staff with these rights and no others."""
    account = AccountFactory(login_name=name, is_staff=True, phone="+13105550121")
    account.user_permissions.set(Permission.objects.filter(codename__in=["see_everybody", *codenames]))
    return account


class TestClosing:
    def test_everybody_is_signed_out_and_nobody_can_sign_in(self, client, provider, inbox):
        """house, one write: sessions, remembered devices and sign-ins under way end with the account."""
        browser = signed_in(provider)
        PhoneDevice.objects.create(user=provider, name="phone", number="+13105550122", confirmed=True)
        under_way = Client()
        assert sign_in(under_way, "dr.provider").url == FACTOR
        closing.close(account=provider, reason="left the practice", now=NOW)
        assert browser.get("/id/profile/").status_code == 302
        under_way.post(FACTOR, {"otp_token": inbox.newest("text").code})
        assert "_auth_user_id" not in under_way.session
        assert not OpenSession.objects.filter(account=provider).exists()
        assert not devices.for_account(provider, now=NOW).exists()
        assert RememberedDevice.objects.filter(account=provider).exists(), "the row stays, ended"
        assert "is not correct" in sign_in(client, "dr.provider").content.decode()

    def test_the_reason_stands_in_the_journal_and_not_in_the_mail(self, provider, operator, inbox):
        """house: journal and outbox in the same transaction."""
        closing.close(account=provider, reason=" left the practice ", by=operator, now=NOW)
        entry = journal.history(of=provider).get(kind="identity.AccountClosed")
        assert (entry.facts, entry.by) == ({"reason": "left the practice"}, operator)
        mail = inbox.newest("mail", provider.email)
        assert mail.subject == "Your One Healthcare ID was closed"
        assert "dr.provider was closed" in mail.text
        assert "dr.provider was closed" in mail.html
        assert "left the practice" not in mail.text + mail.html

    def test_closing_twice_is_refused_and_tells_nobody_again(self, provider, inbox):
        closing.close(account=provider, reason="x", now=NOW)
        with pytest.raises(closing.ClosedAlready):
            closing.close(account=provider, reason="x", now=NOW)
        assert len([m for m in inbox.all() if m.subject == "Your One Healthcare ID was closed"]) == 1

    @pytest.mark.parametrize("act", [closing.close, closing.reopen])
    def test_a_reason_is_needed(self, provider, act):
        with pytest.raises(machine.ReasonMissing):
            act(account=provider, reason=" \n", now=NOW)


class TestReopening:
    def test_the_owner_signs_in_as_before_and_is_told(self, client, provider, inbox):
        closing.close(account=provider, reason="x", now=NOW)
        closing.reopen(account=provider, reason="closed by mistake", now=NOW)
        assert inbox.newest("mail", provider.email).subject == "Your One Healthcare ID is open again"
        assert sign_in(client, "dr.provider").status_code == 302

    def test_an_old_session_does_not_come_back_to_life(self, provider):
        browser = signed_in(provider)
        closing.close(account=provider, reason="x", now=NOW)
        closing.reopen(account=provider, reason="x", now=NOW)
        assert browser.get("/id/profile/").status_code == 302

    def test_an_open_account_is_not_reopened(self, provider):
        with pytest.raises(closing.NotClosed):
            closing.reopen(account=provider, reason="x", now=NOW)

    def test_an_account_closed_twice_is_told_twice(self, provider, inbox):
        for _ in range(2):
            closing.close(account=provider, reason="x", now=NOW)
            closing.reopen(account=provider, reason="x", now=NOW)
        assert len([m for m in inbox.all() if m.subject == "Your One Healthcare ID was closed"]) == 2


class TestWhoseAccount:
    """policy, help-desk reset: never one's own, never one with rights that one lacks."""

    def refused(self, agent: Account, account: Account, why=staff_rights.MayNotHandle) -> None:
        assert not staff_rights.can_handle(agent=agent, account=account)
        with pytest.raises(why):
            closing.close(account=account, reason="x", by=agent, now=NOW)
        account.refresh_from_db()
        assert account.is_active

    def test_staff_handle_accounts_without_rights(self, provider):
        closing.close(account=provider, reason="x", by=colleague("one"), now=NOW)
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
        operator.groups.clear()  # being a superuser is enough
        self.refused(colleague("one", "close_account"), operator, staff_rights.MoreRights)
        closing.close(account=operator, reason="x", by=make_staff("second.boss", "operator"), now=NOW)

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
        closing.close(account=strong, reason="x", by=operator, now=NOW)
        with pytest.raises(staff_rights.MoreRights):
            closing.reopen(account=strong, reason="x", by=colleague("one"), now=NOW)


def test_an_operator_is_in_the_group_that_may_close(operator):
    """The group adds the right for colleagues who are no superusers."""
    deputy = AccountFactory(login_name="deputy", is_staff=True)
    deputy.groups.add(operator.groups.get(name=staff.OPERATORS))
    assert deputy.has_perms(["identity.close_account", "identity.view_standards", "identity.view_account"])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_at_once_one_does():
    """house, compare-and-set: one event, one mail."""
    account = AccountFactory()

    def close() -> bool:
        try:
            closing.close(account=Account.objects.get(pk=account.pk), reason="x", now=NOW)
        except closing.ClosedAlready:
            return False
        return True

    assert together(close, threads=4).count(True) == 1
    assert journal.history(of=account).filter(kind="identity.AccountClosed").count() == 1


class TestInTheAdmin:
    """The same two acts on the account's page, with a reason."""

    @pytest.fixture
    def deputy(self) -> Account:
        """In the group of operators, and no superuser."""
        account = colleague("deputy")
        account.groups.set(make_staff("boss", "operator").groups.all())
        return account

    def page_of(self, account: Account, act: str = "change") -> str:
        return f"/admin/identity/account/{account.pk}/{act}/"

    def test_an_operator_closes_and_reopens_with_a_reason(self, deputy, provider, inbox):
        browser = signed_in(deputy, verified=True)
        assert ">Close account</a>" in browser.get(self.page_of(provider)).content.decode()
        close = self.page_of(provider, "close")
        assert "Reason (the journal keeps it" in browser.get(close).content.decode()
        provider.refresh_from_db()
        assert provider.is_active, "a GET changes nothing"
        page = browser.post(close, {"reason": "left the practice"}, follow=True).content.decode()
        assert "The account is closed. The owner is told by mail." in page
        assert ">Reopen account</a>" in page
        page = browser.post(self.page_of(provider, "reopen"), {"reason": "is back"}, follow=True).content.decode()
        assert "The account is open again." in page
        reasons = [
            (entry.by, entry.facts["reason"])
            for entry in journal.history(of=provider).filter(kind__contains=".Account")
        ]
        assert reasons == [(deputy, "is back"), (deputy, "left the practice")]

    def test_a_missing_reason_is_told_beside_the_field(self, deputy, provider):
        answer = signed_in(deputy, verified=True).post(self.page_of(provider, "close"), {"reason": " "})
        assert answer.status_code == 422
        assert "Enter a reason" in answer.content.decode()
        assert 'aria-describedby="problem"' in answer.content.decode()

    def test_the_second_of_two_colleagues_is_told(self, deputy, provider):
        browser = signed_in(deputy, verified=True)
        for said in ("The account is closed.", "a colleague was quicker"):
            page = browser.post(self.page_of(provider, "close"), {"reason": "x"}, follow=True).content.decode()
            assert said in page

    def test_neither_the_own_account_nor_a_stronger_one(self, deputy, operator):
        browser = signed_in(deputy, verified=True)
        for account, said in ((deputy, "This is your own account"), (operator, "rights that you do not have")):
            assert "Close account" not in browser.get(self.page_of(account)).content.decode()
            answer = browser.post(self.page_of(account, "close"), {"reason": "x"})
            assert answer.status_code == 422
            assert said in answer.content.decode()
            account.refresh_from_db()
            assert account.is_active

    def test_without_the_right_there_is_neither_button_nor_page(self, provider, agent):
        looker = colleague("looker", "view_account")
        browser = signed_in(looker, verified=True)
        assert "Close account" not in browser.get(self.page_of(provider)).content.decode()
        for person in (looker, agent):
            for act in ("close", "reopen"):
                browser = signed_in(person, verified=True)
                assert browser.post(self.page_of(provider, act), {"reason": "x"}).status_code == 403
        provider.refresh_from_db()
        assert provider.is_active

    def test_a_missing_account_is_a_404(self, deputy):
        assert signed_in(deputy, verified=True).get("/admin/identity/account/999999/close/").status_code == 404


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


class TestCommands:
    """manage.py for operators: by nobody who is signed in, with a reason, found by name in a realm."""

    def test_the_whole_story_of_an_account_is_read_newest_first(self, provider, operator):
        signed_in(provider)
        with time_machine.travel(NOW, tick=False):
            assert "is signed out everywhere" in run("end_sessions", "DR.Provider", "--reason", "lost laptop")
            assert "is closed. The owner is told" in run("close_account", "dr.provider", "--reason", "left\nin May")
            assert "is open again" in run("reopen_account", "dr.provider", "--realm", "ohid", "--reason", "is back")
        closing.close(account=provider, reason="once more", by=operator, now=NOW)
        lines = run("account_history", "dr.provider").splitlines()
        said = [line.split("  ", 1)[1] for line in lines]
        assert said == [
            "Account closed, by the.operator (reason: once more)",
            "Sessions ended, by the.operator (count: 0)",
            "Account reopened, by nobody signed in (reason: is back)",
            "Account closed, by nobody signed in (reason: left in May)",
            "Devices forgotten, by nobody signed in (count: 1)",
            "Sessions ended, by nobody signed in (count: 0)",
            "Sessions ended, by nobody signed in (count: 1; reason: lost laptop)",
        ]
        assert lines[0].startswith("2026-11-20 09:00:00 PST  ")

    def test_ending_sessions_leaves_the_account_open(self, client, provider):
        browser = signed_in(provider)
        run("end_sessions", "dr.provider", "--reason", "x")
        assert browser.get("/id/profile/").status_code == 302
        assert sign_in(client, "dr.provider").status_code == 302

    @pytest.mark.parametrize("command", ["end_sessions", "close_account", "reopen_account"])
    def test_a_reason_is_required_and_not_empty(self, provider, command):
        with pytest.raises(CommandError, match="--reason"):
            run(command, "dr.provider")
        with pytest.raises(CommandError, match="Give a reason that is not empty"):
            run(command, "dr.provider", "--reason", "  ")
        assert not journal.history(of=provider).exists()

    @pytest.mark.parametrize("command", ["account_history", "end_sessions", "close_account", "reopen_account"])
    def test_an_unknown_name_is_said(self, db, command):
        reason = [] if command == "account_history" else ["--reason", "x"]
        with pytest.raises(CommandError, match=r"Nobody in the realm ohid has the ID 'nobody\.here'"):
            run(command, "nobody.here", *reason)
        with pytest.raises(CommandError, match="invalid choice: 'elsewhere'"):
            run(command, "nobody.here", "--realm", "elsewhere", *reason)

    def test_what_is_done_already_is_said(self, provider):
        with pytest.raises(CommandError, match=r"dr\.provider is open\."):
            run("reopen_account", "dr.provider", "--reason", "x")
        run("close_account", "dr.provider", "--reason", "x")
        with pytest.raises(CommandError, match="is closed already"):
            run("close_account", "dr.provider", "--reason", "x")


class TestUnfinishedSignUps:
    """L10: accounts that nobody ever proved were kept for ever, and held their names."""

    def unproved(self, **facts):
        made = AccountFactory(
            **{"address": False, "last_login": None, "date_joined": NOW - timedelta(days=31), **facts}
        )
        PhoneDevice.objects.create(user=made, name="phone", number="+13105550123", confirmed=False)
        return made

    def test_the_name_is_free_again_and_what_was_typed_is_gone(self, db):
        account = self.unproved(login_name="wanted.name")
        assert sign_ups.release(now=NOW) == 1
        account.refresh_from_db()
        assert accounts.is_free(realm="ohid", login_name="wanted.name")
        assert (account.email, account.first_name, account.is_active) == ("", "", False)
        assert not PhoneDevice.objects.exists()
        assert not account.emailaddress_set.exists()
        entry = journal.history(of=account).get()
        assert (entry.kind, entry.by) == ("identity.SignUpLapsed", None)
        assert sign_ups.release(now=NOW) == 0, "once"

    @pytest.mark.parametrize(
        "facts",
        [
            {"date_joined": NOW - timedelta(days=29)},
            {"address": True},
            {"last_login": NOW},
            {"is_staff": True},
            {"password": "!"},
            {"is_active": False},
        ],
    )
    def test_whoever_is_young_proved_known_invited_or_closed_stays(self, db, facts):
        account = self.unproved(login_name="stays.here", **facts)
        if facts == {"password": "!"}:
            account.set_unusable_password()
            account.save()
        assert sign_ups.release(now=NOW) == 0
        assert not accounts.is_free(realm="ohid", login_name="stays.here")

    def test_who_came_back_while_the_job_runs_stays(self, db, monkeypatch):
        """L10: each is asked for anew, in a transaction of its own."""
        accounts_ = [self.unproved() for _ in range(2)]
        forget = sign_ups._forget

        def one_comes_back(account):
            Account.objects.exclude(pk=account.pk).update(last_login=NOW)
            forget(account)

        monkeypatch.setattr(sign_ups, "_forget", one_comes_back)
        assert sign_ups.release(now=NOW) == 1
        assert Account.objects.filter(pk__in=[one.pk for one in accounts_], is_active=True).count() == 1
