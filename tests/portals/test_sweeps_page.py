"""The operators' page on idle access, the daily job and the command (S3-19, policy: mass acts)."""

import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from django.utils.formats import date_format

from config.schedule import SCHEDULE
from portals import registry, tasks
from rbac import tasks as rbac_tasks
from rbac.domain import forecast, sweeps
from rbac.models import AccessGrant, SweepRun
from tests.conftest import make_staff
from tests.factories import GrantFactory
from tests.pressing import asked, press
from tests.steps.idleness import DAY, sweep
from tests.steps.sign_in import signed_in
from tests.steps.sweeps import crowd, resting

pytestmark = pytest.mark.django_db
PAGE = "/admin/rbac/sweeprun/"


def idle_now(days=90, **given) -> AccessGrant:
    return GrantFactory(since=timezone.now() - DAY * days, **given)


def page_of(run: SweepRun) -> str:
    return f"{PAGE}{run.pk}/change/"


@pytest.fixture
def browser(operator):
    return signed_in(operator, verified=True)


def test_the_page_shows_what_will_happen_as_a_plot_and_as_a_table(browser):
    """Operators see per portal and day how many are warned and switched off; the plot has a title and a table."""
    idle_now(90), idle_now(80.5), idle_now(20, portal_key="physician")
    page = browser.get(PAGE).content.decode()
    assert "Due now: 1 to warn and 1 to switch off, of 3 active memberships." in page
    assert page.count('<svg class="plot__chart"') == 1, "Physician has nothing to tell within 30 days"
    assert page.count("Nothing: everybody uses it, or nobody has it.") == len(registry.idle_periods()) - 1
    assert re.search(r'<svg[^>]* role="img" aria-labelledby="title-claims"', page)
    assert '<title id="title-claims">Claims Online Portal: people warned' in page
    assert 'class="plot__suspended"' in page
    assert "<span>2</span><span>1</span><span>0</span>" in page, "numbers stand at the axis (walk D9)"
    assert f"<span>{date_format(timezone.localdate(), 'MONTH_DAY_FORMAT')}</span>" in page, "so do the days"
    assert " style=" not in page
    assert "<script>" not in page
    assert "None yet. The first is planned tonight." in page


def test_the_forecast_counts_each_warning_and_each_rest_on_its_day():
    now = datetime(2026, 7, 1, 19, tzinfo=UTC)  # no change of the clocks near: 70 days are 70 dates
    GrantFactory(since=now - 70 * DAY)
    GrantFactory(since=now - 70 * DAY, warned_days=30)
    GrantFactory(since=now - 200 * DAY)
    claims = next(one for one in forecast.make(periods=registry.idle_periods(), now=now) if one.portal_key == "claims")
    ahead = {(day - claims.days[0]).days: (warned, rests) for day, warned, rests in claims.rows() if warned or rests}
    assert ahead == {0: (1, 1), 5: (2, 0), 10: (2, 0), 17: (2, 0), 19: (2, 0), 20: (0, 2)}


@pytest.mark.parametrize(
    ("changed", "ends", "rests", "warned"),
    [
        # Begun at 00:30 in summer time, 90 days of 24 hours end at 23:30 in winter time, a date earlier.
        ("autumn", datetime(2027, 1, 13, 7, 30, tzinfo=UTC), date(2027, 1, 12), date(2026, 12, 28)),
        # Begun at 23:30 in winter time, they end at 00:30 in summer time; the warning lies before the change.
        ("spring", datetime(2027, 3, 20, 7, 30, tzinfo=UTC), date(2027, 3, 20), date(2027, 3, 4)),
        ("no change", datetime(2026, 7, 20, 7, 30, tzinfo=UTC), date(2026, 7, 20), date(2026, 7, 5)),
    ],
)
def test_the_forecast_names_the_date_on_which_a_period_of_whole_days_ends(changed, ends, rests, warned):
    """S3-19: a period is a number of days of 24 hours; a change of the clocks moves its end to another date."""
    GrantFactory(since=ends - 90 * DAY, warned_days=30)
    claims = forecast.make(periods={"claims": 90 * DAY}, now=ends - 20 * DAY)[0]
    days = [(day, warnings, ended) for day, warnings, ended in claims.rows() if warnings or ended]
    assert days[0] == (warned, 1, 0)
    assert days[-1] == (rests, 0, 1)


def test_the_forecast_counts_the_whole_of_its_last_day():
    """Whoever is warned in the evening of the last day counts, whatever the time of day the page is read."""
    now = datetime(2026, 7, 1, 19, tzinfo=UTC)
    for hours in (-11, 11):
        GrantFactory(since=now - 30 * DAY + timedelta(hours=hours))
    claims = forecast.make(periods={"claims": 90 * DAY}, now=now)[0]
    assert claims.rows()[-1][1:] == (2, 0)


def test_the_forecast_is_one_query_a_portal(django_assert_num_queries):
    for days in (10, 40, 70, 90):
        idle_now(days)
    with django_assert_num_queries(len(registry.idle_periods())):
        forecast.make(periods=registry.idle_periods(), now=timezone.now())


def test_the_page_keeps_its_query_budget(browser, django_assert_max_num_queries):
    """speed: one a portal whose access rests; nothing grows with grants or runs."""
    for number in range(5):
        idle_now(60 + number)
        sweep(timezone.now() + number * DAY)
    browser.get(PAGE)
    with django_assert_max_num_queries(18):
        assert browser.get(PAGE).status_code == 200


