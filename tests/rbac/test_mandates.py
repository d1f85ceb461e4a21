"""Mandates: a vendor's people work for a practice that agreed, and not a moment longer (S3-10)."""

from datetime import timedelta

import pytest

from identity.models import JournalEntry, OutboxMessage
from identity.policy import lifecycle, zones
from identity.record.machine import NotPossible, ReasonMissing
from portals.oidc import claims, token_context
from rbac.domain import approvals, grants, mandate_people, mandates, memberships, pauses
from rbac.models import Mandate, Membership, Origin, Pause
from tests.conftest import make_staff
from tests.factories import NOW, PracticeFactory, TinFactory
from tests.steps.grid import works_as
from tests.steps.mandates import PORTAL, agreed, asked, sign_on, signer, vendor_person

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
OPEN = lifecycle.after("mandate_open")
State = Mandate.State


@pytest.fixture
def vera():
    return vendor_person()


@pytest.fixture
def maria():
    return signer()


def under(mandate: Mandate):
    return Membership.objects.current().filter(mandate=mandate)


def mails(mandate: Mandate) -> set[tuple[int, str]]:
    rows = OutboxMessage.objects.filter(kind="rbac.MandateMail", ids__mandate=mandate.pk)
    return {(row.ids["account_id"], row.ids["state"]) for row in rows}


def titles() -> list[str]:
    return [entry.kind for entry in JournalEntry.objects.filter(kind__startswith="rbac.Mandate").order_by("pk")]


class TestAsking:
    def test_the_practice_is_told_and_nobody_else(self, vera, maria):
        signer(role="front_office", practice=maria.practice)
        row = asked(vera, maria.practice)
        assert mails(row) == {(maria.grant.account_id, "asked")}
        assert titles() == ["rbac.MandateAsked"]
        assert JournalEntry.objects.get(kind="rbac.MandateAsked").account is None
        assert not under(row).exists()
        assert mandates.given_to([vera.practice], portal_key=PORTAL, now=NOW) == []

    def test_one_open_per_pair(self, vera, maria):
        asked(vera, maria.practice)
        with pytest.raises(mandates.AskedAlready):
            asked(vera, maria.practice)

    @pytest.mark.parametrize(
        "more",
        [
            {"roles": ()},
            {"roles": ("administrator",)},
            {"roles": ("billing_specialist", "no_role_of_the_grid")},
            {"ends_on": zones.today("ohid", now=NOW) - DAY},
        ],
    )
    def test_not_askable(self, vera, maria, more):
        with pytest.raises(mandates.NotAskable):
            asked(vera, maria.practice, **more)

    def test_not_to_oneself(self, vera):
        with pytest.raises(mandates.NotAskable):
            asked(vera, vera.practice)

    def test_only_for_a_vendor_that_one_works_for_and_that_is_attested(self, maria):
        unproved = works_as(
            "billing_specialist", portal_key=PORTAL, tins=[TinFactory(attested_at=None, attested_by=None)]
        )
        with pytest.raises(mandates.NotOfTheVendor):
            asked(unproved, maria.practice)

    def test_by_tax_ids_those_that_are_attested_and_it_answers_the_same(self, vera, maria):
        known = maria.practice.tins.get()
        unproved = TinFactory(attested_at=None, attested_by=None)
        for digits in (known.digits, unproved.digits, "911111111", known.digits):
            answer = mandates.ask_by_tins(
                vendor=vera.practice, portal_key=PORTAL, tins=[(digits, "EIN")], roles=["billing_specialist"],
                by=vera.grant.account, now=NOW,
            )  # fmt: skip
            assert answer is None
        assert [row.practice for row in Mandate.objects.all()] == [maria.practice]

    def test_it_lapses_to_the_second_at_use(self, vera, maria):
        """S3-10, mandate_open."""
        row = asked(vera, maria.practice)
        end = NOW + lifecycle.after("mandate_open")
        with pytest.raises(NotPossible):
            mandates.agree(mandate=row, by=maria.grant.account, now=end)
        assert mandates.agree(mandate=row, by=maria.grant.account, now=end - SECOND).state == State.AGREED

    def test_what_lapsed_stands_in_nobodys_way_and_the_job_writes_it(self, vera, maria):
        row = asked(vera, maria.practice)
        asked(vera, maria.practice, now=NOW + OPEN)
        row.refresh_from_db()
        assert row.state == State.LAPSED
        assert mandates.lapse_due(now=NOW + 2 * OPEN) == 1
        assert not Mandate.objects.filter(state=State.ASKED).exists()
        assert {state for _account, state in mails(row)} == {"asked"}  # the vendor learns nothing of it


