"""Staff of a portal read the reviews of its practices, and answer none (D-11, D-28)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from rbac.domain import reviews
from rbac.models import Review
from tests.conftest import make_staff
from tests.steps.invitations import PORTAL
from tests.steps.reviews import begun, staffed
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
LIST = reverse("admin:rbac_review_changelist")


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def review(db) -> Review:
    now = timezone.now()
    row = begun(staffed(now), now)
    reviews.end(review=row, now=now)
    return row


def test_they_read_what_was_asked_and_what_was_said(review, django_assert_max_num_queries):
    desk = signed_in(make_staff("provider.services", "service desk", portals=(PORTAL,)), verified=True)
    assert "Lakeside Clinic" in text_of(desk.get(LIST))
    page = f"{LIST}{review.pk}/change/"
    desk.get(page)
    with django_assert_max_num_queries(9):
        shown = text_of(desk.get(page))
    assert "Review of Lakeside Clinic" in shown
    assert shown.count("nobody: the days were over") == 3
    assert "Ann Unused" in shown
    assert "ended unanswered" in shown
    assert desk.post(page, {"line-1": "keep"}).status_code in (302, 403, 404)


def test_staff_of_another_portal_find_none(review):
    other = signed_in(make_staff("other.desk", "service desk", portals=("claims",)), verified=True)
    assert other.get(LIST).status_code in (403, 404)
    answers = [other.get(f"{LIST}{key}/change/") for key in (review.pk, 999_999)]
    assert [one.status_code for one in answers] == [404, 404]
