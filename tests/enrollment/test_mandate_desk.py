"""The service desk's pages of mandates (S3-10, D-28)."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from identity.policy import lifecycle
from rbac.domain import mandates, memberships
from rbac.models import Mandate, Membership
from tests.conftest import make_staff
from tests.factories import NOW
from tests.steps.mandates import PORTAL, agreed, asked, signer, vendor_person
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return signed_in(make_staff("pro.desk", "service desk", portals=(PORTAL,)), verified=True)


@pytest.fixture
def vera():
    return vendor_person()


@pytest.fixture
def maria():
    return signer()


def page_of(row: Mandate) -> str:
    return reverse("admin:rbac_mandate_change", args=[row.pk])


def test_it_agrees_after_a_call_where_nobody_is(desk, vera, maria):
    row = asked(vera, maria.practice)
    page = desk.get(page_of(row)).content.decode()
    assert "I called" not in page  # Maria agrees herself
    refused = desk.post(page_of(row), {"agree": "1", "reason": "Called"})
    assert refused.status_code == 422
    assert "has people who can agree themselves" in refused.content.decode()
    memberships.end(membership=maria, by=None, now=NOW)
    assert "I called: the practice agrees" in desk.get(page_of(row)).content.decode()
    refused = desk.post(page_of(row), {"agree": "1", "reason": " "})
    assert refused.status_code == 422
    assert "Enter a reason" in refused.content.decode()
    page = desk.post(page_of(row), {"agree": "1", "reason": "Called the office"}, follow=True).content.decode()
    assert "Both sides are told by mail." in page
    assert "Called the office" in page
    assert Membership.objects.current().filter(mandate=row).count() == 1


COUNTED = re.compile(r'href="([^"]+)"><strong class="waiting__count">(\d+)</strong><span>Mandates to agree to')


def counted(desk) -> list[tuple[str, str]]:
    return COUNTED.findall(desk.get("/admin/").content.decode())


def test_what_waits_for_a_call_is_counted_on_the_first_page_and_leads_there(desk, vera, maria):
    """S3-10: a practice that has somebody who can agree is waited for, and calls nobody."""
    row = asked(vera, maria.practice, now=timezone.now())
    assert counted(desk) == []
    memberships.end(membership=maria, by=None, now=timezone.now())
    [(path, number)] = counted(desk)
    assert number == "1"
    assert page_of(row) in desk.get(path).content.decode()
    other = signed_in(make_staff("claims.desk", "service desk", portals=("claims",)), verified=True)
    assert counted(other) == []
    desk.post(page_of(row), {"agree": "1", "reason": "Called the office"})
    assert counted(desk) == []


@pytest.mark.parametrize(("off", "waits"), [(-1, True), (0, False), (1, False)])
def test_what_lapses_waits_for_nobody_however_late_the_job_is(vera, maria, off, waits):
    row = asked(vera, maria.practice)
    memberships.end(membership=maria, by=None, now=NOW)
    then = NOW + lifecycle.after("mandate_open") + timedelta(seconds=off)
    assert Mandate.objects.filter(mandates.for_desk(now=then)).exists() == waits
    assert mandates.is_open(row, now=then) == waits


def test_one_whose_last_day_has_passed_waits_for_nobody(vera, maria):
    asked(vera, maria.practice, ends_on=NOW.date() + timedelta(days=5))
    memberships.end(membership=maria, by=None, now=NOW)
    assert Mandate.objects.filter(mandates.for_desk(now=NOW + timedelta(days=4))).exists()
    assert not Mandate.objects.filter(mandates.for_desk(now=NOW + timedelta(days=7))).exists()


def test_it_ends_with_a_reason(desk, vera, maria):
    row = agreed(vera, maria)
    assert "Best Billing" in desk.get(reverse("admin:rbac_mandate_changelist")).content.decode()
    assert desk.post(page_of(row), {"end": "1"}).status_code == 422
    assert desk.post(page_of(row), {"nothing": "1"}).status_code == 422
    desk.post(page_of(row), {"end": "1", "reason": "The practice wrote"})
    row.refresh_from_db()
    assert (row.state, row.reason) == ("ended", "The practice wrote")


def test_of_another_portal_it_is_not_found(vera, maria):
    row = asked(vera, maria.practice)
    other = signed_in(make_staff("claims.desk", "service desk", portals=("claims",)), verified=True)
    assert "Best Billing" not in other.get(page_of(row), follow=True).content.decode()
    assert other.get(reverse("admin:rbac_mandate_changelist")).status_code == 403