class TestAgreeing:
    def test_the_vendors_people_of_the_roles_work_for_the_practice(self, vera, maria):
        colleague = vendor_person(vendor=vera.practice)
        vendor_person(vendor=vera.practice, role="front_office")
        row = agreed(vera, maria)
        assert {one.grant_id for one in under(row)} == {vera.grant_id, colleague.grant_id}
        mine = under(row).get(grant=vera.grant)
        assert (mine.practice, mine.pair, mine.origin) == (maria.practice, vera.pair, Origin.MANDATE)
        assert (row.agreed_by, row.since) == (maria.grant.account, NOW)
        assert titles() == ["rbac.MandateAsked", "rbac.MandateAgreed"]
        assert (vera.grant.account_id, "agreed") in mails(row)
        [told] = mandates.given_to([vera.practice], portal_key=PORTAL, now=NOW)
        assert told == row

    @pytest.mark.parametrize(
        "who", ["another role", "another practice", "the vendor", "not attested", "under a mandate"]
    )
    def test_nobody_else_agrees(self, vera, maria, who):
        row = asked(vera, maria.practice)
        if who == "under a mandate":
            sa = vendor_person(role="site_admin")
            agreed(sa, maria, roles=["site_admin"])
        by = {
            "another role": lambda: signer(role="front_office", practice=maria.practice),
            "another practice": lambda: signer(role="site_admin", practice=PracticeFactory()),
            "the vendor": lambda: vendor_person(role="site_admin", vendor=vera.practice),
            "not attested": lambda: works_as("site_admin", practice=maria.practice, portal_key=PORTAL),
            "under a mandate": lambda: Membership.objects.current().get(role="site_admin", mandate=None),
        }[who]().grant.account
        for act in (mandates.agree, mandates.decline, mandates.end):
            with pytest.raises(mandates.NotYours):
                act(mandate=row, by=by, now=NOW)
        assert not mandates.to_answer_by(by, portal_key=PORTAL, now=NOW).filter(pk=row.pk).exists()

    def test_a_decline_tells_the_vendor_nothing(self, vera, maria):
        row = mandates.decline(mandate=asked(vera, maria.practice), by=maria.grant.account, now=NOW)
        assert (row.state, row.ended_by) == (State.DECLINED, maria.grant.account)
        assert mails(row) == {(maria.grant.account_id, "asked")}
        assert JournalEntry.objects.get(kind="rbac.MandateDeclined").account is None
        with pytest.raises(NotPossible):
            mandates.agree(mandate=row, by=maria.grant.account, now=NOW)
        with pytest.raises(mandates.AskedAlready):  # it is not pressed
            asked(vera, maria.practice, now=NOW + OPEN - SECOND)
        assert asked(vera, maria.practice, now=NOW + OPEN).state == State.ASKED

    def test_whoever_works_for_the_practice_already_keeps_that(self, vera, maria):
        own = works_as("front_office", practice=maria.practice, grant=vera.grant)
        row = agreed(vera, maria)
        assert not under(row).exists()
        assert Membership.objects.current().get(practice=maria.practice, grant=vera.grant) == own

    def test_the_desk_agrees_after_a_call_where_nobody_is(self, vera, maria):
        agent = make_staff("agent", "service desk", (PORTAL,))
        row = asked(vera, maria.practice)
        with pytest.raises(mandates.SomebodyThere):
            mandates.agree_for(mandate=row, reason="Called the office", by=agent, now=NOW)
        memberships.end(membership=maria, by=None, now=NOW)
        with pytest.raises(ReasonMissing):
            mandates.agree_for(mandate=row, reason=" ", by=agent, now=NOW)
        with pytest.raises(approvals.MayNotDecide):
            mandates.agree_for(
                mandate=row, reason="Called", by=make_staff("other", "service desk", ("claims",)), now=NOW
            )
        done = mandates.agree_for(mandate=row, reason="Called the office", by=agent, now=NOW)
        assert (done.state, done.reason, done.agreed_by) == (State.AGREED, "Called the office", agent)
        assert under(row).count() == 1


