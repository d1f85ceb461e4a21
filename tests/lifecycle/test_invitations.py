"""The two clocks of an invitation (C10), to the second, on the running product: one second before, at it, one after;
over both nights of the clock change."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from enrollment.domain import invitation_limits, invitations
from enrollment.models import Invitation
from rbac.models import Practice
from tests.steps.invitations import path_of, practice_user, user_invited

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
# Sent in an ordinary week, in the night before clocks go back, and before they go forward (America/Chicago).
SENT = [
    datetime(2026, 11, 20, 17, 0, tzinfo=UTC),
    datetime(2026, 10, 31, 6, 30, tzinfo=UTC),
    datetime(2027, 3, 13, 7, 30, tzinfo=UTC),
]


@pytest.fixture(params=SENT, ids=["ordinary", "clocks go back", "clocks go forward"])
def sent(request, db) -> Invitation:
    practice = Practice.objects.create(name="Lakeside Clinic")
    oaa = practice_user(practice, "olga.admin", role="administrator")
    return user_invited(practice=practice, by=oaa, now=request.param)


def page_at(invitation: Invitation, moment: datetime):
    with time_machine.travel(moment, tick=False):
        return Client().get(path_of(invitation))


@pytest.mark.parametrize(("off", "works"), [(-SECOND, True), (0 * SECOND, False), (SECOND, False)])
def test_the_link_works_for_72_hours(sent, off, works):
    """S4-05, lifecycle invitation_link."""
    page = page_at(sent, sent.last_sent_at + timedelta(hours=72) + off)
    assert page.status_code == (200 if works else 410)
    assert ("Who can send it again" in page.content.decode()) is not works


@pytest.mark.parametrize(("off", "listed"), [(-SECOND, True), (0 * SECOND, False), (SECOND, False)])
def test_it_is_pending_for_7_days(sent, off, listed):
    """S4-23, S4-24, lifecycle invitation_pending: list, page and job say the same at the same second."""
    moment = sent.last_sent_at + timedelta(days=7) + off
    assert invitation_limits.pending(now=moment).filter(pk=sent.pk).exists() is listed
    assert ("so it has lapsed" in page_at(sent, moment).content.decode()) is not listed
    assert invitations.lapse_due(now=moment) == (0 if listed else 1)


@pytest.mark.parametrize(("off", "works"), [(-SECOND, True), (0 * SECOND, False), (SECOND, False)])
def test_under_the_safer_profile_for_24(sent, settings, off, works):
    """policy, invitation: the realm of the portal has its profile."""
    settings.REALM_PROFILES = {"provider-online": "nist"}
    page = page_at(sent, sent.last_sent_at + timedelta(hours=24) + off)
    assert page.status_code == (200 if works else 410)


def test_sent_again_in_the_last_second_it_lives_on(sent):
    """S4-23: counted from the last time the link was sent."""
    moment = sent.last_sent_at + timedelta(days=7) - SECOND
    invitations.resend(invitation=sent, by=sent.owner, now=moment)
    assert page_at(sent, moment + timedelta(hours=72) - SECOND).status_code == 200
    assert page_at(sent, moment + timedelta(hours=72)).status_code == 410
    assert invitations.lapse_due(now=moment + timedelta(days=7) - SECOND) == 0
    assert invitations.lapse_due(now=moment + timedelta(days=7)) == 1
