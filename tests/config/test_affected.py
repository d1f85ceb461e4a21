"""What `make affected` chooses: tests of the nouns that were touched, and tests that import what was touched."""

import pytest

from tests.affected import affected


@pytest.mark.parametrize(
    ("file", "test"),
    [
        ("identity/views/recovery.py", "tests/identity/test_recovery.py"),
        ("templates/identity/profile/index.html", "tests/identity/test_profile.py"),
        ("portals/legacy/links.py", "tests/portals/test_links.py"),
        ("identity/notices/tickets.py", "tests/identity/test_tickets.py"),
        ("identity/record/outbox.py", "tests/identity/test_outbox.py"),
        ("tests/steps/sign_in.py", "tests/identity/test_recovery.py"),
        ("tests/portals/test_links.py", "tests/portals/test_links.py"),
    ],
)
def test_a_touched_file_has_its_tests_run(file, test):
    assert test in affected({file})


def test_what_no_test_is_named_for_or_imports_runs_none():
    assert affected({"CHANGELOG.md"}) == []
    assert len(affected({"identity/notices/tickets.py"})) < 50