class TestEnding:
    def test_one_press_ends_all_memberships_under_it(self, vera, maria):
        vendor_person(vendor=vera.practice)
        row = agreed(vera, maria)
        mandates.end(mandate=row, by=maria.grant.account, now=NOW + DAY)
        assert not under(row).exists()
        assert titles()[-1] == "rbac.MandateEnded"
        assert (vera.grant.account_id, "ended") in mails(row)
        assert Membership.objects.open_at(NOW + DAY).filter(grant=vera.grant).get() == vera  # the vendor's own stays
        with pytest.raises(NotPossible):
            mandates.end(mandate=row, by=maria.grant.account, now=NOW + DAY)

    def test_the_desk_ends_it_with_a_reason(self, vera, maria):
        row = agreed(vera, maria)
        done = mandates.end_for(
            mandate=row, reason="The practice wrote", by=make_staff("agent", "service desk", (PORTAL,)), now=NOW
        )
        assert (done.state, done.reason) == (State.ENDED, "The practice wrote")

    def test_the_job_ends_what_is_past_its_last_day(self, vera, maria):
        last = zones.today("ohid", now=NOW)
        row = agreed(vera, maria, ends_on=last)
        assert mandates.end_past(now=NOW) == 0
        assert mandates.end_past(now=NOW + 2 * DAY) == 1
        row.refresh_from_db()
        assert row.state == State.ENDED
        assert not under(row).exists()


class TestGivingUp:
    """The vendor ends a mandate itself."""

    def test_whoever_may_ask_may_end_it(self, vera, maria):
        colleague = vendor_person(vendor=vera.practice)
        row = agreed(vera, maria)
        done = mandates.give_up(mandate=row, by=colleague.grant.account, now=NOW + DAY)
        assert (done.state, done.ended_by) == (State.ENDED, colleague.grant.account)
        assert not under(row).exists()
        assert {(maria.grant.account_id, "ended"), (vera.grant.account_id, "ended")} <= mails(row)
        with pytest.raises(NotPossible):
            mandates.give_up(mandate=row, by=vera.grant.account, now=NOW + DAY)

    @pytest.mark.parametrize("who", ["another vendor", "the practice", "not attested", "suspended", "under a mandate"])
    def test_nobody_else(self, vera, maria, who):
        row = agreed(vera, maria)
        if who == "under a mandate":  # somebody whose own company works for the vendor
            agreed(vendor_person(vendor=PracticeFactory()), signer(practice=vera.practice))
        by = {
            "another vendor": lambda: vendor_person(vendor=PracticeFactory()),
            "the practice": lambda: maria,
            "not attested": lambda: works_as("billing_specialist", practice=vera.practice, portal_key=PORTAL),
            "suspended": lambda: vendor_person(vendor=vera.practice, suspended_at=NOW),
            "under a mandate": lambda: Membership.objects.current().get(mandate__practice=vera.practice),
        }[who]().grant.account
        with pytest.raises(mandates.NotOfTheVendor):
            mandates.give_up(mandate=row, by=by, now=NOW)
        assert not mandates.held_by(by, portal_key=PORTAL, now=NOW).filter(pk=row.pk).exists()
        assert under(row).count() == 1

    def test_what_nobody_agreed_to_is_neither_found_nor_ended(self, vera, maria):
        row = asked(vera, maria.practice)
        assert not mandates.held_by(vera.grant.account, portal_key=PORTAL, now=NOW).exists()
        with pytest.raises(NotPossible):
            mandates.give_up(mandate=row, by=vera.grant.account, now=NOW)


