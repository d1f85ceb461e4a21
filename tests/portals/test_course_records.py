"""How often one may try a course, and how long attempts and certificates are kept (S3-06; decision 0061)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage

from identity.policy import lifecycle
from portals.inside import printing
from portals.inside.domain import attempts, course_records
from portals.models import Attempt, Certificate
from tests.factories import NOW
from tests.steps import courses as steps
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def version():
    return steps.published()


@pytest.fixture
def account():
    return steps.learner(phone="+13105550123")


def failed(version, account, *, now=NOW) -> Attempt:
    attempt = attempts.begin(version=version, by=account, now=now)
    return attempts.send(attempt=attempt, answers=steps.right(version, wrong=3), by=account, now=now)


class TestAgain:
    def test_after_five_that_failed_to_the_second(self, version, account):
        """S3-06: whoever guesses reads the lessons first."""
        for number in range(attempts.MOST_FAILED):
            failed(version, account, now=NOW + number * MINUTE)
        free = NOW + lifecycle.after("attempt_again")
        with pytest.raises(attempts.TooManyFailed) as refused:
            attempts.begin(version=version, by=account, now=free - SECOND)
        assert refused.value.wait == SECOND
        assert attempts.begin(version=version, by=account, now=free).state == "open"

    def test_another_version_is_the_same_course_and_another_person_is_not(self, account):
        pair = steps.staff()
        version = steps.published(pair=pair)
        for number in range(attempts.MOST_FAILED):
            failed(version, account, now=NOW + number * MINUTE)
        newer = steps.next_version(version, pair)
        with pytest.raises(attempts.TooManyFailed):
            attempts.begin(version=newer, by=account, now=NOW + 10 * MINUTE)
        colleague = steps.learner(login_name="lee.learner")
        assert attempts.begin(version=newer, by=colleague, now=NOW + 10 * MINUTE).state == "open"

    def test_one_whose_time_was_over_is_no_guess(self, version, account):
        for number in range(attempts.MOST_FAILED):
            attempts.begin(version=version, by=account, now=NOW + number * DAY)
            attempts.close_over(now=NOW + (number + 1) * DAY)
        assert Attempt.objects.filter(state="failed").count() == attempts.MOST_FAILED
        assert attempts.begin(version=version, by=account, now=NOW + attempts.MOST_FAILED * DAY).state == "open"

    def test_the_page_says_when(self, version, account):
        with time_machine.travel(NOW, tick=False):
            for _number in range(attempts.MOST_FAILED):
                failed(version, account)
            browser = signed_in(account, verified=True)
            path = f"/p/optum-pro/courses/{version.course_id}/{version.number}/begin/"
            page = browser.post(path, follow=True).content.decode()
        assert "You have tried the questions of this course several times. Read its lessons again first." in page
        assert "You can try again in" in page
        assert not Attempt.objects.filter(state="open").exists()


class TestKept:
    def test_an_attempt_that_failed_to_the_second(self, version, account):
        failed(version, account)
        end = NOW + lifecycle.after("attempt_kept")
        course_records.prune(now=end - SECOND)
        assert Attempt.objects.exists()
        course_records.prune(now=end)
        assert not Attempt.objects.exists()

    def test_a_certificate_six_calendar_years_after_its_end(self, version, account):
        """As the journal: to the end of its month. Its PDF and its attempt go with it."""
        steps.passed(version, account)
        printing.make_waiting(clock=lambda: NOW + DAY)
        certificate = Certificate.objects.get()
        assert default_storage.exists(certificate.path)
        ended = certificate.valid_until
        first = ended.replace(
            year=ended.year + 6 + ended.month // 12, month=ended.month % 12 + 1, day=1, hour=0, minute=0, second=0,
            microsecond=0,
        )  # fmt: skip
        before, then = (lifecycle.over_before("certificate_kept", now=one) for one in (first - SECOND, first))
        assert before <= ended < then
        course_records.prune(now=first - SECOND)
        assert Certificate.objects.exists()
        course_records.prune(now=first)
        assert not Certificate.objects.exists()
        assert not Attempt.objects.exists()
        assert not default_storage.exists(certificate.path)

    def test_one_that_does_not_end_is_kept(self, account):
        version = steps.published(valid_for=None)
        steps.passed(version, account)
        course_records.prune(now=NOW + 50 * 365 * DAY)
        assert Certificate.objects.exists()
