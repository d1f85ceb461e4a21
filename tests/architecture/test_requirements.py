"""docs/requirements.md: every id that code, tests and docs cite stands there."""

from identity.policy import lifecycle
from tests import cited


def unknown(found):
    known = cited.listed()
    return [f"{of}: {name}" for of, name in sorted(found) if name not in known[of]]


def test_every_cited_id_is_on_the_page():
    """rooms, docs: a line an id, so that a stranger can look it up."""
    missing = {str(path.relative_to(cited.ROOT)): unknown(cited.in_file(path)) for path in cited.files()}
    assert {path: names for path, names in missing.items() if names} == {}


def test_every_cited_row_of_the_policy_is_on_the_page():
    """rooms, docs: it is cited by its name, "policy, resend"."""
    rows = tuple(cited.listed()["Policy"])
    texts = [path for path in cited.files() if path.suffix == ".py" and "olicy" in path.read_text()]
    found = {str(path.relative_to(cited.ROOT)): cited.policy_in(path) for path in texts}
    unlisted = {path: [name for name in names if not name.startswith(rows)] for path, names in found.items()}
    assert {path: names for path, names in unlisted.items() if names} == {}
    assert sum(map(len, found.values())) > 100


def test_the_column_of_the_periods_cites_ids_of_the_page():
    """rooms, docs: `rows` of the table of periods is no prose, so it is asked itself."""
    cites = {name: cited.in_text(row.rows) for name, row in lifecycle.PERIODS.items()}
    assert {name: unknown(found) for name, found in cites.items() if unknown(found)} == {}
    assert sum(map(len, cites.values())) > len(cites) / 2


def test_no_id_stands_twice_in_a_list_and_each_has_words():
    """A second line of the same id would be another rule under one name."""
    lines = [line for line in cited.PAGE.read_text().split("\n") if line.startswith("| ")]
    rows = [line for line in lines if any(line.startswith(f"| {name} |") for name in cited.listed()[""])]
    assert len(rows) == len(cited.listed()[""])
    assert all(len(line.split("|")[2].split()) >= 2 for line in rows)


def test_what_counts_as_a_citation():
    """The finder itself: ranges, lists after a name, letters alone, and what only looks like an id."""
    walk, attack = cited.NAMED["walk"], cited.NAMED["attack"]
    assert cited.in_text("attack H8, F2") == {(attack, "H8"), (cited.NAMED["code"], "F2")}
    assert cited.in_text("attack C1") == {(attack, "C1")}
    assert cited.in_text("S4-30..32 and S1-05,06") == {
        ("", "S4-30"), ("", "S4-31"), ("", "S4-32"), ("", "S1-05"), ("", "S1-06"),
    }  # fmt: skip
    assert cited.in_text("Walk C16, E1: said neither (C5, D-04).") == {
        (walk, "C16"), (walk, "E1"), ("Rulings", "C5"), ("", "D-04"),
    }  # fmt: skip
    assert cited.in_text("attack M6, and H4") == {(attack, "M6"), (attack, "H4")}
    assert cited.in_text("%C2, noqa-A0x, [A-Z2-9], S256") == set()


def test_an_id_that_is_not_there_is_found(tmp_path):
    """Without this the first test could pass by looking at nothing."""
    module = tmp_path / "module.py"
    row, fault = f"S1-{99}", f"L{77}"
    module.write_text(f'"""A rule ({row}, attack {fault})."""\n')
    found = cited.in_file(module)
    assert found == {("", row), (cited.NAMED["attack"], fault)}
    assert len(unknown(found)) == 2
