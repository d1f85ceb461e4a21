"""Runs of the sweep: what one may touch, two people who release it, undoing, kills, clocks (policy: mass acts)."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from identity.jobs.by_two import MayNotRelease
from identity.models import Account, JournalEntry, OutboxMessage
from identity.policy import lifecycle
from identity.record import journal, machine
from portals import registry
from rbac.domain import sweeps
from rbac.models import AccessGrant, SweepRun
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory
from tests.steps.idleness import DAY, SECOND, again, idle, sweep
from tests.steps.sweeps import crowd, resting
from tests.together import together

pytestmark = pytest.mark.django_db
State = SweepRun.State
AFTER_THE_UNDO = lifecycle.after("sweep_undo")


@pytest.fixture
def second(db) -> Account:
    return make_staff("other.operator", "operator")


@pytest.fixture
def frozen(operator, second) -> SweepRun:
    crowd(51)
    return sweep()


def test_a_run_may_touch_two_percent_or_fifty():
    """policy, mass acts: whichever is more."""
    assert [sweeps.most_allowed(active) for active in (0, 100, 2_500, 2_549, 2_550, 1_000_000)] == [
        50, 50, 50, 50, 51, 20_000,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("due", "warned", "state", "rest"),
    [(50, 0, "done", 50), (51, 0, "frozen", 0), (30, 21, "frozen", 0), (30, 20, "done", 30)],
)
def test_fifty_are_touched_and_fifty_one_are_not(due, warned, state, rest):
    """policy, mass acts: a run that would touch more touches nobody; a warning counts as a touch."""
    crowd(due)
    crowd(warned, days=60)
    run = sweep()
    assert (run.state, resting(), run.suspended) == (state, rest, rest)
    assert AccessGrant.objects.exclude(warned_days=None).count() == (warned if state == "done" else 0)


def test_two_percent_of_many_are_touched():
    crowd(55)
    crowd(55 * 50 - 55, days=0)
    assert sweep().suspended == 55


def test_a_stopped_run_alerts_every_operator(frozen, operator, second, agent, inbox):
    """policy, mass acts: it freezes and alerts."""
    mails = inbox.all()
    assert {mail.to for mail in mails} == {operator.email, second.email}
    assert mails[0].subject == "Idle accounts: a run was stopped and waits for two of you"
    assert "would warn 0 and switch off 51 of 51 active memberships" in mails[0].text
    assert mails[0].link == f"/admin/rbac/sweeprun/{frozen.pk}/change/"
    assert journal.history(of=frozen).get().kind == "rbac.SweepFrozen"


def test_two_people_release_a_run(frozen, operator, second, inbox):
    """policy, mass acts: it needs two people."""
    sweeps.MACHINE.release(frozen, by=operator, now=NOW)
    assert sweep() is None
    assert resting() == 0
    assert inbox.newest("mail").to == second.email, "the colleague is told"
    sweeps.MACHINE.release(frozen, by=second, now=NOW + DAY)
    list(sweeps.go_on(clock=lambda: NOW + DAY))
    frozen.refresh_from_db()
    assert (frozen.state, frozen.suspended, resting()) == (State.DONE, 51, 51)
    assert (frozen.first_released_by, frozen.released_by) == (operator, second)
    assert [(entry.kind, entry.by) for entry in reversed(journal.history(of=frozen))] == [
        ("rbac.SweepFrozen", None), ("rbac.SweepHalfReleased", operator), ("rbac.SweepBegun", second),
        ("rbac.SweepDone", None),
    ]  # fmt: skip


def test_the_same_person_twice_is_refused(frozen, operator):
    sweeps.MACHINE.release(frozen, by=operator, now=NOW)
    with pytest.raises(machine.SamePerson):
        sweeps.MACHINE.release(frozen, by=operator, now=NOW)
    assert SweepRun.objects.get().state == State.HALF_RELEASED


def test_somebody_who_lost_the_right_is_refused(frozen, operator):
    """Asked of the database, not of what the session knew."""
    stale = Account.objects.get(pk=operator.pk)
    assert sweeps.MACHINE.may(stale)
    Account.objects.filter(pk=operator.pk).update(is_superuser=False)
    operator.groups.clear()
    for act in (
        lambda: sweeps.MACHINE.release(frozen, by=stale, now=NOW),
        lambda: sweeps.MACHINE.discard(frozen, by=stale, reason="x", now=NOW),
        lambda: sweeps.undo(run=frozen, by=stale, reason="x", now=NOW),
    ):
        with pytest.raises(MayNotRelease):
            act()


def test_the_release_of_somebody_who_lost_the_right_since_does_not_count(frozen, operator, second):
    sweeps.MACHINE.release(frozen, by=operator, now=NOW)
    Account.objects.filter(pk=operator.pk).update(is_active=False)
    run = sweeps.MACHINE.release(SweepRun.objects.get(), by=second, now=NOW)
    assert (run.state, run.first_released_by) == (State.HALF_RELEASED, second)
    with pytest.raises(machine.SamePerson):
        sweeps.MACHINE.release(run, by=second, now=NOW)


def test_the_right_can_be_given_without_being_a_superuser(frozen, agent):
    with pytest.raises(MayNotRelease):
        sweeps.MACHINE.release(frozen, by=agent, now=NOW)
    agent.user_permissions.add(Permission.objects.get(codename="run_sweeps"))
    assert sweeps.MACHINE.release(frozen, by=agent, now=NOW).state == State.HALF_RELEASED


def test_what_is_released_is_what_was_shown(frozen, operator, second):
    """Whoever became idle after the plan waits for the next run; whoever came back is left alone."""
    back = AccessGrant.objects.first()
    AccessGrant.objects.filter(pk=back.pk).update(last_used_at=NOW)
    later = idle(89)
    for by in (operator, second):
        sweeps.MACHINE.release(SweepRun.objects.get(), by=by, now=NOW + DAY)
    list(sweeps.go_on(clock=lambda: NOW + DAY))
    assert resting() == 50
    assert not {back.pk, later.pk} & set(AccessGrant.objects.resting().values_list("pk", flat=True))


def test_a_run_never_touches_more_than_its_plan(monkeypatch):
    """Grants that were made idle behind its back, by an import, change nothing of the limit."""
    crowd(40)
    run = sweeps.start(periods=registry.idle_periods(), now=NOW)
    crowd(100)
    list(sweeps.go_on(clock=lambda: NOW))
    run.refresh_from_db()
    assert (run.suspended, resting()) == (40, 40)


def test_a_stopped_run_is_planned_anew_until_somebody_releases_it(frozen):
    """The clock was wrong, or people came back: the next run begins by itself."""
    AccessGrant.objects.filter(pk__in=AccessGrant.objects.values("pk")[:5]).update(last_used_at=NOW)
    run = sweep(NOW + SECOND)
    assert (run.state, run.suspended) == (State.DONE, 46)
    frozen.refresh_from_db()
    assert frozen.state == State.DISCARDED
    assert journal.history(of=frozen)[0].facts == {"reason": "planned anew"}


def test_discarding_and_undoing_need_a_reason(frozen, operator):
    with pytest.raises(machine.ReasonMissing):
        sweeps.MACHINE.discard(frozen, by=operator, reason="  ", now=NOW)
    with pytest.raises(machine.ReasonMissing):
        sweeps.undo(run=frozen, by=operator, reason="  ", now=NOW)
    assert sweeps.MACHINE.discard(frozen, by=operator, reason="wrong clock", now=NOW).state == State.DISCARDED
    with pytest.raises(machine.NotPossible):
        sweeps.MACHINE.release(frozen, by=operator, now=NOW)


def test_everything_a_run_did_can_be_undone_for_thirty_days(operator, inbox):
    """policy, mass acts; lifecycle, sweep_undo: a second before, and at the moment."""
    ours, other = idle(), idle(portal_key="physician")
    run = sweep()
    ended = idle()
    sweep(NOW + SECOND)
    assert not sweeps.can_undo(run, now=NOW + AFTER_THE_UNDO)
    with pytest.raises(sweeps.TooLate):
        sweeps.undo(run=run, by=operator, reason="x", now=NOW + AFTER_THE_UNDO)
    at = NOW + AFTER_THE_UNDO - SECOND
    sweeps.undo(run=run, by=operator, reason="wrong clock", now=at)
    list(sweeps.go_on(clock=lambda: at))
    run.refresh_from_db()
    assert (run.state, run.restored, run.undone_by) == (State.UNDONE, 2, operator)
    assert [again(grant).suspended_at is None for grant in (ours, other, ended)] == [True, True, False]
    assert journal.history(of=ours)[0].facts == {"portal_key": "claims", "reason": "sweep undone"}
    assert journal.history(of=ours)[0].by == operator
    assert journal.history(of=run)[1].facts == {"reason": "wrong clock"}
    assert [mail.subject for mail in inbox.all() if mail.to == ours.account.email] == [
        "Your access to Claims Online Portal is back"
    ]
    assert sweep(at).suspended == 0, "their clock began anew"


def test_undoing_leaves_alone_who_came_back_or_whose_access_ended(operator, agent):
    from rbac.domain import grants, idleness

    back, ended, rests = idle(), idle(), idle()
    run = sweep()
    idleness.give_back(grant=again(back), by=agent, now=NOW)
    grants.end(account=ended.account, portal_key="claims", reason="x", by=agent, now=NOW)
    sweeps.undo(run=run, by=operator, reason="x", now=NOW + DAY)
    list(sweeps.go_on(clock=lambda: NOW + DAY))
    assert again(back).restored_at == NOW
    assert again(ended).until == NOW
    assert again(rests).restored_at == NOW + DAY


def test_a_kill_in_the_middle_loses_nothing_and_does_nothing_twice(operator, monkeypatch):
    """Each chunk is a transaction of its own; the next worker goes on, in the sweep and in the undoing."""
    monkeypatch.setattr(sweeps, "CHUNK", 4)
    crowd(10)
    crowd(5, days=60)
    run = sweeps.start(periods=registry.idle_periods(), now=NOW)
    killed = sweeps.go_on(clock=lambda: NOW)
    assert next(killed) == 4
    killed.close()
    run.refresh_from_db()
    assert (run.state, run.suspended, resting()) == (State.RUNNING, 4, 4)
    assert sum(sweeps.go_on(clock=lambda: NOW + DAY)) == 11
    run.refresh_from_db()
    assert (run.state, run.suspended, run.warned) == (State.DONE, 10, 5)
    assert JournalEntry.objects.filter(kind="rbac.AccessSuspended").count() == 10
    assert OutboxMessage.objects.filter(kind="rbac.AccessSuspendedMail").count() == 10
    sweeps.undo(run=run, by=operator, reason="x", now=NOW + DAY)
    killed = sweeps.go_on(clock=lambda: NOW + DAY)
    assert next(killed) == 4
    killed.close()
    assert sum(sweeps.go_on(clock=lambda: NOW + DAY)) == 6
    assert (resting(), JournalEntry.objects.filter(kind="rbac.AccessRestored").count()) == (0, 10)


def test_a_chunk_that_fails_leaves_nothing_behind(monkeypatch):
    """Grant, journal entry and mail: all of a chunk or nothing."""
    from rbac.domain import bulk

    crowd(3)
    sweeps.start(periods=registry.idle_periods(), now=NOW)
    real = bulk.do
    with monkeypatch.context() as patched:
        patched.setattr(bulk, "do", lambda *a, **k: (real(*a, **k), 1 / 0))
        with pytest.raises(ZeroDivisionError):
            list(sweeps.go_on(clock=lambda: NOW))
    assert (resting(), OutboxMessage.objects.count()) == (0, 0)
    list(sweeps.go_on(clock=lambda: NOW))
    assert resting() == 3


def test_an_undo_stops_a_run_that_is_under_way(operator, monkeypatch):
    monkeypatch.setattr(sweeps, "CHUNK", 4)
    crowd(10)
    run = sweeps.start(periods=registry.idle_periods(), now=NOW)
    working = sweeps.go_on(clock=lambda: NOW)
    next(working)
    sweeps.undo(run=run, by=operator, reason="stop", now=NOW)
    assert list(working) == [], "the worker notices"
    assert resting() == 4
    list(sweeps.go_on(clock=lambda: NOW))
    run.refresh_from_db()
    assert (run.state, resting()) == (State.UNDONE, 0)


def test_ten_years_ahead_nothing_is_touched(operator, second):
    """A wrong clock: the limit holds, and the right clock's run begins by itself."""
    crowd(60, days=1)
    stopped = sweep(NOW + 3650 * DAY)
    assert (stopped.state, stopped.to_suspend, resting()) == (State.FROZEN, 60, 0)
    assert sweep(NOW).state == State.DONE
    assert resting() == 0


