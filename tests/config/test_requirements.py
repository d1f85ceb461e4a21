"""requirements/*.txt are compared with their *.in by hash: a line added to one alone is seen."""

import shutil

import pytest

from tests import requirements


@pytest.fixture
def folder(tmp_path):
    for file in requirements.FOLDER.iterdir():
        shutil.copy(file, tmp_path)
    (tmp_path / requirements.STAMP).write_text("\n".join(requirements.stamp(tmp_path)) + "\n")
    return tmp_path


def test_what_was_compiled_is_not_stale(folder):
    assert requirements.stale(folder) == []


@pytest.mark.parametrize("name", ["base.in", "development.txt"])
def test_a_line_added_by_hand_is_stale(folder, name):
    (folder / name).write_text((folder / name).read_text() + "left-pad\n")
    assert requirements.stale(folder) == [name]
