"""To be shown, leap 2: practices over years of leaving and idling are never left without a way to an administrator.

The size of the document, 2,000 practices over five years, is `python -m tests.bench practices`.
"""

import pytest

from tests.bench import practices

pytestmark = pytest.mark.django_db
SIZE = {"practices": 12, "days": 400}


def test_with_the_rules_no_practice_day_has_users_and_no_way_to_an_administrator():
    world = practices.simulate(**SIZE, rules=True)
    assert world.hand_overs, "some handed over"
    assert world.named, "some vanished, and Provider Services called"
    assert world.stuck == 0
    assert world.frozen == 0, "warnings go out by themselves"


def test_without_them_some_have():
    world = practices.simulate(**SIZE, rules=False)
    assert world.stuck > 0
