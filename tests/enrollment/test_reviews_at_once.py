"""What two administrators answer at once. On PostgreSQL: SQLite has one writer at a time."""

from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from enrollment.domain import people, reviews
from enrollment.domain.people import Office
from identity.models import JournalEntry
from identity.record.machine import NotPossible
from rbac.domain import memberships
from rbac.domain import reviews as rounds
from rbac.models import Membership, Review
from tests.steps.invitations import PORTAL
from tests.steps.reviews import begun, named, staffed
from tests.together import turn_by_turn

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks"),
    pytest.mark.django_db(transaction=True),
]
ROUNDS = 8


@pytest.fixture(autouse=True)
def _no_relay(monkeypatch):
    monkeypatch.setattr("identity.record.outbox.QUEUE.nudge", lambda: None)


def answering(review: Review, by: str, **answers: str):
    account, office = named(by), Office(practice=review.practice, portal_key=PORTAL)
    lines = {row.membership.grant.account.login_name.split(".")[0]: row.pk for row in review.lines.all()}
    given = {lines[short]: said for short, said in answers.items()}

    def run() -> str:
        try:
            reviews.answer(office=office, review=review, answers=given, by=account, now=timezone.now())
        except NotPossible:
            return "over"
        except people.NotAdministrator:
            return "no administrator"
        return "answered"

    return run


def stand_anew() -> None:
    Review.objects.filter(state="open").update(state="answered", ended_at=timezone.now())
    Membership.objects.update(until=None, suspended_at=None, suspended_by=None, ended_by=None, ended_with_grant=False)
    Membership.objects.first().grant.__class__.objects.update(until=None, ended_by=None)


def test_of_two_answers_one_counts():
    """One removes whom the other keeps: all of one, nothing of the other."""
    practice = staffed(timezone.now())
    for _round in range(ROUNDS):
        review = begun(practice, timezone.now())
        answers = turn_by_turn(
            answering(review, "olga.admin", ann="keep", ben="keep", cyd="keep"),
            answering(review, "sam.admin", ann="remove", ben="remove", cyd="remove"),
        )
        assert Counter(answers) == {"answered": 1, "over": 1}
        asked = review.lines.filter(answered_by__isnull=False, cause__in=("unused", "never used", "by form"))
        assert asked.values("answered_by", "answer").distinct().count() == 1
        stand_anew()
        Membership.objects.filter(origin="form").update(last_used_at=None)  # whoever was kept once is known by now


def test_two_administrators_who_remove_each_other_leave_one():
    practice = staffed(timezone.now())
    for _round in range(ROUNDS):
        review = begun(practice, timezone.now())
        answers = turn_by_turn(
            answering(review, "olga.admin", sam="remove", ann="keep"),
            answering(review, "sam.admin", olga="remove", ann="keep"),
        )
        assert Counter(answers) == {"answered": 1, "no administrator": 1}
        assert len(memberships.administrators(practice, now=timezone.now())) == 1
        stand_anew()


def test_an_answer_against_the_end_of_its_days():
    """The job and the press: one of them, whole."""
    practice = staffed(timezone.now())
    for _round in range(ROUNDS):
        review = begun(practice, timezone.now())

        def end(review: Review = review) -> str:
            return "ended" if rounds.end(review=review, now=timezone.now()) else "too late"

        answers = turn_by_turn(answering(review, "olga.admin", ann="keep", ben="keep", cyd="keep"), end)
        assert Counter(answers) in ({"answered": 1, "too late": 1}, {"over": 1, "ended": 1})
        rests = Membership.objects.filter(suspended_at__isnull=False).count()
        assert rests == (0 if "answered" in answers else review.lines.filter(answer="suspend").count())
        stand_anew()


def test_one_review_of_two_jobs():
    practice = staffed(timezone.now())

    def begin() -> bool:
        return rounds.begin(practice=practice, portal_key=PORTAL, now=timezone.now()) is not None

    assert sorted(turn_by_turn(begin, begin)) == [False, True]
    assert JournalEntry.objects.filter(kind="rbac.ReviewOpened").count() == 1