class TestFollowing:
    """What somebody has under a mandate follows their own membership in the vendor."""

    def test_whoever_joins_the_vendor_works_for_its_practices(self, vera, maria):
        row = agreed(vera, maria)
        joined = vendor_person(vendor=PracticeFactory())
        memberships.open(
            grant=joined.grant, practice=vera.practice, role="billing_specialist", origin=Origin.STAFF, by=None, now=NOW
        )
        assert under(row).filter(grant=joined.grant).exists()

    @pytest.mark.parametrize(
        "act",
        [
            lambda row: memberships.suspend(membership=row, by=None, now=NOW),
            lambda row: memberships.change_role(membership=row, role="front_office", by=None, now=NOW),
            lambda row: grants.end(account=row.grant.account, portal_key=PORTAL, reason="left", by=None, now=NOW),
        ],
        ids=["suspended", "another role", "access ended"],
    )
    def test_whoever_leaves_leaves_them_all(self, vera, maria, act):
        row = agreed(vera, maria)
        act(vera)
        assert not under(row).exists()

    def test_whoever_ends_there_ends_here_and_loses_the_portal(self, vera, maria):
        row = agreed(vera, maria)
        memberships.end(membership=vera, by=None, now=NOW)
        assert not under(row).exists()
        assert grants.current(account=vera.grant.account, portal_key=PORTAL) is None

    def test_what_goes_on_there_goes_on_here(self, vera, maria):
        row = agreed(vera, maria)
        memberships.suspend(membership=vera, by=None, now=NOW)
        memberships.restore(membership=vera, by=None, now=NOW)
        assert under(row).count() == 1
        memberships.change_role(membership=vera, role="billing_specialist", market="CA", by=None, now=NOW)
        assert under(row).get().market == "CA"

    @pytest.mark.parametrize("leaves", ["suspended", "another role", "access to the vendor ended"])
    def test_what_staff_let_rest_there_does_not_go_on_because_the_vendors_own_does(self, vera, maria, leaves):
        """D-11: whoever let it rest is not overruled by what happens in the vendor."""
        row, agent = agreed(vera, maria), make_staff("agent", "service desk", (PORTAL,))
        memberships.suspend(membership=under(row).get(), reason="Asked by the practice", by=agent, now=NOW)
        if leaves == "suspended":
            memberships.suspend(membership=vera, by=None, now=NOW + DAY)
            memberships.restore(membership=vera, by=None, now=NOW + 2 * DAY)
        elif leaves == "another role":
            other = memberships.change_role(membership=vera, role="front_office", by=None, now=NOW + DAY)
            memberships.change_role(membership=other, role="billing_specialist", by=None, now=NOW + 2 * DAY)
        else:  # they keep another practice, and the access with it
            works_as("front_office", practice=PracticeFactory(), grant=vera.grant)
            memberships.end(membership=vera, by=None, now=NOW + DAY)
            memberships.open(
                grant=vera.grant, practice=vera.practice, role="billing_specialist", origin=Origin.STAFF, by=None,
                now=NOW + 2 * DAY,
            )  # fmt: skip
        mine = under(row).get()
        assert (mine.suspended_by, mine.suspended_at) == (agent, NOW)
        assert not Membership.objects.open_at(NOW + 2 * DAY).filter(mandate=row).exists()

    def test_what_rests_there_goes_on_only_while_the_persons_own_does(self, vera, maria):
        row, agent = agreed(vera, maria), make_staff("agent", "service desk", (PORTAL,))
        memberships.suspend(membership=under(row).get(), reason="Asked", by=agent, now=NOW)
        memberships.suspend(membership=vera, by=None, now=NOW)
        with pytest.raises(mandate_people.OwnRests):
            memberships.restore(membership=under(row).get(), reason="Asked", by=agent, now=NOW + DAY)
        memberships.restore(membership=vera, by=None, now=NOW + DAY)
        memberships.restore(membership=under(row).get(), reason="Asked", by=agent, now=NOW + DAY)
        assert Membership.objects.open_at(NOW + DAY).filter(mandate=row).exists()

    def test_what_rests_under_a_mandate_alone_keeps_nobody_in_the_portal(self, vera, maria):
        """D-29: the last practice takes the access with it."""
        row, agent = agreed(vera, maria), make_staff("agent", "service desk", (PORTAL,))
        memberships.suspend(membership=under(row).get(), reason="Asked", by=agent, now=NOW)
        memberships.end(membership=vera, by=None, now=NOW + DAY)
        assert grants.current(account=vera.grant.account, portal_key=PORTAL) is None
        assert not under(row).exists()

    def test_one_alone_is_not_ended_for_the_next_event_would_open_it_again(self, vera, maria):
        row, agent = agreed(vera, maria), make_staff("agent", "service desk", (PORTAL,))
        with pytest.raises(mandate_people.FollowsMandate):
            memberships.end(membership=under(row).get(), reason="Asked", by=agent, now=NOW)
        assert under(row).count() == 1

    def test_a_role_that_the_mandate_does_not_name(self, vera, maria):
        row = agreed(vera, maria)
        with pytest.raises(memberships.OutsideMandate):
            memberships.change_role(membership=under(row).get(), role="site_admin", by=None, now=NOW)

    def test_access_that_comes_back_brings_mandates_that_count(self, vera, maria):
        row = agreed(vera, maria)
        other = agreed(vera, signer(practice=PracticeFactory()))
        account = vera.grant.account
        grants.end(account=account, portal_key=PORTAL, reason="left", by=None, now=NOW)
        mandates.end_for(mandate=other, reason="Wrote", by=make_staff("agent", "service desk", (PORTAL,)), now=NOW)
        vera.grant.refresh_from_db()
        memberships.reopen(ended=vera.grant, attributes={}, tins=[], origin_key="FORM", by=None, now=NOW)
        assert under(row).get().grant.account == account
        assert not under(other).exists()


