"""The breaker of a part that is away (attack H4, M9); the parts themselves are killed in tests/production."""

import pytest

from identity.keys.outages import Breaker


class Away(Exception):
    pass


def fails(breaker: Breaker, error: Exception) -> None:
    with pytest.raises(type(error)), breaker.attempt():
        raise error


def test_after_a_failure_others_are_refused_at_once():
    breaker = Breaker(Away, refused=Away)
    fails(breaker, Away())
    with pytest.raises(Away), breaker.attempt():
        pytest.fail("nobody asks a part that failed a moment ago")


def test_an_error_that_the_part_answers_says_that_it_is_back(monkeypatch):
    """Redis that was started anew knows no script of ours: it says so, and is asked again in the same request."""
    monkeypatch.setattr("identity.keys.outages.PAUSE", 0.0)
    breaker = Breaker(Away, refused=Away)
    fails(breaker, Away())
    fails(breaker, LookupError())
    with breaker.attempt():
        pass
