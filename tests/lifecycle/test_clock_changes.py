"""The clocks of invitations, hand-overs and administrator requests over HTTP, to the second, where the night in which an
end or a beginning lies is one in which the clocks change; whether or not the jobs have run (C10, D-15)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from enrollment import tasks
from enrollment.models import AdministratorRequest, Invitation
from identity.policy import lifecycle, zones
from identity.policy.realms import PROVIDER_ONLINE
from rbac.models import HandOver
from tests.conftest import make_staff
from tests.steps import administrator_requests, invitations, practices
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PORTAL = invitations.PORTAL
SECOND = timedelta(seconds=1)
OFF = (-SECOND, 0 * SECOND, SECOND)
# The nights of the document's time zone and of the installation's: at 2 the clocks go forward, or back.
NIGHTS = [(2026, 3, 8), (2026, 11, 1), (2027, 3, 14), (2027, 11, 7)]
ZONES = ["America/Los_Angeles", "America/Chicago"]
JOBS = [tasks.lapse_invitations, tasks.lapse_hand_overs, tasks.end_administrator_requests]


@pytest.fixture(params=[(zone, night) for zone in ZONES for night in NIGHTS], ids=lambda one: f"{one[0]} {one[1][:2]}")
def change(request, settings) -> datetime:
    """The second in which the clocks of the zone change, which is the installation's."""
    zone, night = request.param
    settings.TIME_ZONE = zone
    before = datetime(*night, 0, 0, tzinfo=ZoneInfo(zone))
    hour = before.astimezone(ZoneInfo("UTC")) + timedelta(hours=2)
    assert (hour - SECOND).astimezone(ZoneInfo(zone)).utcoffset() != hour.astimezone(ZoneInfo(zone)).utcoffset()
    return hour


@pytest.fixture(params=["it ends as the clocks change", "it begins as the clocks change"])
def begun(request, change) -> Callable[[str], datetime]:
    """When something begins whose period has this name."""
    ends = request.param.startswith("it ends")
    return lambda period: change - lifecycle.after(period) if ends else change


@pytest.fixture
def practice(db):
    return practices.lakeside()


def at(moment: datetime, ask: Callable[[], object], *, after_jobs: bool = False) -> object:
    """What is answered at this moment, by a product that then forgets it; `after_jobs`, when all of them have just run."""
    with time_machine.travel(moment, tick=False), transaction.atomic():
        if after_jobs:
            for job in JOBS:
                job()
        answer = ask()
        transaction.set_rollback(True)
    return answer


def reader(account, moment: datetime) -> Client:
    """A browser that signed in a minute before."""
    with time_machine.travel(moment - timedelta(minutes=1), tick=False):
        return signed_in(account, verified=True)


