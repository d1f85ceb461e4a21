"""S3's personas are aliases of the grid's roles, and each of its features is a capability of the grid (C19, C26)."""

import pytest

from rbac import roles
from rbac.capabilities import GRID_COLUMNS
from rbac.domain import grid
from rbac.personas import CLINICIAN, FEATURES, NONCLINICAL, PERSONAS, Reach
from tests.factories import NOW


def test_the_two_personas_part_the_fourteen_roles():
    assert set(roles.GRID) == CLINICIAN | NONCLINICAL
    assert not CLINICIAN & NONCLINICAL


def test_each_persona_is_roles_of_the_grid():
    assert all(named <= set(roles.GRID) for named in PERSONAS.values())


def test_every_feature_of_both_lists_is_there_once():
    """S3-02 has five, S3-03 eight."""
    rows = [feature.row for features in FEATURES.values() for feature in features]
    expected = [*(f"S3-02 ({number})" for number in range(1, 6)), *(f"S3-03 ({number})" for number in range(1, 9))]
    assert rows == expected


@pytest.mark.django_db
@pytest.mark.parametrize("persona", FEATURES)
def test_a_feature_is_open_as_its_reach_says(persona):
    """C26: the grid decides. By role: a column that not every role has, or all have; universal: everybody everywhere;
    some markets: everybody in California and nobody in Colorado."""
    version = grid.current(now=NOW)
    for feature in FEATURES[persona]:
        holders = {
            market: [role for role in roles.GRID if feature.capability in grid.allowed([(role, market)], version)]
            for market in ("CA", "CO")
        }
        if feature.reach == Reach.UNIVERSAL:
            assert holders == {"CA": list(roles.GRID), "CO": list(roles.GRID)}
        elif feature.reach == Reach.SOME_MARKETS:
            assert holders == {"CA": list(roles.GRID), "CO": []}
        else:
            assert feature.capability in GRID_COLUMNS
            assert holders["CA"] == holders["CO"]
            assert set(holders["CO"]) & PERSONAS[persona]
