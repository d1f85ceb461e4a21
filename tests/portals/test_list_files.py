"""Lists as people save them: what spreadsheets add, what people paste into cells, and what is said of the rest."""

import csv
import io
import os
import re
from pathlib import Path

import pytest
from django.contrib.auth import hashers
from hypothesis import given
from hypothesis import strategies as st

from identity.policy import text
from portals.legacy import lines, reports, rows
from portals.legacy.hashes import schemes
from portals.legacy.lines import COLUMNS, FileRefused
from rbac.capabilities import Capability
from tests.steps.legacy_imports import HEADER, content, line
from tests.steps.legacy_sign_in import BCRYPT, OLD

pytestmark = pytest.mark.django_db
PERSON = "mann1,,mary.ann@example.org,Mary Ann,Lee,"
MARY = ("mann1", "mary.ann@example.org", "Mary Ann", "Lee")


def read(data):
    """What a list says: name, address, first and last name of each good row; a reason of each other one."""
    blocks = [data.encode() if isinstance(data, str) else data]
    return [
        row.reason or (row.login_name, row.email, row.first_name, row.last_name) for row in rows.parse(iter(blocks))
    ]


AS_SAVED = {
    "as we ask for it": f"{HEADER}\n{PERSON}\n",
    "empty columns at the end (T10a)": f"{HEADER},,\r\n{PERSON},,\r\n,,,,,,,\r\n",
    "empty columns in rows only": f"{HEADER}\r\n{PERSON},,,\r\n",
    "semicolons (T10b)": f"{HEADER}\r\n{PERSON}\r\n".replace(",", ";"),
    "tabs": f"{HEADER}\r\n{PERSON}\r\n".replace(",", "\t"),
    "a line that names the separator (T10c)": f"sep=,\r\n{HEADER}\r\n{PERSON}\r\n",
    "the same, with a BOM and semicolons": "\ufeff" + f"sep=;\r\n{HEADER}\r\n{PERSON}\r\n".replace(",", ";"),
    "the same, quoted": f'"sep=,"\n{HEADER}\n{PERSON}\n',
    "CR only": f"{HEADER}\r{PERSON}\r",
    "CR only, without a last one": f"{HEADER}\r{PERSON}",
    "empty rows before, between and after": f",,,,,\n\n{HEADER}\n,,,,,\n\n{PERSON}\n,,,,,\n;;\n".replace(";;\n", "\n"),
    "names of columns with blanks and capitals": f"{HEADER.upper().replace(',', ' , ')}\u00a0\n{PERSON}\n",
    "everything quoted": "\n".join(",".join(f'"{cell}"' for cell in row.split(",")) for row in (HEADER, PERSON)),
}


@pytest.mark.parametrize("data", AS_SAVED.values(), ids=AS_SAVED)
@pytest.mark.parametrize("cut", [1, 7, 100_000])
def test_a_list_says_the_same_however_it_was_saved(data, cut):
    """T10; in however many pieces its bytes arrive."""
    said = data.encode()
    told = list(rows.parse([said[at : at + cut] for at in range(0, len(said), cut)]))
    assert [(row.login_name, row.email, row.first_name, row.last_name) for row in told] == [MARY]
    assert told[0].reason == ""
    assert told[0].line == len(re.split(r"\r\n|\r|\n", data[: data.index("mann1")]))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (HEADER.replace(",entitlements", ""), "Missing: entitlements. Its cells are separated by commas."),
        (HEADER + ",password", "Not known: password. Its cells are separated by commas."),
        ((HEADER + ",Password;hash").replace(",", ";"), "Not known: password. Named twice: hash."),
        (
            HEADER.replace(",", ";").replace("hash", "hsh"),
            "Missing: hash. Not known: hsh. Its cells are separated by semi",
        ),
        ("login_name\tlast_name", "Missing: hash, email, first_name, entitlements. Its cells are separated by tabs."),
        (HEADER.replace(",", "|"), "Separate the cells by commas, semicolons or tabs."),
        ("sep=|\n" + HEADER.replace(",", "|"), "Separate the cells by commas, semicolons or tabs."),
        (PERSON, "Separate the cells by commas, semicolons or tabs."),
        (f"{HEADER},,x", "Not known: , x."),
    ],
)
def test_a_wrong_first_line_is_told_by_what_is_wrong_with_it(data, says):
    """T10: which column is missing or not known, and what separates the cells."""
    with pytest.raises(FileRefused) as refused:
        list(rows.parse([data.encode()]))
    told = lines.problem_text(refused.value.kept)
    assert told.startswith("The first line must name these columns: login_name, hash, email, first_name, last_name,")
    assert says in told


