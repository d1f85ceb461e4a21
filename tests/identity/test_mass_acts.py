"""Jobs that end, expire or prune touch few rows, and act on no clock that jumped (attack H6; policy: mass acts)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction

from identity.governance import retention
from identity.jobs import clock, mass_acts
from identity.jobs.by_two import MayNotRelease
from identity.models import ClockMark, JournalEntry, MassAct, OutboxMessage, SecurityAnswer
from identity.policy.lifecycle import over_before
from identity.record import machine
from tests.factories import NOW, people
from tests.pressing import asked, press
from tests.sources import ROOT, SOURCES
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
State = MassAct.State
DAY = timedelta(days=1)


def entries(count: int, *, at: datetime) -> None:
    JournalEntry.objects.bulk_create(JournalEntry(at=at, kind="identity.SignedIn") for _ in range(count))


def admit(*, due: int, active: int, now=NOW, kind="a job", limit=mass_acts.ENDING):
    return mass_acts.admit(kind=kind, due=lambda _moment: due, active=lambda: active, limit=limit, now=now)


@pytest.mark.parametrize(
    ("limit", "active", "most"),
    [
        (mass_acts.ENDING, 10, 50), (mass_acts.ENDING, 2_500, 50), (mass_acts.ENDING, 5_000, 100),
        (mass_acts.PRUNING, 9_000, 1_000), (mass_acts.PRUNING, 20_000, 2_000),
    ],
)  # fmt: skip
def test_what_a_run_may_touch_by_itself(limit, active, most):
    """policy, mass acts: 2 % or 50; pruning 10 % or 1,000; one more is stopped."""
    assert admit(due=most, active=active, limit=limit) == NOW
    assert admit(due=most + 1, active=active, limit=limit) is None
    act = MassAct.objects.get()
    assert (act.state, act.counted, act.active, act.allowed) == (State.FROZEN, most + 1, active, most)


def test_two_operators_release_it_and_it_happens_once(operator, second_operator):
    """policy, mass acts: what happens is what was looked at."""
    admit(due=60, active=100)
    act = MassAct.objects.get()
    assert {row.ids["account_id"] for row in OutboxMessage.objects.filter(kind="identity.MassActWaitsMail")} == {
        operator.pk, second_operator.pk,
    }  # fmt: skip
    mass_acts.MACHINE.release(act, by=operator, now=NOW)
    with pytest.raises(machine.SamePerson):
        mass_acts.MACHINE.release(act, by=operator, now=NOW)
    assert admit(due=60, active=100, now=NOW + DAY) is None
    mass_acts.MACHINE.release(act, by=second_operator, now=NOW)
    assert admit(due=61, active=100, now=NOW + DAY) == NOW
    assert admit(due=61, active=100, now=NOW + DAY) is None
    assert [one.state for one in MassAct.objects.order_by("pk")] == [State.DONE, State.FROZEN]


def test_a_released_act_of_a_clock_ahead_hits_nobody_once_it_is_right(operator, second_operator):
    ahead = NOW + 3650 * DAY
    admit(due=60, active=100, now=ahead)
    for by in (operator, second_operator):
        mass_acts.MACHINE.release(MassAct.objects.get(), by=by, now=ahead)
    assert admit(due=0, active=100, now=NOW) == NOW


def test_a_stopped_act_that_is_small_again_is_discarded():
    admit(due=60, active=100)
    assert admit(due=3, active=100, now=NOW + DAY) == NOW + DAY
    assert MassAct.objects.get().state == State.DISCARDED


def test_nobody_without_the_right_releases(operator, agent):
    admit(due=60, active=100)
    with pytest.raises(MayNotRelease):
        mass_acts.MACHINE.release(MassAct.objects.get(), by=agent, now=NOW)
    agent.user_permissions.add(Permission.objects.get(codename="release_mass_acts"))
    mass_acts.MACHINE.release(MassAct.objects.get(), by=agent, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():  # the database keeps it too
        MassAct.objects.update(released_by=agent)


def test_numbers_that_somebody_decides_on_are_grouped(operator):
    """ "Look at the numbers first": 1234567 and 123456 look alike."""
    admit(due=1_234_567, active=20_000_000)
    browser = signed_in(operator, verified=True)
    page = browser.get(f"/admin/identity/massact/{MassAct.objects.get().pk}/change/").content.decode()
    assert all(number in page for number in ("<dd>1,234,567</dd>", "<dd>20,000,000</dd>", "<dd>400,000</dd>"))
    listed = browser.get("/admin/identity/massact/").content.decode()
    assert "1,234,567<" in listed
    assert "400,000<" in listed


def test_two_operators_release_it_in_the_admin_site(operator, second_operator):
    admit(due=60, active=100)
    act = MassAct.objects.get()
    page = f"/admin/identity/massact/{act.pk}/change/"
    first, second = (signed_in(one, verified=True) for one in (operator, second_operator))
    assert "60" in first.get(page).content.decode()
    assert "stopped: two people" in first.get("/admin/identity/massact/").content.decode()
    before = first.post(page, {"step": "release"}).content.decode()
    assert "touches 60 of 100 rows. What it deletes does not come back." in before, "C17: it says so first"
    assert "You are the first of two: nothing happens before" in before
    act.refresh_from_db()
    assert act.state == State.FROZEN
    press(first, page, {"step": "release"})
    assert "A second person has to do so as well" in first.get(page).content.decode()
    before = second.post(page, {"step": "release"}).content.decode()
    assert "You are the second of two" in before
    answer = press(second, page, {"step": "release"}, follow=True)
    assert "Released by two" in answer.content.decode()
    assert "Stopped job released by two" in answer.content.decode()
    act.refresh_from_db()
    assert act.state == State.RELEASED


def test_a_stopped_job_is_named_in_the_readers_language(operator):
    """Its kind is stored in English; operators read what the job does."""
    admit(due=60, active=100, kind="prune journal")
    browser = signed_in(operator, verified=True)
    for path in ("", f"{MassAct.objects.get().pk}/change/"):
        page = browser.get(f"/admin/identity/massact/{path}", headers={"accept-language": "es"}).content.decode()
        assert "depurar el registro de actividad" in page
        assert "detenido: dos personas deben liberarlo" in page
        assert "prune journal" not in page


def test_discarding_needs_a_reason(operator):
    admit(due=60, active=100)
    page = f"/admin/identity/massact/{MassAct.objects.get().pk}/change/"
    browser = signed_in(operator, verified=True)
    assert press(browser, page, {"step": "discard"}, reason=" ").status_code == 422
    press(browser, page, {"step": "discard"}, reason="the clock is wrong")
    assert MassAct.objects.get().state == State.DISCARDED
    assert browser.get("/admin/identity/massact/%C2%B2/change/").status_code == 404


def test_what_changed_since_it_was_read_is_not_done(operator):
    """C17: a press does what its page said; the job has found more rows meanwhile."""
    admit(due=60, active=100)
    act = MassAct.objects.get()
    page, browser = f"/admin/identity/massact/{act.pk}/change/", signed_in(operator, verified=True)
    read = asked(browser.post(page, {"step": "release"}))
    MassAct.objects.update(counted=6_000)
    answer = browser.post(page, read)
    assert answer.status_code == 422
    assert "What this does has changed meanwhile. Look at it once more" in answer.content.decode()
    assert "touches 6000 of 100 rows" in answer.content.decode().replace(",", "")
    assert MassAct.objects.get().state == State.FROZEN
    browser.post(page, asked(answer))
    assert MassAct.objects.get().state == State.HALF_RELEASED


def test_agents_do_not_see_the_page(agent):
    assert signed_in(agent, verified=True).get("/admin/identity/massact/").status_code in (403, 404)


def test_pruning_stops_at_its_limit():
    """policy, mass acts: 1,001 old rows wait, 1,000 go; other kinds go on."""
    entries(1_001, at=NOW - 3000 * DAY)
    entries(20, at=NOW)
    assert retention.prune(now=NOW)["prune journal"] == 0
    JournalEntry.objects.filter(pk=JournalEntry.objects.first().pk).delete()
    assert retention.prune(now=NOW)["prune journal"] == 1_000


def test_a_realm_that_asks_no_questions_any_more_loses_no_thousand_answers_by_itself(settings):
    """policy, security questions (nist): answers are deleted; who changed the profile by mistake gets them back."""
    SecurityAnswer.objects.bulk_create(
        SecurityAnswer(account=one, question="first_pet", answer="x", chosen_at=NOW) for one in people(1_001)
    )
    settings.REALM_PROFILES = dict.fromkeys(settings.REALM_PROFILES, "nist")
    assert retention.prune(now=NOW)["prune answers"] == 0
    assert MassAct.objects.get().kind == "prune answers"
    SecurityAnswer.objects.filter(pk=SecurityAnswer.objects.first().pk).delete()
    assert retention.prune(now=NOW)["prune answers"] == 1_000


@pytest.mark.parametrize(
    ("now", "cut"),
    [
        (datetime(2032, 3, 31, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
        (datetime(2032, 2, 29, 12, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
        (datetime(2032, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime(2031, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC)),
    ],
)
def test_the_journal_is_kept_six_calendar_years_and_goes_by_the_month(now, cut):
    """policy, journal: six calendar years, not 2,190 days; the moment itself is kept."""
    assert over_before("journal", now=now) == cut
    entries(1, at=cut - timedelta(seconds=1))
    entries(1, at=cut)
    retention.prune(now=now)
    assert [entry.at for entry in JournalEntry.objects.all()] == [cut]


class TestClock:
    """attack H6: no job acts on a clock that nobody else agrees with."""

    def test_a_day_is_no_jump_and_a_second_more_is_one(self):
        assert clock.is_trusted(now=NOW)
        assert clock.is_trusted(now=NOW + DAY)
        assert not clock.is_trusted(now=NOW + 2 * DAY + timedelta(seconds=1))
        assert not clock.is_trusted(now=NOW - timedelta(seconds=1))

    def test_a_jump_is_told_once_and_ends_when_the_clock_is_right_again(self, operator):
        clock.is_trusted(now=NOW)
        for minute in range(3):
            assert not clock.is_trusted(now=NOW + 3650 * DAY + timedelta(minutes=minute))
        assert OutboxMessage.objects.filter(kind="identity.MassActWaitsMail").count() == 1
        assert clock.is_trusted(now=NOW + timedelta(minutes=5))
        assert MassAct.objects.get().state == State.DISCARDED

    def test_two_people_say_that_the_clock_is_right(self, operator, second_operator):
        clock.is_trusted(now=NOW)
        later = NOW + 30 * DAY  # the server was off
        assert not clock.is_trusted(now=later)
        for by in (operator, second_operator):
            assert not clock.is_trusted(now=later)
            mass_acts.MACHINE.release(MassAct.objects.get(), by=by, now=later)
        assert clock.is_trusted(now=later + timedelta(minutes=1))
        assert clock.is_trusted(now=later + timedelta(minutes=2))
        assert ClockMark.objects.count() == 1

    def test_the_demo_believes_its_clock_and_a_jump_that_waits_is_over(self, operator):
        """A demo that was off, or whose machine was a month ahead: its next start goes on."""
        clock.is_trusted(now=NOW + 30 * DAY)
        assert not clock.is_trusted(now=NOW)
        clock.believe(now=NOW)
        assert MassAct.objects.get().state == State.DISCARDED
        assert clock.is_trusted(now=NOW)
        assert not clock.is_trusted(now=NOW + 3 * DAY), "it guards again"

    def test_nobody_but_the_demo_believes_a_clock(self):
        calls = [path for path in SOURCES if "clock.believe(" in path.read_text()]
        assert [path.relative_to(ROOT).as_posix() for path in calls] == ["config/demo/worker.py"]

    def test_before_the_first_mark_the_newest_event_counts(self):
        entries(1, at=NOW)
        assert not clock.is_trusted(now=NOW + 3650 * DAY)
