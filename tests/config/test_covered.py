"""Coverage by room: what is counted, and a floor that only rises (`make coverage`)."""

import tomllib

from tests import covered


def told(lines: int, of_lines: int, branches: int = 0, of_branches: int = 0):
    counts = {
        "covered_lines": lines, "num_statements": of_lines, "covered_branches": branches, "num_branches": of_branches,
    }  # fmt: skip
    return {"summary": counts}


def test_lines_and_branches_count_by_room():
    files = {
        "rbac/domain/grants.py": told(8, 10, 1, 2),
        "rbac/domain/bulk.py": told(1, 8),
        "rbac/tasks.py": told(3, 3),
        "identity/views/files.py": told(0, 4),
        "rbac/models/__init__.py": told(0, 0),
    }
    assert covered.figures(files) == {"identity.views": 0.0, "rbac": 100.0, "rbac.domain": 50.0}


def test_what_fell_is_named_and_a_room_that_is_gone_is_not():
    floor = {"rbac.domain": 90.0, "rbac": 80.0, "rbac.gone": 99.0}
    assert covered.fallen(floor, {"rbac.domain": 89.9, "rbac": 80.0}) == ["rbac.domain: 89.9 %, at least 90.0 %"]


def test_the_floor_only_rises():
    floor = covered.raised({"rbac.domain": 90.0, "rbac.gone": 99.0}, {"rbac.domain": 70.0, "identity.files": 60.0})
    assert floor == {"rbac.domain": 90.0, "identity.files": 60.0}
    assert tomllib.loads(covered.as_toml(floor)) == floor
