"""What two tabs say of one person's tiles at once. On PostgreSQL: SQLite has one writer at a time."""

import itertools
import random

import pytest
from django.db import connection
from django.utils import timezone

from portals import registry
from portals.inside.domain import layouts
from portals.models import Layout
from tests.factories import AccountFactory
from tests.together import together

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks"),
    pytest.mark.django_db(transaction=True),
]
ROUNDS, THREADS = 8, 4
PRO = registry.get("optum-pro")
KEYS = [tile.key for tile in PRO.tiles]


def test_every_press_counts_and_no_tile_is_lost():
    """S3-05: the first press of all makes the row, once; what is hidden by two is hidden twice."""
    for turn in range(ROUNDS):
        who, numbers = {"account": AccountFactory(), "portal": PRO}, itertools.count()
        others, now = random.Random(turn).sample(KEYS, THREADS), timezone.now()

        def press(who=who, numbers=numbers, others=others, now=now):
            number = next(numbers)
            layouts.hide(**who, key=others[number], among=KEYS, now=now)
            layouts.move(**who, key=others[number], to=number + 1, among=KEYS, now=now)

        together(press, threads=THREADS)
        row = Layout.objects.get(account=who["account"])
        assert sorted(row.order) == sorted(KEYS)
        assert row.hidden == sorted(others)


def test_a_reset_beside_other_presses_fails_nobody():
    who, now = {"account": AccountFactory(), "portal": PRO}, timezone.now()
    layouts.hide(**who, key=KEYS[0], among=KEYS, now=now)
    for _ in range(ROUNDS):
        turns = itertools.count()

        def press(turns=turns):
            if next(turns) % 2:
                layouts.reset(**who)
            else:
                layouts.hide(**who, key=KEYS[1], among=KEYS, now=now)

        together(press, threads=THREADS)
        assert Layout.objects.get(account=who["account"]).hidden in ([], [KEYS[1]], KEYS[:2], sorted(KEYS[:2]))
