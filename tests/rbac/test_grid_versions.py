"""Versions of the grid: proposed by one person, published by another, in force on their day (S2-33, S3-04)."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, connections

from identity.accounts import staff_rights
from identity.jobs import mass_acts
from identity.models import JournalEntry, OutboxMessage
from identity.policy import lifecycle
from identity.record import outbox
from identity.record.machine import NotPossible, ReasonMissing, SamePerson
from rbac.capabilities import Capability
from rbac.domain import grid, grid_changes, grid_notices, grid_versions
from rbac.models import GridVersion
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory
from tests.steps.grid import REASON, crowd, propose, publish, works_as

pytestmark = pytest.mark.django_db
State = GridVersion.State
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
CURO = ("billing_specialist", "", "curo")
RISK = ("medical_director", "", "risk_strat")


class TestLife:
    def test_it_holds_from_its_moment_and_not_a_second_before(self, operator, second_operator):
        version = publish(by=operator, second=second_operator, without=[CURO], also=[RISK])
        assert (version.state, version.proposed_by, version.published_by) == (
            State.PUBLISHED,
            operator,
            second_operator,
        )
        before, then = (grid.current(now=version.effective_from - one) for one in (SECOND, 0 * SECOND))
        assert Capability.CURO in grid.allowed([("billing_specialist", "CA")], before)
        assert Capability.CURO not in grid.allowed([("billing_specialist", "CA")], then)
        assert Capability.RISK_STRAT in grid.allowed([("medical_director", "CO")], then)

    def test_nobody_publishes_their_own(self, operator):
        version = propose(by=operator, without=[CURO])
        with pytest.raises(SamePerson):
            grid_versions.publish(version=version, by=operator, now=NOW)
        assert GridVersion.objects.get(pk=version.pk).state == State.PROPOSED

    @pytest.mark.parametrize("day", [NOW - 400 * DAY, NOW - SECOND, NOW])
    def test_a_version_dated_in_the_past_is_refused(self, operator, day):
        """The past stays as it was: what somebody could open on a day is answered from rows."""
        with pytest.raises(grid_versions.InThePast):
            propose(by=operator, without=[CURO], effective_from=day)

    def test_one_that_was_not_published_in_time_is_refused_too(self, operator, second_operator):
        version = propose(by=operator, without=[CURO], effective_from=NOW + DAY)
        with pytest.raises(grid_versions.InThePast):
            grid_versions.publish(version=version, by=second_operator, now=NOW + DAY)
        grid_versions.publish(version=version, by=second_operator, now=NOW + DAY - SECOND)

    def test_two_versions_never_take_effect_at_one_moment(self, operator, second_operator):
        publish(by=operator, second=second_operator, without=[CURO])
        version = propose(by=operator, also=[RISK])
        with pytest.raises(grid_versions.DayTaken):
            grid_versions.publish(version=version, by=second_operator, now=NOW)

    def test_what_says_what_holds_already_is_no_version(self, operator):
        with pytest.raises(grid_versions.NothingChanges):
            propose(by=operator)
        assert GridVersion.objects.count() == 1

    def test_one_proposal_at_a_time(self, operator, second_operator):
        propose(by=operator, without=[CURO])
        with pytest.raises(grid_versions.ProposedAlready):
            propose(by=second_operator, also=[RISK])

    @pytest.mark.parametrize(
        "box",
        [
            ("no_such_role", "", "curo"),
            ("administrator", "", "curo"),
            ("front_office", "XX", "curo"),
            ("front_office", "", "bill_tracker"),
            ("front_office", "", "no such thing"),
        ],
    )
    def test_a_box_that_is_not_the_grids_is_refused(self, operator, box):
        with pytest.raises(grid_versions.UnknownBox):
            propose(by=operator, also=[box])

    def test_a_market_switch_needs_a_market(self, operator):
        with pytest.raises(grid_versions.UnknownBox):
            propose(by=operator, off=[("", "curo")])

    def test_only_whoever_may(self, agent, operator, second_operator):
        with pytest.raises(staff_rights.MayNotHandle):
            propose(by=agent, without=[CURO])
        version = propose(by=operator, without=[CURO])
        second_operator.groups.clear()
        second_operator.__class__.objects.filter(pk=second_operator.pk).update(is_superuser=False)
        with pytest.raises(staff_rights.MayNotHandle):
            grid_versions.publish(version=version, by=second_operator, now=NOW)

    def test_it_is_given_up_with_a_reason_and_then_stays_so(self, operator, second_operator):
        version = propose(by=operator, without=[CURO])
        with pytest.raises(ReasonMissing):
            grid_versions.discard(version=version, reason=" ", by=second_operator, now=NOW)
        grid_versions.discard(version=version, reason="Too early", by=second_operator, now=NOW)
        with pytest.raises(NotPossible):
            grid_versions.publish(version=version, by=second_operator, now=NOW)
        propose(by=second_operator, also=[RISK])  # the way is free again

    def test_each_step_is_in_the_journal_and_operators_are_told(self, operator, second_operator):
        version = publish(by=operator, second=second_operator, without=[CURO])
        told = JournalEntry.objects.filter(kind__startswith="rbac.Grid").order_by("pk")
        assert [(entry.kind, entry.by, entry.facts["reason"]) for entry in told] == [
            ("rbac.GridProposed", operator, REASON),
            ("rbac.GridPublished", second_operator, REASON),
        ]
        mails = OutboxMessage.objects.filter(kind="rbac.GridWaitsMail")
        assert [mail.ids["account_id"] for mail in mails] == [second_operator.pk]
        assert version.reason == REASON

    def test_what_is_published_has_no_way_on(self, operator, second_operator):
        version = publish(by=operator, second=second_operator, without=[CURO])
        for act in (
            lambda: grid_versions.publish(version=version, by=second_operator, now=NOW),
            lambda: grid_versions.discard(version=version, reason="No", by=second_operator, now=NOW),
        ):
            with pytest.raises((NotPossible, SamePerson)):
                act()
        assert GridVersion.objects.get(pk=version.pk).state == State.PUBLISHED


class TestMany:
    """policy, mass acts: more people than one press may touch."""

    def test_at_the_limit_one_other_person_is_enough(self, operator, second_operator):
        crowd(mass_acts.ENDING.at_least, "billing_specialist")
        assert publish(by=operator, second=second_operator, without=[CURO]).state == State.PUBLISHED

    def test_beyond_it_two_others_publish_it(self, operator, second_operator):
        crowd(mass_acts.ENDING.at_least + 1, "billing_specialist")
        version = publish(by=operator, second=second_operator, without=[CURO])
        assert (version.state, version.first_published_by) == (State.HALF_PUBLISHED, second_operator)
        for same in (operator, second_operator):
            with pytest.raises(SamePerson):
                grid_versions.publish(version=version, by=same, now=NOW)
        third = make_staff("third.operator", "operator")
        assert grid_versions.publish(version=version, by=third, now=NOW).state == State.PUBLISHED

    def test_a_first_publisher_who_lost_the_right_does_not_count(self, operator, second_operator):
        crowd(mass_acts.ENDING.at_least + 1, "billing_specialist")
        version = publish(by=operator, second=second_operator, without=[CURO])
        second_operator.__class__.objects.filter(pk=second_operator.pk).update(is_active=False)
        third, fourth = make_staff("third.operator", "operator"), make_staff("fourth.operator", "operator")
        version = grid_versions.publish(version=version, by=third, now=NOW)
        assert (version.state, version.first_published_by) == (State.HALF_PUBLISHED, third)
        assert grid_versions.publish(version=version, by=fourth, now=NOW).state == State.PUBLISHED

    def test_whoever_gains_needs_no_third(self, operator, second_operator):
        crowd(mass_acts.ENDING.at_least + 1, "medical_director")
        assert publish(by=operator, second=second_operator, also=[RISK]).state == State.PUBLISHED


class TestPreview:
    def test_who_gains_and_who_loses(self, operator, django_assert_num_queries):
        """D-29: what one membership loses another may open still."""
        works_as("billing_specialist")
        loses = works_as("billing_specialist")
        works_as("front_office", grant=loses.grant)  # which opens CURO still
        works_as("medical_director")
        works_as("medical_director", suspended_at=NOW)
        works_as("user")
        version = propose(by=operator, without=[CURO], also=[RISK])
        found = grid_changes.preview(version, now=NOW)
        assert (found.losing, found.gaining, found.people) == (1, 1, 3)
        old, new = grid_changes.before(version), grid.read(version.pk)
        with django_assert_num_queries(1):
            assert len(grid_changes.losing(old, new, now=NOW)) == 1

    def test_a_market_switch_takes_from_its_market_only(self, operator):
        californian = works_as("front_office", market="CA")
        works_as("front_office", market="CO")
        version = propose(by=operator, off=[("CA", "curo")])
        losing = grid_changes.losing(grid_changes.before(version), grid.read(version.pk), now=NOW)
        assert list(losing) == [californian.grant_id]

    def test_a_version_for_nobody_touches_nobody(self, operator):
        found = grid_changes.preview(propose(by=operator, off=[("GU", "curo")]), now=NOW)
        assert found == (0, 0, 0)

    def test_it_is_compared_with_what_holds_the_moment_before(self, operator, second_operator):
        """One that was published for an earlier day has taken it already."""
        works_as("billing_specialist")
        publish(by=operator, second=second_operator, without=[CURO], effective_from=NOW + DAY)
        later = grid_versions.propose(
            boxes=grid.current(now=NOW).cells - {CURO} | {RISK},
            switches=(),
            effective_from=NOW + 2 * DAY,
            reason=REASON,
            by=operator,
            now=NOW,
        )
        assert grid_changes.preview(later, now=NOW).losing == 0

    def test_every_change_counts_as_the_function_that_decides_does(self, operator):
        """The query and `grid.allowed` are two tellings of one rule: they agree for every role and market."""
        rows = {
            (role, market): works_as(role, market=market)
            for role in ("billing_specialist", "site_admin", "front_office")
            for market in ("CA", "CO", "")
        }
        version = propose(
            by=operator,
            without=[("", "CA", "claims_site"), *[b for b in grid.current(now=NOW).cells if b[0] == "site_admin"]],
            also=[("billing_specialist", "CA", "my_agreements")],
            off=[("CO", "news_and_alerts")],
        )
        old, new = grid_changes.before(version), grid.read(version.pk)
        for step, found in (("loses", grid_changes.losing), ("gains", grid_changes.gaining)):
            expected = set()
            for pair, row in rows.items():
                had, has = grid.allowed([pair], old), grid.allowed([pair], new)
                if (had - has) if step == "loses" else (has - had):
                    expected.add(row.grant_id)
            assert set(found(old, new, now=NOW)) == expected, step


def test_those_who_lose_are_told_days_before_to_the_second(operator, second_operator):
    """grid_notice, a second before and at the moment; once, and only those who lose."""
    loses, _stays = works_as("billing_specialist"), works_as("front_office")
    version = publish(by=operator, second=second_operator, without=[CURO])
    due = version.effective_from - lifecycle.after("grid_notice")
    assert grid_notices.tell(now=due - SECOND) == 0
    assert grid_notices.tell(now=due) == 1
    assert grid_notices.tell(now=due + DAY) == 0
    mail = OutboxMessage.objects.get(kind="rbac.GridNoticeMail")
    assert mail.ids == {"account_id": loses.grant.account_id, "grant": loses.grant_id, "version": version.pk}


def test_a_version_that_comes_sooner_is_told_of_at_once(operator, second_operator):
    works_as("billing_specialist")
    publish(by=operator, second=second_operator, without=[CURO], effective_from=NOW + DAY)
    assert grid_notices.tell(now=NOW) == 1


def test_the_mail_says_what_is_lost_and_on_which_day(operator, second_operator, inbox):
    works_as("billing_specialist")
    publish(by=operator, second=second_operator, without=[CURO], effective_from=NOW + DAY)
    OutboxMessage.objects.all().delete()
    grid_notices.tell(now=NOW)
    with time_machine.travel(NOW, tick=False):
        outbox.drain(now=NOW)
    mail = inbox.newest("mail")
    assert "CURO" in mail.text
    assert "DataCORE" not in mail.text
    assert "November 21, 2026" in mail.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_of_two_publishers_at_once_one_wins():
    """Two others press in the same moment; the row is published once, by one of them."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no row locks")
    first, *others = (make_staff(f"operator.{name}", "operator") for name in ("one", "two", "three"))
    version = propose(by=first, without=[CURO])
    gate, outcomes = threading.Barrier(2), []

    def press(by):
        gate.wait()
        try:
            grid_versions.publish(version=version, by=by, now=NOW)
            outcomes.append(by.pk)
        except NotPossible:
            outcomes.append(None)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in outcomes if one]) == 1
    assert None in outcomes
    published = GridVersion.objects.get(pk=version.pk)
    assert published.published_by_id in outcomes
    assert JournalEntry.objects.filter(kind="rbac.GridPublished").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_of_two_proposals_at_once_one_stands():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    both = [make_staff(f"operator.{name}", "operator") for name in ("one", "two")]
    gate, outcomes = threading.Barrier(2), []

    def press(by):
        gate.wait()
        try:
            propose(by=by, without=[CURO])
            outcomes.append("proposed")
        except grid_versions.ProposedAlready:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(one,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["proposed", "refused"]


def test_whoever_has_no_right_of_staff_sees_nothing(operator):
    assert not grid_versions.may_change(AccountFactory())
    assert grid_versions.may_change(operator)
