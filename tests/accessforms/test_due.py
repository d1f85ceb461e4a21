"""What the requests of somebody ask of them, on the first screen of their portal (S3-05, D-08)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accessforms.domain import submissions
from accessforms.domain.due import waiting_for_the_person
from accessforms.models import Submission
from identity.policy import lifecycle, zones
from portals.inside.domain import due
from tests.factories import NOW, GrantFactory, SubmissionFactory
from tests.portals.test_due import visit

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
State = Submission.State


def put(submission, state):
    Submission.objects.filter(pk=submission.pk).update(state=state, state_since=NOW)
    submission.refresh_from_db()
    return submission


def to_do(grant, *, now=NOW):
    """Of the requests alone: the password and access elsewhere have their own tests."""
    found = due.of(visit(grant, now=now))[0]
    return [item for item in found if "request" in item.text]


@pytest.fixture
def grant():
    return GrantFactory()


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("portal_key", ["claims", "optum-pro"])
def test_a_request_stands_there_while_it_waits_for_the_person(grant, portal_key, state):
    """S1-32: returned, or not faxed; one that nobody prints waits for the desk once it was sent in."""
    put(SubmissionFactory(account=grant.account, portal_key=portal_key), state)
    waits = state == State.RETURNED or (state == State.SUBMITTED and portal_key == "claims")
    assert bool(to_do(grant)) is waits


def test_a_returned_one_leads_to_its_form(grant):
    row = put(SubmissionFactory(account=grant.account), State.RETURNED)
    [item] = to_do(grant)
    assert item.text == f"Your request {row.reference} for Claims Online Portal was returned to you."
    assert (item.button, item.address) == ("Correct and send again", reverse("edit_request", args=[row.reference]))


def test_one_to_be_faxed_leads_to_where_it_is_printed(grant):
    row = put(SubmissionFactory(account=grant.account), State.SUBMITTED)
    [item] = to_do(grant)
    assert item.text == f"Your request {row.reference} for Claims Online Portal waits for your fax."
    assert item.address == reverse("request", args=[row.reference])


@pytest.mark.parametrize(
    ("portal_key", "period"), [("claims", "unfaxed_request"), ("optum-pro", "uncorrected_request")]
)
def test_its_day_is_the_one_on_which_it_expires_to_the_second(grant, portal_key, period):
    """D-08: however late the job is."""
    row = put(SubmissionFactory(account=grant.account, portal_key=portal_key), State.RETURNED)
    ends = NOW + lifecycle.after(period)
    [item] = to_do(grant, now=ends - SECOND)
    assert item.day == zones.today("ohid", now=ends)
    assert to_do(grant, now=ends) == []
    submissions.expire_unfaxed(now=ends)
    row.refresh_from_db()
    assert row.state == State.EXPIRED


def test_somebody_elses_is_not_there(grant):
    put(SubmissionFactory(), State.RETURNED)
    assert to_do(grant) == []


def test_the_realm_of_provider_online_has_no_requests_and_asks_for_none():
    """speed: a part of the statement that nobody needs is left out."""
    grant = GrantFactory(portal_key="provider-online", account__realm="provider-online")
    assert waiting_for_the_person(visit(grant)) is None
    assert waiting_for_the_person(visit(GrantFactory())) is not None
