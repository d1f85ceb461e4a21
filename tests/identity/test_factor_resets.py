"""The help desk resets lost methods: call back, two agents, a day in which the person can stop it (S4-37)."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from lxml import html

from identity.accounts import staff_rights
from identity.models import Account, FactorReset, JournalEntry, PhoneDevice
from identity.record import machine
from identity.recovery import factor_resets
from tests.conftest import make_staff
from tests.factories import AccountFactory
from tests.steps.sign_in import ACCESS, FACTOR, sign_in, signed_in
from tests.together import together

pytestmark = pytest.mark.django_db
PHONE = "+13105550123"
State = FactorReset.State


@pytest.fixture
def holder(db) -> Account:
    return AccountFactory(login_name="lost.phone", phone=PHONE)


@pytest.fixture
def first(db) -> Account:
    return make_staff("desk.first", "service desk")


@pytest.fixture
def second(db) -> Account:
    return make_staff("desk.second", "service desk")


def start(holder: Account, first: Account, **changes) -> FactorReset:
    given = {"account": holder, "reason": "called back, lost the phone", "by": first, "now": timezone.now(), **changes}
    return factor_resets.start(**given)


def confirm(reset: FactorReset, second: Account, **changes) -> None:
    factor_resets.confirm(**{"reset": reset, "reason": "checked", "by": second, "now": timezone.now(), **changes})


class TestTwoAgents:
    def test_the_whole_way(self, holder, first, second, inbox, client):
        """S4-37: started, confirmed, a day, done; then the person enrols anew with password and mailbox."""
        EmailAddress.objects.create(user=holder, email="second@example.org", primary=False, verified=True)
        open_session = signed_in(holder)
        reset = start(holder, first)
        assert [m for m in inbox.all() if m.to == holder.email] == []
        confirm(reset, second)
        for channel, to in (("mail", holder.email), ("mail", "second@example.org"), ("text", PHONE)):
            assert "/id/stop-reset/" in inbox.newest(channel, to).text
        assert factor_resets.do_due(now=timezone.now()) == 0
        assert PhoneDevice.objects.filter(user=holder).exists()
        assert factor_resets.do_due(now=timezone.now() + timedelta(hours=25)) == 1
        assert not PhoneDevice.objects.filter(user=holder).exists()
        assert open_session.get("/id/profile/").status_code == 302
        told = [m.text for m in inbox.all() if m.to == PHONE]
        assert any("All sign-in methods" in text for text in told), "the old phone is told"
        assert sign_in(client, "lost.phone").url in (ACCESS, "/id/profile/")
        kinds = list(JournalEntry.objects.filter(object_id=str(reset.pk)).values_list("kind", "by__login_name"))
        assert kinds == [
            ("identity.FactorResetStarted", "desk.first"),
            ("identity.FactorResetConfirmed", "desk.second"),
            ("identity.FactorResetDone", None),
        ]

    def test_the_same_agent_twice_is_refused(self, holder, first):
        """Bad input: the same agent twice; the database keeps the promise as well."""
        reset = start(holder, first)
        with pytest.raises(machine.SamePerson):
            confirm(reset, first)
        with pytest.raises(IntegrityError), transaction.atomic():
            FactorReset.objects.filter(pk=reset.pk).update(confirmed_by=first)

    def test_an_agent_who_lost_the_right_confirms_nothing(self, holder, first, second):
        """Bad input: an agent approving after losing the right."""
        reset = start(holder, first)
        second.groups.clear()
        with pytest.raises(staff_rights.MayNotHandle):
            confirm(reset, Account.objects.get(pk=second.pk))
        closed = make_staff("desk.closed", "service desk")
        Account.objects.filter(pk=closed.pk).update(is_active=False)
        with pytest.raises(staff_rights.MayNotHandle):
            confirm(reset, Account.objects.get(pk=closed.pk))

    def test_never_an_account_with_more_rights_nor_ones_own(self, first, second, operator):
        """Issue: an agent cannot touch accounts with more rights than theirs."""
        with pytest.raises(staff_rights.MoreRights):
            start(operator, first)
        with pytest.raises(staff_rights.OwnAccount):
            start(first, first)

    def test_every_step_has_a_reason(self, holder, first, second):
        with pytest.raises(machine.ReasonMissing):
            start(holder, first, reason="  ")
        reset = start(holder, first)
        for act in (factor_resets.confirm, factor_resets.cancel):
            with pytest.raises(machine.ReasonMissing):
                act(reset=reset, reason="", by=second, now=timezone.now())

    def test_one_at_a_time(self, holder, first, second):
        start(holder, first)
        with pytest.raises(factor_resets.OpenAlready):
            start(holder, second)

    def test_where_there_is_nothing_to_reset(self, provider, first):
        with pytest.raises(factor_resets.NothingToReset):
            start(provider, first)

    def test_a_cancelled_one_changes_nothing(self, holder, first, second):
        reset = start(holder, first)
        confirm(reset, second)
        factor_resets.cancel(reset=reset, reason="a mistake", by=first, now=timezone.now())
        assert factor_resets.do_due(now=timezone.now() + timedelta(days=3)) == 0
        assert PhoneDevice.objects.filter(user=holder).exists()


class TestStopping:
    def link(self, holder, first, second, inbox) -> str:
        confirm(start(holder, first), second)
        return inbox.newest("mail", holder.email).link

    def test_a_press_stops_it_a_look_does_not(self, holder, first, second, inbox, client):
        link = self.link(holder, first, second, inbox)
        assert "Stop the reset" in client.get(link).content.decode()
        assert FactorReset.objects.get().state == State.CONFIRMED
        assert "stay as they are" in client.post(link).content.decode()
        assert FactorReset.objects.get().state == State.STOPPED
        assert client.post(link).status_code == 410
        assert factor_resets.do_due(now=timezone.now() + timedelta(days=2)) == 0
        assert PhoneDevice.objects.filter(user=holder).exists()

    def test_to_the_last_second(self, holder, first, second):
        """Bad input: a stop at 23:59:59 of the waiting day and a second after."""
        now = timezone.now()
        reset = start(holder, first, now=now)
        confirm(reset, second, now=now)
        with pytest.raises(machine.NotPossible):
            factor_resets.stop(reset=reset, now=now + timedelta(hours=24))
        factor_resets.stop(reset=reset, now=now + timedelta(hours=23, minutes=59, seconds=59))
        assert factor_resets.do_due(now=now + timedelta(hours=24)) == 0

    def test_a_made_up_link_is_told_nothing(self, client):
        assert client.get("/id/stop-reset/0123-abc/").status_code == 410

    @pytest.mark.django_db(transaction=True)
    def test_stopped_and_done_at_the_same_moment_is_one_of_them(self, holder, first, second):
        now = timezone.now()
        reset = start(holder, first, now=now)
        confirm(reset, second, now=now)
        at = now + timedelta(hours=23, minutes=59)

        def stop_or_do() -> str:
            try:
                factor_resets.stop(reset=FactorReset.objects.get(pk=reset.pk), now=at)
            except machine.NotPossible:
                return "refused"
            return "stopped"

        assert sorted(together(stop_or_do, threads=2)) == ["refused", "stopped"]


class TestDesk:
    def test_started_and_confirmed_in_the_admin(self, holder, first, second):
        """Story: the agents' pages, from the account to the second agent."""
        one, two = signed_in(first, verified=True), signed_in(second, verified=True)
        page = f"/admin/identity/account/{holder.pk}/reset-methods/"
        assert "Reset sign-in methods" in one.get(f"/admin/identity/account/{holder.pk}/change/").content.decode()
        assert PHONE in one.get(page).content.decode()
        refused = one.post(page, {"reason": "lost it"})
        assert (refused.status_code, "lost it" in refused.content.decode()) == (422, True)
        assert one.post(page, {"reason": "lost it", "called": "1"}).status_code == 302
        desk = f"/admin/identity/factorreset/{FactorReset.objects.get().pk}/change/"
        assert "a colleague has to confirm" in one.get(desk).content.decode()
        assert "A colleague has to confirm it" in one.post(desk, {"step": "confirm", "reason": "x"}).content.decode()
        told = "Then all sign-in methods are removed, and they set up new ones."
        assert told in two.get(desk).content.decode(), "C17: what the second press does"
        assert told not in one.get(desk).content.decode()
        assert two.post(desk, {"step": "confirm", "reason": "checked"}).status_code == 302
        assert FactorReset.objects.get().confirmed_by == second
        assert "checked" in two.get(desk).content.decode()

    @pytest.mark.parametrize(
        ("typed", "wrong", "ticked"), [({"reason": "lost it"}, "called", False), ({"called": "1"}, "reason", True)]
    )
    def test_the_field_in_question_is_marked_and_the_tick_is_kept(self, holder, first, typed, wrong, ticked):
        """The reason was framed in red for a missing tick; who then gave one had lost the tick."""
        page = f"/admin/identity/account/{holder.pk}/reset-methods/"
        refused = html.fromstring(signed_in(first, verified=True).post(page, typed).content)
        assert refused.xpath("//main//*[@aria-invalid='true']/@name") == [wrong]
        assert bool(refused.xpath("//input[@name='called'][@checked]")) is ticked

    def test_people_without_the_right_see_nothing(self, holder, provider, first):
        reset = start(holder, first)
        other = make_staff("desk.other", "service desk")
        other.groups.clear()
        browser = signed_in(other, verified=True)
        assert browser.get(f"/admin/identity/factorreset/{reset.pk}/change/").status_code in (403, 404)
        assert browser.get(f"/admin/identity/account/{holder.pk}/reset-methods/").status_code == 403
        assert Client().get(f"/admin/identity/factorreset/{reset.pk}/change/").status_code == 302


def test_the_second_factor_page_leads_there(client, holder):
    assert sign_in(client, "lost.phone").url == FACTOR
    assert "The help desk gets you back in" in client.get("/id/sign-in/lost-methods/").content.decode()