@given(st.lists(st.text(max_size=400), max_size=40))
def test_whatever_the_first_line_says_its_problem_can_be_kept(names):
    """The column holds 300 characters."""
    try:
        list(rows.parse([",".join(names).encode("utf-8", "surrogatepass")]))
        kept = ""
    except FileRefused as refused:
        kept = refused.kept
    assert len(kept) <= 300
    assert bool(lines.problem_text(kept)) is bool(kept)


def test_what_nobody_sees_in_a_cell_is_dropped():
    """T09, T03: NBSP, ZWNJ, direction marks; the address as every other page reads it (T15)."""
    data = content(
        "mann1,,mary.ann@example.org\u200b,Mary\u00a0Ann,Lee,",
        "mina1,,Mina@EXÄMPLE.org,م\u06cc\u200cنا,Rad,",
        "\u200fyosef1,,\u202ayosef@example.org\u202c,\u200fYosef,Le\u00advi,",
        "ann1,,ann@example.org,Ann\u3000\u2003B.,Lee,\u00a0bill_tracker\u00a0",
    )
    assert read(data) == [
        ("mann1", "mary.ann@example.org", "Mary Ann", "Lee"),
        ("mina1", "mina@xn--exmple-cua.org", "م\u06ccنا", "Rad"),
        ("yosef1", "yosef@example.org", "Yosef", "Levi"),
        ("ann1", "ann@example.org", "Ann B.", "Lee"),
    ]


def test_a_cell_over_two_lines_is_no_row_of_its_own():
    """T33: the bad row costs only itself, and its second half is nobody."""
    for ends in ("\n", "\r", "\r\n"):
        assert read(f'{HEADER}\n"mann1{ends}x",,,,,\n{PERSON}\n') == ["damaged", "damaged", MARY]


def test_two_spellings_of_one_name_are_one_name():
    assert read(content(line("ana\u00a0old", ""), line("Ana\u200b old", "")))[1] == "duplicate"


@given(
    st.lists(st.text(max_size=60), min_size=6, max_size=6),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_cell_is_taken_as_it_is_read_or_refused(cells, separator, ends):
    """Property over Unicode: nothing raises, and nothing that nobody sees gets through. (A row is a line.)"""
    cells = [re.sub("[\r\n]", " ", cell).encode("utf-8", "ignore").decode() for cell in cells]
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, lineterminator=ends).writerows([COLUMNS, cells])
    for row in rows.parse([stream.getvalue().encode()]):
        rows.reason_text(row.reason, row.detail)
        assert len(row.detail) <= 100
        if not row.reason:
            for said, kept in ((cells[0], row.login_name), (cells[3], row.first_name), (cells[4], row.last_name)):
                assert kept == text.line(said)
                assert text.line(kept) == kept
            assert row.email == text.email(text.line(cells[2]))


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused(data):
    for cut in (1, 3, 300):
        try:
            told = [
                (row.line, row.reason) for row in rows.parse([data[at : at + cut] for at in range(0, len(data), cut)])
            ]
        except FileRefused as refused:
            told = refused.kept
        if cut == 1:
            first = told
        assert told == first