def test_ten_years_ahead_and_released_by_two_hits_nobody_once_the_clock_is_right(operator, second):
    """A run looks no further than the clock of the moment."""
    crowd(60, days=1)
    run = sweep(NOW + 3650 * DAY)
    for by in (operator, second):
        run = sweeps.MACHINE.release(run, by=by, now=NOW)
    list(sweeps.go_on(clock=lambda: NOW))
    run.refresh_from_db()
    assert (run.state, resting()) == (State.DONE, 0)


@pytest.mark.parametrize("state", State)
def test_no_step_leads_where_the_table_does_not(state, operator, second):
    """Every step from every state: it is in the table, or refused."""
    AccountFactory()
    run = SweepRun.objects.create(
        as_of=NOW, periods={}, state=state, state_since=NOW, began_at=NOW, active=0, allowed=50, to_warn=0, to_suspend=0,
        first_released_by=second if state == State.HALF_RELEASED else None,
    )  # fmt: skip
    steps = {
        "release": lambda: sweeps.MACHINE.release(run, by=operator, now=NOW),
        "discard": lambda: sweeps.MACHINE.discard(run, by=operator, reason="x", now=NOW),
        "undo": lambda: sweeps.undo(run=run, by=operator, reason="x", now=NOW),
    }
    leads = {"release": {State.HALF_RELEASED, State.RUNNING}, "discard": {State.DISCARDED}, "undo": {State.UNDOING}}
    for name, step in steps.items():
        SweepRun.objects.filter(pk=run.pk).update(state=state)
        run.refresh_from_db()
        if leads[name] & sweeps.MACHINE.transitions[state]:
            assert step().state in sweeps.MACHINE.transitions[state]
        else:
            with pytest.raises(machine.NotPossible):
                step()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_moment_do_nothing_twice(monkeypatch):
    """house: parallel work on PostgreSQL. Four workers, one run."""
    monkeypatch.setattr(sweeps, "CHUNK", 5)
    crowd(50)
    run = sweeps.start(periods=registry.idle_periods(), now=NOW)
    changed = together(lambda: sum(sweeps.go_on(clock=lambda: NOW)), threads=4)
    run.refresh_from_db()
    assert (sum(changed), run.suspended, run.state) == (50, 50, State.DONE)
    assert JournalEntry.objects.filter(kind="rbac.AccessSuspended").count() == 50
    assert JournalEntry.objects.filter(kind="rbac.SweepDone").count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
