"""Asking by tax ID: the same rows whatever was typed, so many a day, looked up by a worker only (S3-10, S2-16, D-25)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.models import OutboxMessage
from identity.policy import lifecycle
from rbac.domain import mandate_inquiries, mandates, memberships
from rbac.models import Mandate, MandateInquiry
from tests.factories import NOW, PracticeFactory, TinFactory
from tests.steps.grid import works_as
from tests.steps.mandates import PORTAL, signer, vendor_person

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def vera():
    return vendor_person()


def ask(vera, *digits: str, now=NOW, by=None) -> None:
    mandate_inquiries.ask(
        vendor=vera.practice, portal_key=PORTAL, tins=[(one, "EIN") for one in digits],
        roles=["billing_specialist"], by=by or vera.grant.account, now=now,
    )  # fmt: skip


def unknown(count: int) -> list[str]:
    return [f"91{number:07}" for number in range(1, count + 1)]


def test_nothing_is_looked_up_before_the_worker_does(vera):
    maria = signer()
    ask(vera, maria.practice.tins.get().digits)
    assert not Mandate.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert mandate_inquiries.pass_on_all(now=NOW) == 1
    row = Mandate.objects.get()
    assert (row.practice, row.vendor, row.asked_by) == (maria.practice, vera.practice, vera.grant.account)
    assert mandate_inquiries.pass_on_all(now=NOW) == 0


def test_what_is_known_and_what_is_not_take_the_same_statements(vera):
    """D-25: neither bytes nor time say which tax IDs are known."""
    known = [signer(practice=PracticeFactory()).practice.tins.get().digits for _ in range(3)]
    counted = []
    for digits in (known, unknown(3), [TinFactory(attested_at=None, attested_by=None).digits for _ in range(3)]):
        with CaptureQueriesContext(connection) as asked:
            ask(vera, *digits)
        counted.append([one["sql"].split(" ")[0] for one in asked])
    assert counted[0] == counted[1] == counted[2]


def test_a_vendor_asks_so_many_within_a_day_whoever_of_its_people_does(vera):
    """S2-16: more than 30 go by a ticket."""
    colleague = vendor_person(vendor=vera.practice)
    ask(vera, *unknown(20))
    with pytest.raises(mandate_inquiries.TooManyToday) as refused:
        ask(vera, *unknown(11), by=colleague.grant.account)
    assert refused.value.left == 10
    assert MandateInquiry.objects.count() == 20
    ask(vera, *unknown(10), by=colleague.grant.account)
    mandate_inquiries.pass_on_all(now=NOW)
    with pytest.raises(mandate_inquiries.TooManyToday):
        ask(vera, "911111111")
    ask(vendor_person(vendor=PracticeFactory()), "911111111")


def test_the_day_of_the_limit_is_over_to_the_second(vera):
    """lifecycle mandate_inquiry."""
    ask(vera, *unknown(30))
    mandate_inquiries.pass_on_all(now=NOW)
    end = NOW + lifecycle.after("mandate_inquiry")
    assert mandate_inquiries.forget_old(now=end - SECOND) == 0
    with pytest.raises(mandate_inquiries.TooManyToday):
        ask(vera, "911111111", now=end - SECOND)
    ask(vera, "911111111", now=end)
    assert mandate_inquiries.forget_old(now=end) == 30
    assert MandateInquiry.objects.get().passed_on_at is None


def test_what_nobody_passed_on_yet_is_not_forgotten(vera):
    ask(vera, "911111111")
    assert mandate_inquiries.forget_old(now=NOW + timedelta(days=9)) == 0


@pytest.mark.parametrize("who", ["the practice", "not attested"])
def test_only_for_a_vendor_that_one_works_for_and_that_is_attested(vera, who):
    by = signer() if who == "the practice" else works_as("front_office", practice=vera.practice, portal_key=PORTAL)
    with pytest.raises(mandates.NotOfTheVendor):
        ask(vera, "911111111", by=by.grant.account)
    assert not MandateInquiry.objects.exists()


def test_whoever_left_the_vendor_within_the_minute_asks_nobody(vera):
    maria = signer()
    ask(vera, maria.practice.tins.get().digits)
    memberships.suspend(membership=vera, by=None, now=NOW)
    assert mandate_inquiries.pass_on_all(now=NOW) == 1
    assert not Mandate.objects.exists()


def test_no_digits_lie_in_clear(vera):
    ask(vera, "912345678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM rbac_mandateinquiry")
        assert "912345678" not in str(cursor.fetchone())