def test_a_reason_names_the_value_and_what_is_known():
    """Walk C16, E1: "An entitlement is not known" said neither."""
    data = content(
        line("a", "", entitlements="bill_tracker root; wheel"), line("b", "", email="not an address"),
        line("c", "{SSHA}secret"), "d,too,few", line("e", "", email="x" * 300), line("f\x07", ""),
    )  # fmt: skip
    told = [rows.reason_text(row.reason, row.detail) for row in rows.parse([data])]
    known = ", ".join(sorted(one.value for one in Capability))
    assert told == [
        f"An entitlement is not known: root, wheel. Known: {known}.",
        "The email address is not one: not an address.",
        f"The password hash is damaged, or of a kind that is not known. Known: {', '.join(sorted(schemes.SCHEMES))}.",
        "The row has more or fewer cells than the header: 3 ≠ 6.",
        "A cell is too long: email.",
        "A cell holds characters that cannot be shown: login_name.",
    ]
    assert "SSHA" not in "".join(told), "no part of a hash is kept in a report"


ARGON2 = hashers.Argon2PasswordHasher().encode(OLD, "somesaltsomesalt")
OTHER_SPELLINGS = {
    "PHC, as argon2's own libraries write it": (ARGON2.removeprefix("argon2"), ARGON2),
    "Spring's bcrypt": ("{bcrypt}" + BCRYPT.replace("$2b$", "$2a$"), BCRYPT.replace("$2b$", "$2a$")),
}


@pytest.mark.parametrize(("spelled", "known"), OTHER_SPELLINGS.values(), ids=OTHER_SPELLINGS)
def test_another_spelling_of_a_known_hash_is_read(spelled, known):
    """T20: the same scheme, parameters and digest, so that it proves the same password."""
    found = schemes.parse(spelled)
    assert found == schemes.parse(known)
    assert schemes.digest(scheme=found.scheme, parameters=found.parameters, password=OLD) == found.digest


@pytest.mark.parametrize(
    "spelled",
    [
        "{SSHA}" + "A" * 32, "{SSHA512}" + "A" * 88, "$P$B" + "a" * 30, "$S$D" + "a" * 52, "$2x$04$" + "." * 53,
        "pbkdf2:sha256:600000$salt$" + "a" * 64, "AQAAAAIAAYagAAAAE" + "A" * 67, "{bcrypt}", "{noop}secret",
        "{argon2}$argon2id$v=19$m=8,t=1,p=1$" + "A" * 22 + "$" + "A" * 43, "$argon2id$v=19$m=102400,t=2,p=8", "{bcrypt}bcrypt$$2b$04$" + "." * 53,
        "$argon2$argon2id$v=19$m=8,t=1,p=1$" + "A" * 22 + "$" + "A" * 43,
    ],
)  # fmt: skip
def test_every_other_spelling_is_refused_with_its_reason(spelled):
    assert read(content(line("ana.old", spelled))) == ["hash"]


@pytest.mark.parametrize("sign", "=+-@＝＋－＠﹢﹣﹦﹫−\t\r\n")
@pytest.mark.parametrize("before", ["", "\u200b", "\u00a0", " "])
def test_a_cell_that_a_spreadsheet_would_compute_is_text(sign, before):
    """L9: the wide signs too, and behind what nobody sees."""
    cell = f"{before if not sign.isspace() else ''}{sign}1+1"
    assert reports.quoted(cell) == f"'{cell}"
    [row] = list(reports.table([cell], []))
    assert next(csv.reader([row]))[0] == f"'{cell}" or sign in "\r\n"


@pytest.mark.parametrize("cell", ["a=b", "1-1", "ana@example.org", "", "'=", "Núñez", 7, None])
def test_an_ordinary_cell_stays_as_it_is(cell):
    assert reports.quoted(cell) == str(cell)


def test_every_table_that_leaves_is_written_by_one_function():
    """L9: who writes a table otherwise forgets the signs."""
    product = ("accessforms", "config", "enrollment", "identity", "portals", "rbac")
    root = Path(__file__).parents[2]
    writers = [
        str(file.relative_to(root))
        for app in product
        for file in (root / app).rglob("*.py")
        if re.search(r"csv\.(writer|DictWriter)", file.read_text())
    ]
    assert writers == [os.fspath(Path("portals", "legacy", "reports.py"))]