def test_two_people_at_the_same_moment_are_the_first_and_nobody(operator, second):
    """Of two who press at once one wins; the other is told and presses again."""
    crowd(51)
    run = sweep()
    people = [operator, second, operator, second]

    def press():
        try:
            return sweeps.MACHINE.release(SweepRun.objects.get(pk=run.pk), by=people.pop(), now=NOW).state
        except (machine.NotPossible, machine.SamePerson) as refused:
            return type(refused).__name__

    together(press, threads=4)
    run.refresh_from_db()
    kinds = list(JournalEntry.objects.filter(object_kind="rbac.sweeprun").order_by("pk").values_list("kind", "by"))
    assert kinds[0] == ("rbac.SweepFrozen", None)
    assert [kind for kind, _by in kinds[1:]] in (
        ["rbac.SweepHalfReleased"], ["rbac.SweepHalfReleased", "rbac.SweepBegun"],
    )  # fmt: skip
    assert len({by for _kind, by in kinds[1:]}) == len(kinds) - 1, "two different people"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
def test_a_use_at_the_same_moment_wins_over_the_sweep():
    """SKIP LOCKED: a row that is being used is left alone, and nobody waits."""
    from django.db import transaction

    from rbac.domain import grants

    grant, other = idle(), idle()
    sweeps.start(periods=registry.idle_periods(), now=NOW)
    with transaction.atomic():
        grants.note_use(grant=grant, now=NOW)
        assert together(lambda: sum(sweeps.go_on(clock=lambda: NOW)), threads=1) == [1]
    assert again(grant).suspended_at is None
    assert again(other).suspended_at == NOW


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
def test_two_schedulers_begin_one_run():
    crowd(3)
    begun = together(lambda: sweeps.start(periods=registry.idle_periods(), now=NOW), threads=4)
    assert sum(run is not None for run in begun) == 1
    assert SweepRun.objects.count() == 1
