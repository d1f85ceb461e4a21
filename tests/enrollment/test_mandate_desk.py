"""The service desk's pages of mandates (S3-10, D-28)."""

import pytest
from django.urls import reverse

from rbac.domain import memberships
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
