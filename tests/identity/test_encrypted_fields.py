"""What lies encrypted reads in Python as what it was, and in the database as nothing (C11: a TIN may be an SSN)."""

import pytest
from django.db import connection

from accessforms.models import Submission
from tests.factories import SubmissionFactory

pytestmark = pytest.mark.django_db
ANSWERS = {"tins": [{"digits": "987654321", "kind": "SSN"}], "city": "Peñasco", "none": None, "boxes": ["a", "b"]}


def stored(submission) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM accessforms_submission WHERE id = %s", [submission.pk])
        return cursor.fetchone()[0]


def test_answers_lie_encrypted_and_come_back_whole():
    submission = SubmissionFactory(answers=ANSWERS)
    assert Submission.objects.get().answers == ANSWERS
    text = stored(submission)
    assert not any(secret in text for secret in ("987654321", "Pe", "tins"))


@pytest.mark.parametrize("value", [{}, [], None, "", 0])
def test_nothing_comes_back_as_the_nothing_that_it_was(value):
    submission = SubmissionFactory()
    Submission.objects.filter(pk=submission.pk).update(answers=value)
    submission.refresh_from_db()
    assert submission.answers == value
    assert stored(submission).startswith("gAAAA")


def test_two_rows_with_one_answer_do_not_look_alike():
    first, second = (SubmissionFactory(answers=ANSWERS) for _ in range(2))
    assert stored(first) != stored(second)


def test_rows_changed_together_are_each_sealed():
    rows = [SubmissionFactory(answers={"number": number}) for number in range(3)]
    for row in rows:
        row.answers = {"number": row.answers["number"] + 1}
    Submission.objects.bulk_update(rows, ["answers"])
    assert [row.answers["number"] for row in Submission.objects.order_by("pk")] == [1, 2, 3]
