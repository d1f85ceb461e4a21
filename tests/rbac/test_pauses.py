"""Rests that are over are kept, whatever ends them: a press, a sweep that is undone, two IDs that part again (D-29)."""

from datetime import timedelta

import pytest

from identity.merging import merges
from rbac.domain import memberships, pauses, sweeps
from rbac.models import Membership, Pause
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory
from tests.rbac.test_merged_memberships import merged
from tests.steps.grid import works_as
from tests.steps.idleness import idle, sweep

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def counted(row: Membership, at) -> bool:
    return pauses.counted_at(at).filter(pk=row.pk).exists()


def test_a_rest_is_from_its_first_second_to_the_one_before_its_end():
    row = works_as("front_office")
    memberships.suspend(membership=row, by=None, now=NOW + DAY)
    memberships.restore(membership=row, by=None, now=NOW + 3 * DAY)
    edges = [NOW + DAY - SECOND, NOW + DAY, NOW + 3 * DAY - SECOND, NOW + 3 * DAY]
    assert [counted(row, at) for at in edges] == [True, False, False, True]


def test_a_row_that_ends_while_it_rests_rested_to_its_end():
    row = works_as("front_office")
    memberships.suspend(membership=row, by=None, now=NOW + DAY)
    memberships.end(membership=row, by=None, now=NOW + 2 * DAY)
    assert [counted(row, NOW), counted(row, NOW + DAY), counted(row, NOW + 3 * DAY)] == [True, False, False]


def test_a_role_that_changes_while_it_rests_rests_on():
    row = works_as("front_office")
    memberships.suspend(membership=row, by=None, now=NOW + DAY)
    after = memberships.change_role(membership=row, role="site_admin", by=None, now=NOW + 2 * DAY)
    memberships.restore(membership=after, by=None, now=NOW + 4 * DAY)
    assert [counted(after, NOW + 3 * DAY), counted(after, NOW + 4 * DAY)] == [False, True]
    assert not counted(row, NOW + DAY)


def test_what_a_sweep_let_rest_and_was_undone_is_kept_of_each(operator):
    grants = [idle() for _ in range(3)]
    rows = [works_as("front_office", grant=grant, since=grant.since) for grant in grants]
    run = sweep()
    assert not any(counted(row, NOW) for row in rows)
    sweeps.undo(run=run, by=operator, reason="wrong clock", now=NOW + DAY)
    for _changed in sweeps.go_on(clock=lambda: NOW + DAY):
        pass
    assert {pause.grant_id for pause in Pause.objects.all()} == {grant.pk for grant in grants}
    for row in rows:
        assert [counted(row, NOW - SECOND), counted(row, NOW), counted(row, NOW + DAY)] == [True, False, True]


def test_what_a_merge_let_rest_is_kept_when_the_ids_part_again():
    """D-09, D-17."""
    own, other = AccountFactory(), AccountFactory()
    GrantFactory(account=own)
    theirs = GrantFactory(account=other, suspended_at=NOW - DAY, since=NOW - 9 * DAY)
    row = MembershipFactory(grant=theirs, since=NOW - 9 * DAY)
    merge = merged(own, other, grant=own)
    row.refresh_from_db()
    assert row.suspended_at == NOW - DAY
    merges.undo(merge=merge, by=own, now=NOW + DAY)
    row.refresh_from_db()
    assert row.suspended_at is None
    [pause] = Pause.objects.filter(membership=row)
    assert (pause.since, pause.until) == (NOW - DAY, NOW + DAY)


def test_the_days_after_a_last_day_that_was_moved_did_not_count():
    row = works_as("front_office", ends_on=NOW.date())
    later = NOW + 5 * DAY
    memberships.modify(membership=row, details={"ends_on": None}, by=None, now=later)
    assert [counted(row, NOW), counted(row, NOW + 2 * DAY), counted(row, later)] == [True, False, True]
