"""What the tests of enrollment share."""

import pytest

from identity.models import Account
from rbac.models import Practice
from tests.steps.invitations import practice_user


@pytest.fixture
def practice(db) -> Practice:
    return Practice.objects.create(name="Lakeside Clinic")


@pytest.fixture
def oaa(practice) -> Account:
    return practice_user(practice, "olga.admin", role="administrator")
