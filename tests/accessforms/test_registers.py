"""Public registers are read in the layouts that are published, killed and gone on with, and never half believed."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accessforms.domain.npis import is_npi
from accessforms.models import Exclusion, NpiRecord, RegisterImport
from accessforms.registers import cells, leie, nppes, register_imports
from identity.models import JournalEntry
from identity.policy import lifecycle
from identity.record.machine import NotPossible
from portals.legacy.lines import FileRefused
from tests.factories import NOW
from tests.steps import registers
from tests.steps.register_imports import imported
from tests.steps.registers import excluded, npi_of, organization, person

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
ANA = person("1234567893", "ANA", "NÚÑEZ", "NM")
LAB = organization(npi_of(7), "BAY LABORATORY, INC.", "CA")
FACTS = ("npi", "is_organization", "last_name", "first_name", "organization", "state", "taxonomy")


def command(*arguments):
    out = StringIO()
    call_command("import_register", *map(str, arguments), stdout=out)
    return out.getvalue()


class TestLayout:
    def test_only_the_columns_asked_of_the_330_are_kept(self, tmp_path):
        """S2-15: names, state, taxonomy and dates; no street, telephone or tax ID."""
        path = registers.nppes(tmp_path / "npidata.csv", [ANA, LAB])
        assert path.read_text().split("\n")[0].count(",") == 329
        found = imported("nppes", path)
        assert (found.state, found.stored, found.left_out, found.read) == ("done", 2, 0, path.stat().st_size)
        ana, lab = NpiRecord.objects.order_by("-npi")
        assert [getattr(ana, name) for name in FACTS] == [
            "1234567893", False, "NÚÑEZ", "ANA", "", "NM", "207Q00000X",
        ]  # fmt: skip
        assert (ana.enumerated_on, ana.deactivated_on, ana.is_active) == (date(2006, 5, 23), None, True)
        assert (lab.name, lab.is_organization, lab.state) == ("BAY LABORATORY, INC.", True, "CA")

    @pytest.mark.parametrize(
        "line",
        [
            '"1234567893","1","O\'HARA ""KIM"", JR","X","05/23/2006"',
            '1234567893,1,"O\'HARA ""KIM"", JR",X,05/23/2006',
        ],
    )
    def test_quotes_and_commas_within_a_cell(self, line):
        """The fast way and the other one say the same, or the fast one stands back."""
        columns = nppes.Columns(required=("npi", "entity", "name", "state", "since"), has_others=True)
        header = register_imports.lines.header(
            register_imports.lines.split([b"npi,entity,name,state,since,more\n"]), columns
        )
        cut = cells.Cutter(header).cells(f'{line},""'.encode(), 2)
        assert cut == ["1234567893", "1", 'O\'HARA "KIM", JR', "X", "05/23/2006"]

    @pytest.mark.parametrize(
        "row",
        [
            b'"1234567893","1"',  # cut off
            b"\xff" + b'"' * 659,
            b'"12345\x0067893"' + b',""' * 329,
            b'"123456789X"' + b',""' * 329,
            b'"' + b"1" * 20_000 + b'"',
            b'"1234567893"' + b',""' * 35 + b',"02/30/2006"' + b',""' * 293,
        ],
    )
    def test_a_damaged_row_is_left_out_and_the_others_go_on(self, tmp_path, row):
        path = registers.nppes(tmp_path / "npidata.csv", [ANA, LAB])
        head, rest = path.read_bytes().split(b"\n", 1)
        path.write_bytes(head + b"\n" + row + b"\n\n" + rest)
        found = imported("nppes", path)
        assert (found.stored, found.left_out) == (2, 1)

    def test_another_file_is_refused_before_anything_begins(self, tmp_path):
        path = registers.leie(tmp_path / "UPDATED.csv", [excluded("DOE", "JANE")])
        with pytest.raises(CommandError, match="provider enumeration date"):
            command("nppes", path)
        assert not RegisterImport.objects.exists()
        with pytest.raises(CommandError, match="No such file"):
            command("leie", tmp_path / "nowhere.csv")

    def test_a_check_digit(self):
        assert is_npi("1234567893")
        assert not is_npi("1234567894")
        assert not is_npi("3234567893")


class TestHostile:
    """A file that is not what it says: the register before it stays in use, and its facts get no younger by it."""

    HEAD = b"LASTNAME,FIRSTNAME,BUSNAME,NPI,STATE,EXCLDATE,REINDATE"

    @pytest.mark.parametrize(
        "content",
        [
            HEAD + b"," * 10_000_000,
            b"x" * 20_000_000,
            b'"' + HEAD + b"\n",
            (HEAD.decode() + "\nDOE,JANE,,,,,\n").encode("utf-16"),
            HEAD + b",\xf1\n",
            HEAD + b",NPI\n",
            b"sep=|\n" + HEAD.replace(b",", b"|"),
            b"\0" * 1_000,
            b"",
        ],
        ids=["10 million columns", "one line", "a quote", "utf-16", "latin-1", "twice", "another sign", "NUL", "empty"],
    )
    def test_a_header_that_is_none_begins_nothing(self, tmp_path, content):
        (tmp_path / "file.csv").write_bytes(content)
        with pytest.raises(CommandError):
            command("leie", tmp_path / "file.csv")
        assert not RegisterImport.objects.exists()

    @pytest.mark.parametrize("row", [b'"', b"=cmd()", b"\0", b"\xff"])
    @pytest.mark.parametrize("register", ["nppes", "leie"])
    def test_a_file_of_which_nothing_can_be_read_is_no_register(self, tmp_path, row, register):
        """S2-15: it would say of every number that NPPES has none, as of today."""
        if register == "nppes":
            path = registers.nppes(tmp_path / "file.csv", [])
        else:
            imported("leie", registers.leie(tmp_path / "before.csv", [excluded("DOE", "JANE")]))
            path = registers.leie(tmp_path / "file.csv", [])
        path.write_bytes(path.read_bytes() + 5 * (row + b"\n"))
        for _again in range(2):
            with pytest.raises(CommandError, match=r"cannot be read|far fewer rows"):
                command(register, path)
        with pytest.raises(CommandError, match="cannot be read"):
            command(register, path, "--may-shrink")
        found = register_imports.latest(register)
        assert found is None if register == "nppes" else found.file_name == "before.csv"

    @pytest.mark.parametrize("becomes", ["shorter", "longer", "another"])
    @pytest.mark.parametrize("register", ["nppes", "leie"])
    def test_a_file_that_changes_while_it_is_read_is_not_done(self, tmp_path, monkeypatch, becomes, register):
        """A download that is not over yet, or that another one overwrites."""
        monkeypatch.setattr(register_imports, "CHUNK", 3)
        monkeypatch.setattr(register_imports, "BLOCK", 700)
        if register == "nppes":
            path = registers.nppes(tmp_path / "file.csv", registers.people(14))
        else:
            path = registers.leie(tmp_path / "file.csv", [excluded(f"LAST{n}", "JANE") for n in range(14)])
        whole = path.read_bytes()
        with path.open("rb") as stream:
            digest = register_imports.digest_of(stream, size=len(whole))
            found = register_imports.begin(register=register, file_name="file.csv", digest=digest, now=NOW)
            reading = register_imports.go_on(found=found, stream=stream, clock=lambda: NOW)
            next(reading)
            with path.open("r+b") as other:
                match becomes:
                    case "shorter":
                        other.truncate(len(whole) * 3 // 4)
                    case "longer":
                        other.write(whole + whole[-200:])
                    case "another":
                        other.write(whole.replace(b"JANE", b"JOAN").replace(b"05/23/2006", b"05/23/2007"))
            with pytest.raises(register_imports.Changed):
                list(reading)
        assert register_imports.latest(register) is None
        path.write_bytes(whole)
        assert imported(register, path).state == "done"

    def test_cells_that_a_spreadsheet_would_run_are_text(self, tmp_path):
        """They leave by no export: pages show them as they stand."""
        formula = "=HYPERLINK(1)"
        found = imported("nppes", registers.nppes(tmp_path / "f.csv", [person(npi_of(1), formula, "<b>DOE</b>")]))
        assert found.stored == 1
        assert NpiRecord.objects.get().name == f"{formula} <b>DOE</b>"


class TestAgain:
    def test_a_later_file_replaces_what_it_names_and_leaves_the_rest(self, tmp_path):
        """A file of a week holds only what changed in it."""
        first = imported("nppes", registers.nppes(tmp_path / "month.csv", [ANA, LAB]))
        gone = {"NPI": LAB["NPI"], "NPI Deactivation Date": "11/03/2026"}
        second = imported("nppes", registers.nppes(tmp_path / "week.csv", [gone, gone]), now=NOW + SECOND)
        known = nppes.look_up([ANA["NPI"], LAB["NPI"]])
        assert known[ANA["NPI"]].register_import == first
        lab = known[LAB["NPI"]]
        assert (lab.register_import, lab.name, lab.is_active) == (second, "", False)
        assert NpiRecord.objects.count() == 2

    def test_the_same_file_again_changes_nothing(self, tmp_path):
        path = registers.nppes(tmp_path / "month.csv", [ANA])
        assert "Done: 1 rows stored, 0 left out" in command("nppes", path)
        assert "Nothing was changed" in command("nppes", path)
        assert RegisterImport.objects.count() == 1
        kinds = JournalEntry.objects.order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == ["accessforms.RegisterImportBegun", "accessforms.RegisterImported"]

    def test_a_list_of_exclusions_replaces_the_one_before(self, tmp_path):
        """Who left it is excluded no more; while it is read the one before counts."""
        rows = [excluded("DOE", f"JANE{number}") for number in range(20)]
        imported("leie", registers.leie(tmp_path / "one.csv", rows))
        path = registers.leie(tmp_path / "two.csv", rows[1:])
        with path.open("rb") as stream:
            digest = register_imports.digest_of(stream, size=path.stat().st_size)
            found = register_imports.begin(register="leie", file_name="two.csv", digest=digest, now=NOW)
            reading = register_imports.go_on(found=found, stream=stream, clock=lambda: NOW)
            next(reading)
            assert Exclusion.objects.count() == 39
            assert [hit.first_name for hit in leie.hits(npis=[], names=["doe jane0"])] == ["JANE0"]
            assert list(reading) == []
        assert leie.hits(npis=[], names=["doe jane0"]) == []
        assert [hit.first_name for hit in leie.hits(npis=[], names=["doe jane1"])] == ["JANE1"]
        assert Exclusion.objects.count() == 19

    def test_a_list_that_was_cut_off_does_not_empty_the_register(self, tmp_path):
        rows = [excluded("DOE", f"JANE{number}") for number in range(20)]
        command("leie", registers.leie(tmp_path / "one.csv", rows))
        short = registers.leie(tmp_path / "two.csv", rows[:17])
        with pytest.raises(CommandError, match="far fewer rows"):
            command("leie", short)
        assert len(leie.hits(npis=[], names=["doe jane19"])) == 1
        assert "Done: 17 rows" in command("leie", short, "--may-shrink")
        assert leie.hits(npis=[], names=["doe jane19"]) == []
        with pytest.raises(CommandError, match="far fewer rows"):
            command("leie", registers.leie(tmp_path / "none.csv", []))


class Killed(Exception):
    """The process ends here."""


class TestKilled:
    @pytest.mark.parametrize("point", range(10))
    @pytest.mark.parametrize("register", ["nppes", "leie"])
    def test_at_any_point_and_gone_on_with(self, tmp_path, monkeypatch, point, register):
        """optum-pro, to be shown: killed at ten points, before and after a chunk's rows are written, and completed."""
        monkeypatch.setattr(register_imports, "CHUNK", 3)
        monkeypatch.setattr(register_imports, "BLOCK", 700)
        if register == "nppes":
            path = registers.nppes(tmp_path / "file.csv", registers.people(14))
        else:
            path = registers.leie(tmp_path / "file.csv", [excluded(f"LAST{n}", "JANE") for n in range(14)])
        reader = register_imports.READERS[register]
        store, calls = reader.store, []

        def dying(rows, *, of):
            calls.append(1)
            if len(calls) == point // 2 + 1 and not point % 2:
                raise Killed
            store(rows, of=of)
            if len(calls) == point // 2 + 1:
                raise Killed

        monkeypatch.setattr(reader, "store", dying)
        with pytest.raises(Killed):
            imported(register, path)
        done = RegisterImport.objects.get()
        assert (done.state, done.stored) == ("reading", 3 * (point // 2))
        assert (NpiRecord if register == "nppes" else Exclusion).objects.count() == 3 * (point // 2)
        monkeypatch.setattr(reader, "store", store)
        found = imported(register, path)
        assert (found.pk, found.state, found.stored, found.left_out) == (done.pk, "done", 14, 0)
        if register == "nppes":
            assert {row.npi for row in NpiRecord.objects.all()} == {npi_of(n) for n in range(14)}
        else:
            assert list(Exclusion.objects.order_by("line").values_list("line", flat=True)) == list(range(1, 15))

    def test_between_the_last_row_and_the_end(self, tmp_path, monkeypatch):
        path = registers.leie(tmp_path / "file.csv", [excluded("DOE", "JANE")])
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(leie, "finish", lambda found: (_ for _ in ()).throw(Killed))
            imported("leie", path)
        assert not Exclusion.objects.in_force().exists()
        assert imported("leie", path).state == "done"
        assert Exclusion.objects.in_force().count() == 1

    def test_another_file_takes_over_from_one_that_was_interrupted(self, tmp_path):
        with (tmp_path / "x").open("wb"):
            lost = register_imports.begin(register="nppes", file_name="x", digest="lost", now=NOW)
        found = imported("nppes", registers.nppes(tmp_path / "file.csv", [ANA]))
        lost.refresh_from_db()
        assert (lost.state, lost.ended_at, found.state) == ("given up", NOW, "done")

    def test_of_two_at_the_same_chunk_one_wins(self, tmp_path):
        path = registers.nppes(tmp_path / "file.csv", [ANA])
        with path.open("rb") as one, path.open("rb") as two:
            first = register_imports.begin(register="nppes", file_name="f", digest="d", now=NOW)
            second = register_imports.begin(register="nppes", file_name="f", digest="d", now=NOW)
            assert first.pk == second.pk
            next(register_imports.go_on(found=first, stream=one, clock=lambda: NOW))
            with pytest.raises(NotPossible):
                next(register_imports.go_on(found=second, stream=two, clock=lambda: NOW))

    def test_a_file_that_becomes_another_while_it_is_read(self, tmp_path):
        path = registers.nppes(tmp_path / "file.csv", [ANA])
        with path.open("rb") as stream:
            found = register_imports.begin(register="leie", file_name="f", digest="d", now=NOW)
            with pytest.raises(FileRefused):
                next(register_imports.go_on(found=found, stream=stream, clock=lambda: NOW))


@pytest.mark.django_db(transaction=True)
def test_a_chunk_is_committed_with_its_progress(tmp_path, monkeypatch):
    """house: a killed process leaves rows and progress of the same chunk, or neither."""
    monkeypatch.setattr(register_imports, "CHUNK", 2)
    path = registers.nppes(tmp_path / "file.csv", registers.people(5))
    with path.open("rb") as stream:
        found = register_imports.begin(register="nppes", file_name="f", digest="d", now=NOW)
        reading = register_imports.go_on(found=found, stream=stream, clock=lambda: NOW)
        next(reading)
        connection.close()  # what was not committed is gone
        assert (RegisterImport.objects.get().stored, NpiRecord.objects.count()) == (2, 2)
        with pytest.raises(Killed), transaction.atomic():
            next(reading)
            raise Killed
    assert (RegisterImport.objects.get().stored, NpiRecord.objects.count()) == (2, 2)


def test_it_is_old_after_its_days_to_the_second(tmp_path):
    """optum-pro, the period `register_stale`: from the import on."""
    found = imported("nppes", registers.nppes(tmp_path / "file.csv", [ANA]))
    end = NOW + lifecycle.after("register_stale")
    assert not register_imports.is_old(found, now=end - SECOND)
    assert register_imports.is_old(found, now=end)
