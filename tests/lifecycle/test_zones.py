"""By which clock each realm lives (provider-online: the plan is in Milwaukee): pages, mails, and where a day ends, on the
nights of the clock change too."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from identity.policy import zones
from identity.record import outbox
from rbac.models import Membership, Practice
from tests.factories import MembershipFactory
from tests.steps.invitations import PORTAL, path_of, practice_administrator, practice_user, user_invited
from tests.steps.sign_in import signed_in

SECOND = timedelta(seconds=1)
# In Chicago clocks go back on 2026-11-01 and forward on 2027-03-14, both at 2 a.m.
MIDNIGHTS = [
    (date(2026, 11, 1), datetime(2026, 11, 1, 5, tzinfo=UTC)),
    (date(2026, 11, 2), datetime(2026, 11, 2, 6, tzinfo=UTC)),
    (date(2027, 3, 14), datetime(2027, 3, 14, 6, tzinfo=UTC)),
    (date(2027, 3, 15), datetime(2027, 3, 15, 5, tzinfo=UTC)),
    (date(2026, 7, 4), datetime(2026, 7, 4, 5, tzinfo=UTC)),
]


@pytest.mark.parametrize(("day", "begins"), MIDNIGHTS)
def test_a_day_begins_at_midnight_of_the_realm(day, begins):
    assert zones.beginning_of(day, realm=PORTAL) == begins
    assert (zones.today(PORTAL, now=begins), zones.today(PORTAL, now=begins - SECOND)) == (day, day - timedelta(days=1))
    assert zones.today("ohid", now=begins) == day - timedelta(days=1), "two hours later in Los Angeles"
    assert list(zones.days(now=begins)) == [day, day - timedelta(days=1)]
    assert list(zones.days(now=begins + timedelta(hours=2))) == [day]


@pytest.mark.django_db
@pytest.mark.parametrize("active", ["America/Los_Angeles", "America/Chicago", "UTC"])
@pytest.mark.parametrize(("day", "begins"), MIDNIGHTS)
def test_the_last_day_of_temporary_staff_ends_at_midnight_there(day, begins, active):
    """S4-17: whoever asks, from whichever page or job, and of each realm by its own clock."""
    ends_on = day - timedelta(days=1)
    practice = Practice.objects.create(name="Lakeside Clinic")
    account = practice_user(practice, "uma.user")
    row = Membership.objects.get(grant__account=account)
    Membership.objects.filter(pk=row.pk).update(ends_on=ends_on)
    row.refresh_from_db()
    other = MembershipFactory(ends_on=ends_on)
    with timezone.override(active):
        for moment, counts in ((begins - SECOND, True), (begins, False), (begins + SECOND, False)):
            found = Membership.objects.open_at(moment)
            assert (row in found, row.is_past(moment)) == (counts, not counts)
            assert (other in found, other.is_past(moment)) == (True, False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (datetime(2026, 10, 31, 6, 30, tzinfo=UTC), "November 3, 2026, 12:30 a.m. CST"),
        (datetime(2027, 3, 13, 7, 30, tzinfo=UTC), "March 16, 2027, 2:30 a.m. CDT"),
    ],
)
def test_pages_and_mails_of_provider_online_tell_its_time(inbox, sent, told):
    """C10: 72 hours are 72 hours, whatever the clock does between; the moment is told with its zone."""
    practice = Practice.objects.create(name="Lakeside Clinic")
    with time_machine.travel(sent, tick=False):
        oaa = practice_administrator(practice, "olga.admin")
        row = user_invited(practice=practice, by=oaa, now=sent)
        while outbox.drain(now=sent) != outbox.Outcome.NONE:
            pass
        mail = inbox.newest("mail", "nora@example.org")
        assert f"The link of this invitation works until {told}." in mail.text
        pages = (
            signed_in(oaa, verified=True).get(f"/p/{PORTAL}/security/{practice.pk}/pending/"),
            Client().get(path_of(row)),
        )
    for page in pages:
        assert told in page.content.decode()
        assert 'data-zone="America/Chicago"' in page.content.decode()


@pytest.mark.django_db
def test_each_realm_has_its_own_and_nobodys_is_left_behind(provider, client):
    moment = datetime(2026, 11, 30, 2, 3, tzinfo=UTC)
    assert 'data-zone="America/Los_Angeles"' in signed_in(provider).get("/id/profile/").content.decode()
    account = practice_user(Practice.objects.create(name="Lakeside"), "uma.user")
    assert 'data-zone="America/Chicago"' in signed_in(account, verified=True).get("/id/profile/").content.decode()
    assert 'data-zone="America/Chicago"' in client.get(f"/p/{PORTAL}/").content.decode()
    assert 'data-zone="America/Los_Angeles"' in client.get("/").content.decode()
    shown = Template('{{ at|date:"DATETIME_FORMAT" }}').render(Context({"at": moment}))
    assert shown == "November 29, 2026, 6:03 p.m. PST"
