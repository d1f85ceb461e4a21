"""What practices ask of their people on the first screen (S3-05, S4-21, D-11, D-15, S3-10)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from enrollment.domain import invitation_links, invitations
from enrollment.domain import practice_health as health
from identity.policy import lifecycle
from portals.inside.domain import due
from rbac.domain import hand_overs, mandates, practice_health
from rbac.models import AccessGrant, PracticeWarning
from tests.factories import NOW, PracticeFactory
from tests.portals.test_due import visit
from tests.steps import mandates as vendors
from tests.steps import reviews
from tests.steps.invitations import PORTAL, practice_administrator, practice_user, user_invited
from tests.steps.practices import asked

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def grant_of(account):
    account.password_changed_at = NOW
    account.save(update_fields=["password_changed_at"])
    return AccessGrant.objects.current().select_related("account").get(account=account)


def to_do(account, *, now=NOW, word=""):
    return [item for item in due.of(visit(grant_of(account), now=now))[0] if word in item.text]


@pytest.fixture
def practice():
    return PracticeFactory(name="Lakeside Clinic")


@pytest.fixture
def olga(practice):
    return practice_administrator(practice, "olga.admin")


class TestInvitations:
    """S4-21..23: a link that ended is sent again before the invitation lapses."""

    def test_from_the_end_of_the_link_until_it_lapses_to_the_second(self, practice, olga):
        row = user_invited(practice=practice, by=olga, now=NOW)
        ends, lapses = invitation_links.ends_at(row), invitation_links.lapses_at(row)
        assert to_do(olga, now=ends - SECOND) == []
        [item] = to_do(olga, now=ends)
        assert item.text == "An invitation to Lakeside Clinic was not accepted while its link worked."
        assert item.day == visit(grant_of(olga)).day_of(lapses)
        assert item.address == reverse("people_pending", args=[PORTAL, practice.pk])
        assert to_do(olga, now=lapses - SECOND) == [item]
        assert to_do(olga, now=lapses) == []

    def test_twelve_are_one_item_with_their_number_and_the_first_day(self, practice, olga):
        rows = [
            user_invited(f"n{number}@example.org", practice=practice, by=olga, now=NOW + timedelta(minutes=number))
            for number in range(12)
        ]
        [item] = to_do(olga, now=NOW + timedelta(days=4))
        assert item.text == "12 invitations to Lakeside Clinic were not accepted while their links worked."
        assert item.day == visit(grant_of(olga)).day_of(invitation_links.lapses_at(rows[0]))
        invitations.cancel(invitation=rows[0], by=olga, now=NOW + timedelta(days=4))
        [item] = to_do(olga, now=NOW + timedelta(days=4))
        assert item.text.startswith("11 ")

    def test_they_are_their_owners(self, practice, olga):
        """S4-22."""
        other = practice_administrator(practice, "sam.admin")
        user_invited(practice=practice, by=olga, now=NOW)
        assert to_do(other, now=NOW + timedelta(days=4)) == []

    def test_whoever_runs_the_practice_no_longer_has_nothing_to_do(self, practice, olga):
        user_invited(practice=practice, by=olga, now=NOW)
        grant_of(olga).memberships.update(role="user")
        assert to_do(olga, now=NOW + timedelta(days=4)) == []


class TestReviews:
    def test_each_administrator_is_asked_until_it_is_answered_or_over(self):
        """D-11."""
        practice = reviews.staffed()
        row = reviews.begun(practice)
        olga = reviews.named("olga.admin")
        [item] = to_do(olga)
        assert item.text == "Say who still works for Lakeside Clinic."
        assert (item.day, item.address) == (
            visit(grant_of(olga)).day_of(row.due_at), reverse("people_review", args=[PORTAL, practice.pk]),
        )  # fmt: skip
        assert to_do(reviews.named("eve.daily")) == []
        assert to_do(olga, now=row.due_at - SECOND, word="still works") == [item]
        assert to_do(olga, now=row.due_at, word="still works") == []


class TestPracticesNearNobody:
    def test_the_only_administrator_is_told_until_there_is_another(self, practice, olga):
        """D-15: as the practice was warned."""
        practice_user(practice, "nora.user", first_name="Nora")
        practice_health_warned = health.warn_due(now=NOW)
        assert practice_health_warned
        [item] = to_do(olga)
        assert item.text == "Lakeside Clinic: one administrator is left."
        assert item.address == reverse("practice_health", args=[PORTAL, practice.pk])
        practice_administrator(practice, "sam.admin")
        health.warn_due(now=NOW)
        assert to_do(olga) == []

    @pytest.mark.parametrize("state", ["fine", "empty"])
    def test_a_state_that_nobody_is_told_of_is_no_item(self, practice, olga, state):
        PracticeWarning.objects.create(practice=practice, portal_key=PORTAL, state=state, created_at=NOW)
        assert state not in practice_health.TOLD
        assert to_do(olga) == []


class TestHandOvers:
    def test_the_one_who_takes_over_is_asked_until_they_sign_or_it_lapses(self, practice, olga):
        """D-15."""
        nora = practice_user(practice, "nora.user", first_name="Nora")
        row = asked(practice, olga, nora)
        [item] = to_do(nora)
        assert item.text == "You are asked to look after the users of Lakeside Clinic."
        assert item.address == reverse("hand_over", args=[PORTAL, row.pk])
        assert to_do(olga, word="asked") == []
        ends = NOW + lifecycle.after("hand_over_open")
        assert item.day == visit(grant_of(nora)).day_of(ends)
        assert to_do(nora, now=ends - SECOND, word="asked") == [item]
        assert to_do(nora, now=ends, word="asked") == []
        hand_overs.decline(hand_over=row, by=nora, now=NOW)
        assert to_do(nora, word="asked") == []


class TestMandates:
    def test_whoever_answers_for_the_practice_is_asked(self):
        """S3-10: until it is agreed, declined, past its last day or lapsed."""
        vendor, signer = vendors.vendor_person(), vendors.signer()
        row = vendors.asked(vendor, signer.practice)
        account = signer.grant.account
        [item] = to_do(account, word="behalf")
        assert item.text == "Best Billing asks to work on behalf of Lakeside Clinic."
        assert item.address == reverse("mandates_given", args=["optum-pro"])
        ends = NOW + lifecycle.after("mandate_open")
        assert to_do(account, now=ends - SECOND, word="behalf") == [item]
        assert to_do(account, now=ends, word="behalf") == []
        assert to_do(vendor.grant.account, word="behalf") == []
        mandates.decline(mandate=row, by=account, now=NOW)
        assert to_do(account, word="behalf") == []

    def test_several_are_one_item(self):
        signer = vendors.signer()
        for name in ("Best Billing", "Fast Billing"):
            vendor = vendors.vendor_person(vendor=PracticeFactory(name=name))
            vendors.asked(vendor, signer.practice)
        [item] = to_do(signer.grant.account, word="behalf")
        assert item.text == "2 vendors ask to work on behalf of your practices."

    def test_one_whose_last_day_has_passed_is_over(self):
        vendor, signer = vendors.vendor_person(), vendors.signer()
        vendors.asked(vendor, signer.practice, ends_on=date(2026, 11, 21))
        assert to_do(signer.grant.account, now=NOW + timedelta(days=1), word="behalf")
        assert to_do(signer.grant.account, now=NOW + timedelta(days=2), word="behalf") == []

    def test_another_role_is_asked_nothing(self):
        vendor, signer = vendors.vendor_person(), vendors.signer(role="front_office")
        vendors.asked(vendor, signer.practice)
        assert to_do(signer.grant.account, word="behalf") == []
