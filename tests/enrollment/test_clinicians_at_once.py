"""What two presses say of clinicians at once. On PostgreSQL: SQLite has one writer at a time."""

from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from enrollment.domain import clinicians
from enrollment.models import Association, Clinician, ClinicianQuestion
from identity.models import JournalEntry
from tests.factories import ClinicianFactory, npi
from tests.steps.grid import works_as
from tests.together import together

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks"),
    pytest.mark.django_db(transaction=True),
]
ROUNDS, THREADS = 8, 3


def recorded(kind: str) -> int:
    return JournalEntry.objects.filter(kind=f"enrollment.{kind}").count()


def test_of_several_presses_one_adds_and_one_takes_back():
    """S2-21, S2-22: one open association per pair, and one event each."""
    grant, clinician = works_as("front_office", market="CA", portal_key="optum-pro").grant, ClinicianFactory()
    said = {"grant": grant, "clinicians": [clinician], "by": grant.account}
    for turn in range(1, ROUNDS + 1):
        added = together(lambda: len(clinicians.associate(**said, now=timezone.now())), threads=THREADS)
        assert Counter(added) == {1: 1, 0: THREADS - 1}
        row = Association.objects.current().get()
        ended = together(
            lambda row=row: clinicians.end(association=row, by=grant.account, now=timezone.now()), threads=THREADS
        )
        assert Counter(ended) == {True: 1, False: THREADS - 1}
        assert recorded("ClinicianAssociated") == recorded("AssociationEnded") == turn


def test_whoever_goes_on_several_times_at_once_has_answered_once():
    """S2-21."""
    for turn in range(1, ROUNDS + 1):
        grant = works_as("front_office", market="CA", portal_key="optum-pro").grant
        together(
            lambda grant=grant: clinicians.answer(grant=grant, by=grant.account, now=timezone.now()), threads=THREADS
        )
        assert ClinicianQuestion.objects.count() == recorded("ClinicianQuestionAnswered") == turn


def test_an_npi_is_added_once():
    """Two of the desk, or one list sent twice."""
    for turn in range(1, ROUNDS + 1):
        number = npi(f"1{turn:08d}")

        def add(number: str = number) -> str:
            try:
                clinicians.add(npi=number, name="Ana", practice=None, by=None, now=timezone.now())
            except clinicians.KnownAlready:
                return "known"
            return "added"

        assert Counter(together(add, threads=THREADS)) == {"added": 1, "known": THREADS - 1}
        assert Clinician.objects.count() == recorded("ClinicianAdded") == turn