def words(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def told(moment: datetime) -> str:
    """A moment as the pages say it: by the clock of the realm, wherever the installation stands."""
    return date_format(timezone.localtime(moment, zones.of_realm(PROVIDER_ONLINE.key)), "DATETIME_FORMAT")


@pytest.mark.parametrize("after_jobs", [False, True], ids=["the job is away", "the job has run"])
def test_an_invitation_by_its_link(begun, practice, after_jobs):
    """S4-05, S4-23, S4-24: read, tried, and asked for again."""
    oaa = practices.administrator(practice)
    sent = begun("invitation_link")
    row = invitations.user_invited(practice=practice, by=oaa, now=sent)
    for off, works in zip(OFF, (True, False, False), strict=True):
        moment = sent + timedelta(hours=72) + off
        page = at(moment, lambda: Client().get(invitations.path_of(row)), after_jobs=after_jobs)
        assert (page.status_code, told(sent + timedelta(hours=72)) in words(page)) == (
            (200, True) if works else (410, False)
        )
        form = at(moment, lambda: invitations.fill(Client(), row), after_jobs=after_jobs)
        assert form.status_code == (302 if works else 410)
    sent = begun("invitation_pending")
    Invitation.objects.update(last_sent_at=sent)
    row.refresh_from_db()
    for off, pending in zip(OFF, (True, False, False), strict=True):
        moment = sent + timedelta(days=7) + off
        page = at(moment, lambda: Client().get(invitations.path_of(row)), after_jobs=after_jobs)
        assert page.status_code == 410
        assert ("so it has lapsed" in words(page)) is not pending


@pytest.mark.parametrize("after_jobs", [False, True], ids=["the job is away", "the job has run"])
def test_the_list_of_pending_users(begun, practice, after_jobs):
    """S4-23: listed to the last second, resent to the last second, with both ends in the words of the place."""
    oaa = practices.in_duty(practices.administrator(practice))
    sent = begun("invitation_pending")
    row = invitations.user_invited(practice=practice, by=oaa, now=sent)
    lapses = sent + timedelta(days=7)
    browser, presses = reader(oaa, lapses), reader(oaa, lapses)
    listed = reverse("people_pending", args=[PORTAL, practice.pk])
    people, again = (
        reverse("people", args=[PORTAL, practice.pk]),
        reverse("people_resend", args=[PORTAL, practice.pk, row.pk]),
    )

    def resent() -> Invitation:
        presses.post(again)
        return Invitation.objects.get(pk=row.pk)

    for off, pending in zip(OFF, (True, False, False), strict=True):
        for path in (listed, people):
            page = words(at(lapses + off, lambda path=path: browser.get(path), after_jobs=after_jobs))
            assert (row.email in page) is pending
        if pending:
            page = words(at(lapses + off, lambda: browser.get(listed), after_jobs=after_jobs))
            assert told(lapses) in page
            assert told(sent + timedelta(hours=72)) in page
        after = at(lapses + off, resent, after_jobs=after_jobs)
        assert after.sendings == (2 if pending else 1)


@pytest.mark.parametrize("after_jobs", [False, True], ids=["the job is away", "the job has run"])
def test_a_hand_over_of_a_practice(begun, practice, after_jobs):
    """D-15: signed in its last second, not at its end; the practice's page offers a new one from then on."""
    olga, nora = practices.in_duty(practices.administrator(practice)), practices.user(practice)
    asked = begun("hand_over_open")
    row = practices.asked(practice, olga, nora, now=asked)
    ends = asked + timedelta(days=7)
    hers, his = reader(nora, ends), reader(olga, ends)
    page = reverse("hand_over", args=[PORTAL, row.pk])
    anew = reverse("practice_hand_over", args=[PORTAL, practice.pk])

    def signed() -> str:
        hers.post(page, {"typed_name": nora.get_full_name()})
        return HandOver.objects.get(pk=row.pk).state

    for off, is_open in zip(OFF, (True, False, False), strict=True):
        shown = words(at(ends + off, lambda: hers.get(page), after_jobs=after_jobs))
        assert ("Sign and take over" in shown, told(ends) in shown, "lapsed" in shown) == (
            is_open,
            is_open,
            not is_open,
        )
        assert (at(ends + off, signed, after_jobs=after_jobs) == "done") is is_open
        assert at(ends + off, lambda: his.get(anew), after_jobs=after_jobs).status_code == (302 if is_open else 200)


@pytest.mark.parametrize("after_jobs", [False, True], ids=["the job is away", "the job has run"])
def test_an_administrator_request_that_nobody_proved(begun, after_jobs):
    """lifecycle administrator_request_proof: confirmed in its last second, not at its end; then it is deleted unread."""
    asked = begun("administrator_request_proof")
    row = administrator_requests.asked(now=asked)
    link = administrator_requests.path_of(row)

    def confirmed() -> tuple[int, str]:
        answer = Client().post(link)
        return answer.status_code, getattr(AdministratorRequest.objects.filter(pk=row.pk).first(), "state", "deleted")

    gone = (404, "deleted") if after_jobs else (410, "unproved")
    for off, works in zip(OFF, (True, False, False), strict=True):
        moment = asked + timedelta(hours=24) + off
        page = at(moment, lambda: Client().get(link), after_jobs=after_jobs)
        assert page.status_code == (200 if works else gone[0])
        assert works or "<h1>Page not found</h1>" not in words(page), "a page that says what to do"
        assert at(moment, confirmed, after_jobs=after_jobs) == ((302, "submitted") if works else gone)


@pytest.mark.parametrize("after_jobs", [False, True], ids=["the job is away", "the job has run"])
def test_an_administrator_request_that_came_back(begun, after_jobs):
    """lifecycle administrator_request_open: corrected in its last second, not at its end."""
    agent = make_staff("pat.services", "service desk", (PORTAL,))
    back = begun("administrator_request_open")
    row = administrator_requests.submitted(now=back - timedelta(hours=1))
    administrator_requests.decided(row, "returned", by=agent, now=back)
    row.refresh_from_db()
    ends, link = back + timedelta(days=30), administrator_requests.path_of(row)

    def withdrawn() -> str:
        Client().post(link + "withdraw/")
        return AdministratorRequest.objects.get(pk=row.pk).state

    def corrected() -> str:
        Client().post(link + "correct/", administrator_requests.TYPED | {"version": row.version})
        return AdministratorRequest.objects.get(pk=row.pk).state

    for off, works in zip(OFF, (True, False, False), strict=True):
        form = at(ends + off, lambda: Client().get(link + "correct/"), after_jobs=after_jobs)
        assert (form.status_code == 200) is works
        assert (at(ends + off, corrected, after_jobs=after_jobs) == "submitted") is works
        assert (at(ends + off, withdrawn, after_jobs=after_jobs) == "withdrawn") is works
        page = words(at(ends + off, lambda: Client().get(link), after_jobs=after_jobs))
        assert (f"Correct it until {told(ends)}" in page, "This request has expired." in page) == (works, not works)
        assert ("Withdraw this request" in page) is works