def test_the_index_links_to_it_for_operators_only(browser, agent, provider):
    """Without the right the pages do not exist."""
    assert f'href="{PAGE}"' in browser.get("/admin/").content.decode()
    run = sweep(timezone.now())
    desk = signed_in(agent, verified=True)
    assert f'href="{PAGE}"' not in desk.get("/admin/").content.decode()
    for path in (PAGE, page_of(run)):
        assert desk.get(path).status_code == 404
        assert desk.post(path, {"step": "undo", "reason": "x"}).status_code == 404
        assert signed_in(provider).get(path).status_code in (302, 403)
    for path in (f"{PAGE}99/change/", f"{PAGE}x/change/"):
        assert browser.get(path).status_code == 404


def test_two_operators_release_a_stopped_run_in_the_admin_site(browser, operator):
    """policy, mass acts: alert, first press, refused second press, colleague, work."""
    crowd(51, days=400)
    run = sweep(timezone.now())
    assert "would warn 0 and switch off 51" in browser.get(PAGE).content.decode()
    before = browser.post(page_of(run), {"step": "release"}).content.decode()
    assert "The run warns 0 people and switches off the access of 51, in" in before
    assert "You are the first of two: nothing happens before a second person has released it as well." in before
    page = press(browser, page_of(run), {"step": "release"}, follow=True).content.decode()
    assert "A second person has to do so as well; your colleagues are told by mail." in page
    assert ">Release this run<" not in page
    page = browser.post(page_of(run), {"step": "release"}, follow=True).content.decode()
    assert "You released it already. A second person has to do so as well." in page
    assert resting() == 0
    colleague = signed_in(make_staff("other.operator", "operator"), verified=True)
    before = colleague.post(page_of(run), {"step": "release"}).content.decode()
    assert "It begins within a minute of this press. Each of them is told by mail." in before
    assert resting() == 0
    page = press(colleague, page_of(run), {"step": "release"}, follow=True).content.decode()
    assert "Released by two. The run begins within a minute." in page
    rbac_tasks.go_on_with_sweeps()
    assert resting() == 51
    page = colleague.get(page_of(run)).content.decode()
    assert "51, of whom 51 still rest" in page
    assert "Run released by the first of two" in page


def test_a_run_is_undone_with_a_reason(browser):
    """policy, mass acts: everything it does can be undone."""
    idle_now()
    run = sweep(timezone.now())
    before = browser.post(page_of(run), {"step": "undo"})
    assert "Everybody whose access still rests because of this run gets it back" in before.content.decode()
    answer = browser.post(page_of(run), asked(before) | {"reason": " "})
    assert answer.status_code == 422
    assert "Enter a reason" in answer.content.decode()
    told = press(browser, page_of(run), {"step": "undo"}, reason="The clock was wrong", follow=True)
    page = told.content.decode()
    assert "The run is being undone." in page
    assert "The clock was wrong" in page
    rbac_tasks.go_on_with_sweeps()
    assert resting() == 0
    page = browser.post(page_of(run), {"step": "undo", "reason": "x"}, follow=True).content.decode()
    assert "Nothing was changed: a colleague was quicker." in page
    assert browser.post(page_of(run), {"step": "x"}).status_code == 404


def test_a_stopped_run_is_discarded_with_a_reason(browser):
    crowd(51)
    run = sweep(timezone.now())
    page = press(browser, page_of(run), {"step": "discard"}, reason="wrong clock", follow=True).content.decode()
    assert "The run was discarded." in page
    assert SweepRun.objects.get().state == "discarded"


def test_looking_at_a_run_changes_nothing(browser):
    crowd(51)
    run = sweep(timezone.now())
    before = SweepRun.objects.values().get()
    browser.get(PAGE), browser.get(page_of(run))
    assert SweepRun.objects.values().get() == before


def test_the_dry_run_says_what_would_happen_and_changes_nothing():
    """`manage.py idle_sweep --dry-run`."""
    idle_now(), idle_now(61)
    out = StringIO()
    call_command("idle_sweep", "--dry-run", stdout=out)
    said = out.getvalue()
    assert "claims: 1 switched off" in said
    assert "claims: 1 warned, 30 days before" in said
    assert "Due: 1 warnings, 1 to switch off, of 2 active. A run may touch 50 by itself: this one would begin." in said
    assert not SweepRun.objects.exists()
    assert resting() == 0


def test_the_command_sweeps_too():
    idle_now()
    out = StringIO()
    call_command("idle_sweep", stdout=out)
    assert "this one has begun." in out.getvalue()
    assert "Warned 0, switched off 1: done." in out.getvalue()
    crowd(51, days=300)
    call_command("idle_sweep", stdout=out)
    assert "waits for two people to release it." in out.getvalue()
    run = SweepRun.objects.get(state="frozen")
    sweeps.MACHINE.release(run, by=make_staff("an.operator", "operator"), now=timezone.now())
    call_command("idle_sweep", stdout=out)
    assert "Another run is under way, or waits for its second release: nothing was begun." in out.getvalue()


def test_the_jobs_of_the_schedule_sweep():
    """One line each: planned daily, worked on each minute."""
    names = {job["task"] for job in SCHEDULE.values()}
    assert {"portals.tasks.sweep_idle_accounts", "rbac.tasks.go_on_with_sweeps"} <= names
    idle_now()
    tasks.sweep_idle_accounts()
    assert resting() == 0
    rbac_tasks.go_on_with_sweeps()
    assert resting() == 1


def test_a_slice_of_work_ends_in_time_and_the_next_goes_on(monkeypatch):
    """Below the broker's visibility time-out: a second worker does not begin the same."""
    monkeypatch.setattr(sweeps, "CHUNK", 4)
    monkeypatch.setattr(rbac_tasks, "BUDGET", -1)
    crowd(10, days=300)
    tasks.sweep_idle_accounts()
    for done in (4, 8, 10):
        rbac_tasks.go_on_with_sweeps()
        assert resting() == done