def opened_by_each(row: Membership, at) -> tuple[bool, bool, bool]:
    """Whether a membership counts at a moment: by the pages, by the past, by an application's sign-on."""
    pages = Membership.objects.open_at(at).filter(pk=row.pk).exists()
    past = pauses.counted_at(at).filter(pk=row.pk).exists()
    told = token_context.find(sign_on(row.grant).pk)
    assert told is not None
    return pages, past, row.practice_id in told.on_behalf_of(now=at)


class TestTheThreePlaces:
    """Pages, the past and sign-ons say the same of a membership under a mandate, however late any job is."""

    @pytest.mark.parametrize("step", ["agreed", "past", "ended", "asked again"])
    def test_they_say_the_same(self, vera, maria, step):
        last = zones.today("ohid", now=NOW) + DAY
        mandate = agreed(vera, maria, ends_on=last if step == "past" else None)
        row = under(mandate).get()
        at = NOW + 3 * DAY if step == "past" else NOW + SECOND
        if step == "ended":
            Mandate.objects.filter(pk=mandate.pk).update(state=State.ENDED, until=NOW)  # the row alone: it is enough
        if step == "asked again":
            Mandate.objects.filter(pk=mandate.pk).update(state=State.ASKED, since=None, agreed_by=None)
        assert opened_by_each(row, at) == 3 * (step == "agreed",)
        assert Membership.objects.standing_at(at).filter(pk=row.pk).exists() == (step == "agreed")

    def test_the_past_is_answered_as_it_was(self, vera, maria):
        mandate = agreed(vera, maria)
        row = under(mandate).get()
        mandates.end(mandate=mandate, by=maria.grant.account, now=NOW + DAY)
        assert [pauses.counted_at(at).filter(pk=row.pk).exists() for at in (NOW, NOW + DAY - SECOND, NOW + DAY)] == [
            True, True, False,
        ]  # fmt: skip
        assert not Pause.objects.exists()

    def test_claims_say_on_whose_behalf(self, vera, maria):
        agreed(vera, maria)
        told = claims.for_context(token_context.find(sign_on(vera.grant).pk), now=NOW)
        assert told["on_behalf_of"] == [str(maria.practice.pk)]
        assert {one["id"] for one in told["practices"]} == {str(vera.practice.pk), str(maria.practice.pk)}
        theirs = claims.for_context(token_context.find(sign_on(maria.grant).pk), now=NOW)
        assert "on_behalf_of" not in theirs
