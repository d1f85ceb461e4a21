"""Importing lists of old accounts: every row told, bad files refused, no doubles after a kill; the wrapping (S4-25)."""

import csv
import io
import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import bcrypt
import pytest
import time_machine
from argon2.exceptions import HashingError
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config.schedule import SCHEDULE
from identity.models import JournalEntry
from identity.policy import lifecycle
from identity.record import machine
from portals import registry, tasks
from portals.legacy import legacy_imports, lines, reports, rows, wrapping
from portals.legacy.hashes import slow_schemes
from portals.legacy.legacy_imports import State
from portals.models import LegacyAccount, LegacyImport, LegacyImportRow, LegacyWork
from tests.factories import NOW
from tests.steps.legacy_imports import HEADER, SOURCE, content, line
from tests.steps.legacy_sign_in import BCRYPT, HASHES, OLD, salted
from tests.together import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path):
    """The command, with a file of these bytes; answers with what it said and the report."""

    def command(data: bytes, *options: str) -> tuple[str, list[list[str]]]:
        (tmp_path / "list.csv").write_bytes(data)
        said, report = io.StringIO(), tmp_path / "report.csv"
        call_command("import_legacy", SOURCE, str(tmp_path / "list.csv"), *options, report=report, stdout=said)
        return said.getvalue(), list(csv.reader(report.read_text().splitlines()))[1:]

    return command


def reasons(data: bytes) -> dict[int, str]:
    return {row.line: row.reason for row in rows.parse([data])}


def test_a_list_is_imported_and_every_row_is_told(run):
    """Issue 5: accepted, changed, unchanged, refused and why."""
    first = content(line("ana.old", entitlements="bill_tracker"), line("bob.old", ""), line("", BCRYPT))
    said, report = run(first)
    assert "Done: 2 accepted, 0 changed, 0 unchanged, 1 refused." in said
    assert report == [
        ["2", "ana.old", "accepted", ""], ["3", "bob.old", "accepted", ""], ["4", "", "refused", "There is no user name."],
    ]  # fmt: skip
    said, report = run(content(line("Ana.Old", email="new@example.org"), line("bob.old", ""), line("eve.old")))
    assert [row[2] for row in report] == ["changed", "unchanged", "accepted"]
    ana = LegacyAccount.objects.get(login_key="ana.old")
    assert (ana.login_name, ana.email, ana.capabilities, ana.source) == ("Ana.Old", "new@example.org", [], SOURCE)
    assert list(JournalEntry.objects.values_list("kind", flat=True)).count("portals.LegacyImportDone") == 2
    assert JournalEntry.objects.count() == 4, "an entry a step, not a row"


def test_a_dry_run_tells_the_same_and_stores_nothing(run):
    said, report = run(content(line("ana.old"), line("ana.old"), line("bob.old", "nonsense")), "--dry-run")
    assert said.startswith("Nothing was stored. It would be 1 accepted, 0 changed, 0 unchanged, 2 refused.")
    assert [row[2] for row in report] == ["accepted", "refused", "refused"]
    assert not LegacyAccount.objects.exists()
    assert not LegacyImport.objects.exists()


def test_bad_rows_are_refused_one_by_one_with_a_reason():
    """Issue 5, bad input: duplicates, hashes, names, addresses, cells, entitlements, NUL, 10 MB."""
    data = content(
        line("ana.old"), line("  ANA.old"), line("b", "md5$$x"), line("c", "$2b$14$" + "." * 53), line("d", email="no"),
        line("e", entitlements="bill_tracker; root"), "f,too,few", '"g,,,,,', line("h\0i"), line("j" * 151),
        line("k", email="x" * 260 + "@example.org"), line("l" * 10_000_000), "", line("m\x07"), line("n", "", email=""),
        line("ﷺ" * 20),
    )  # fmt: skip
    assert reasons(data) == {
        2: "", 3: "duplicate", 4: "hash", 5: "costly", 6: "address", 7: "entitlement", 8: "cells", 9: "damaged",
        10: "control", 11: "long", 12: "long", 13: "long", 15: "control", 16: "", 17: "long",
    }  # fmt: skip
    assert set(rows.REASONS) == {reason for reason in reasons(data).values() if reason} | {"name"}


def test_a_cell_of_ten_megabytes_is_not_kept_in_memory():
    import tracemalloc

    blocks = [content(line("ana.old"))[:-1] + b"\n" + b"x" * 10, *([b"x" * 500_000] * 40), b"\n", line("b").encode()]
    tracemalloc.start()
    told = [(row.line, row.reason) for row in rows.parse(iter(blocks))]
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()
    assert told == [(2, ""), (3, "long"), (4, "")]


@pytest.mark.parametrize("cut", [1, 7, 64, 1000])
def test_a_list_reads_the_same_however_its_bytes_arrive(cut):
    data = b"\xef\xbb\xbf" + content(line("ana.old"), line("Zoë.old"), line("x" * 20_000), line("d")).replace(
        b"\n", b"\r\n"
    )
    parts = [data[at : at + cut] for at in range(0, len(data), cut)]
    told = [(row.line, row.login_name, row.reason, row.end) for row in rows.parse(parts)]
    assert told == [(row.line, row.login_name, row.reason, row.end) for row in rows.parse([data])]
    assert [one[:3] for one in told] == [(2, "ana.old", ""), (3, "Zoë.old", ""), (4, "", "long"), (5, "d", "")]
    assert told[-1][3] == len(data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (content(line("a"), line("Zoë")).decode().encode("latin-1"), "Line 3 is not UTF-8"),
        (content(line("a")).decode().encode("utf-16"), "Line 1 is not UTF-8"),
        (b"", "The file is empty"),
        (b"ana.old,x,y\n", "must name these columns: login_name, hash, email"),
        (content(header="login_name,hash,email,first_name,last_name"), "must name these columns"),
        (content(header=HEADER + ",password"), "must name these columns"),
        (content(header=HEADER.replace(",", "|")), "must name these columns"),
        (b"x" * 10_000_000, "must name these columns"),
    ],
    ids=[
        "Latin-1",
        "UTF-16",
        "empty",
        "no header",
        "column missing",
        "column too many",
        "other separators",
        "one huge line",
    ],
)
def test_a_file_that_cannot_be_a_list_is_refused_whole_before_anything_is_stored(run, data, says):
    with pytest.raises(CommandError, match=says):
        run(data)
    assert not LegacyImport.objects.exists()


def test_columns_may_come_in_any_order_and_quoted(run):
    run(b'"Email",login_name,entitlements,last_name,first_name,hash\nold@example.org,ana.old,bill_tracker,Old,Ana,\n')
    ana = LegacyAccount.objects.get()
    assert (ana.email, ana.first_name, ana.last_name, ana.capabilities) == (
        "old@example.org",
        "Ana",
        "Old",
        ["bill_tracker"],
    )


def test_formulas_are_text_and_the_report_quotes_them(run):
    """policy, Always: cells that start with = + - @ are quoted in what staff open with a spreadsheet."""
    _said, report = run(content(line("=cmd|' /C calc'!A0"), line("+1"), line("-1"), line("@x")))
    assert [row[1] for row in report] == ["'=cmd|' /C calc'!A0", "'+1", "'-1", "'@x"]
    assert LegacyAccount.objects.filter(login_name="+1").exists()
    assert reports.quoted("a=b") == "a=b"


def test_every_kind_of_hash_is_imported_and_its_work_remembered(run):
    run(content(*(line(f"user{number}", text) for number, text in enumerate(HASHES.values()))))
    assert LegacyAccount.objects.to_wrap().count() == len(HASHES)
    assert dict(LegacyWork.objects.values_list("kind", "most"))["bcrypt"] == 2**5
    run(content(line("more", bcrypt.hashpw(b"x", bcrypt.gensalt(6)).decode())))
    assert LegacyWork.objects.get(kind="bcrypt", source=SOURCE).most == 2**6
    run(content(line("less", bcrypt.hashpw(b"x", bcrypt.gensalt(4)).decode())))
    assert LegacyWork.objects.get(kind="bcrypt", source=SOURCE).most == 2**6


def argon2(memory: int) -> str:
    return f"argon2$argon2id$v=19$m={memory},t=1,p=1${'A' * 22}${'A' * 43}"


def test_a_source_has_a_budget_and_rows_beyond_it_are_refused(run):
    """Every attempt does the work of each kind: it stays bounded, also over several lists, and a dry run says so."""
    many = content(*(line(f"user{number}", argon2(1000 + number)) for number in range(20)))
    _said, report = run(many, "--dry-run")
    assert [row[2] for row in report].count("accepted") == 8
    _said, told = run(many)
    assert told == report
    assert "takes too much work to check" in report[-1][3]
    _said, report = run(content(line("one.more", argon2(999)), line("known.kind", argon2(1001))))
    assert [row[2] for row in report] == ["refused", "accepted"]
    assert LegacyWork.objects.count() == 8


def test_kinds_that_are_dear_together_are_refused_though_each_is_not(run):
    dear = [line("a", "$2b$13$" + "." * 53), line("b", "pbkdf2$sha1$900000$aa$" + "ab" * 20), line("c", BCRYPT)]
    _said, report = run(content(*dear))
    assert [row[2] for row in report] == ["accepted", "refused", "accepted"]


def test_a_hash_that_its_library_cannot_compute_is_refused(run):
    """Else every attempt on the source's form would fail, whoever it names."""
    with patch.object(slow_schemes, "_argon2", side_effect=HashingError("no")) as tried:
        _said, report = run(content(line("a", argon2(64)), line("b", argon2(64)), line("c", BCRYPT)))
    assert [row[2] for row in report] == ["refused", "refused", "accepted"]
    assert "damaged" in report[0][3]
    assert tried.call_count == 1
    assert [row.kind for row in LegacyWork.objects.all()] == ["bcrypt"]


def test_a_list_that_ends_forgets_the_work_of_the_hashes_it_replaced(run):
    """Nobody pays for a costly hash that is gone; another source keeps its own."""
    LegacyWork.objects.create(source="trucase", kind="bcrypt", most=2**13)
    run(content(line("ana.old", "$2b$12$" + "." * 53), line("bob.old", argon2(64)), line("eve.old", BCRYPT)))
    assert dict(worked(SOURCE)) == {"bcrypt": 2**12, "argon2 64 1 1": 1}
    run(content(line("ana.old", BCRYPT), line("bob.old", salted("sha1"))))
    assert dict(worked(SOURCE)) == {"bcrypt": 2**5}
    assert dict(worked("trucase")) == {"bcrypt": 2**13}


def worked(source: str) -> list[tuple[str, int]]:
    return list(LegacyWork.objects.filter(source=source).values_list("kind", "most"))


def test_wrapping_leaves_no_inner_digest_and_goes_on_after_it_was_stopped(run):
    run(content(*(line(f"user{number}", text) for number, text in enumerate(HASHES.values()))))
    for _one in zip(range(5), wrapping.wrap(), strict=False):
        pass
    assert 0 < wrapping.left() < len(HASHES)
    said = io.StringIO()
    call_command("wrap_legacy_hashes", stdout=said)
    assert said.getvalue().endswith("0 left.\n")
    for row in LegacyAccount.objects.all():
        assert row.imported_hash == ""
        assert row.secret.startswith("argon2$argon2id$")


def test_the_job_wraps_for_a_while_and_then_lets_go(run, monkeypatch):
    """Issue 5: a background job with bounded time and a part of a core."""
    run(content(*(line(f"user{number}", salted("sha1")) for number in range(4))))
    monkeypatch.setattr(tasks, "BUDGET", -1.0)
    tasks.wrap_imported_hashes()
    assert wrapping.left() == 3
    monkeypatch.undo()
    tasks.wrap_imported_hashes()
    assert wrapping.left() == 0
    assert SCHEDULE["wrap imported hashes"]["task"] == "portals.tasks.wrap_imported_hashes"


def test_the_same_list_again_changes_nothing_that_is_wrapped_with_a_salt_of_its_own(run):
    """A system that keeps a name's salt might have a new password: such a hash is wrapped anew."""
    data = content(line("ana.old", BCRYPT), line("bob.old", salted("sha1")))
    run(data)
    call_command("wrap_legacy_hashes", stdout=io.StringIO())
    said, _report = run(data)
    assert "0 accepted, 0 changed, 2 unchanged, 0 refused" in said
    assert [row.login_name for row in LegacyAccount.objects.to_wrap()] == ["bob.old"]


def test_a_new_hash_takes_the_place_of_a_wrapped_one(run):
    run(content(line("ana.old")))
    call_command("wrap_legacy_hashes", stdout=io.StringIO())
    said, _report = run(content(line("ana.old", bcrypt.hashpw(OLD.encode(), bcrypt.gensalt(4)).decode())))
    assert "1 changed" in said
    ana = LegacyAccount.objects.get()
    assert (ana.secret, ana.imported_hash[:7]) == ("", "$2b$04$")


def test_hashes_that_nobody_will_ask_for_are_not_kept(run, monkeypatch):
    """Where the old system checks passwords itself, a list says who there is."""
    portal = registry.get(SOURCE)
    remote = replace(portal, legacy=replace(portal.legacy, adapter="ldap"))
    monkeypatch.setattr(registry, "with_old_accounts", lambda: {SOURCE: remote})
    run(content(line("ana.old")))
    ana = LegacyAccount.objects.get()
    assert (ana.scheme, ana.imported_hash, LegacyWork.objects.count()) == ("", "", 0)


def test_two_lists_of_a_source_do_not_run_at_once(run, operator):
    upload(operator, content(line("ana.old")))
    with pytest.raises(legacy_imports.AnotherIsOpen):
        upload(operator, content(line("bob.old")))
    with pytest.raises(CommandError, match="Another list of this source is under way"):
        run(content(line("bob.old")))


def upload(by, data: bytes) -> LegacyImport:
    return legacy_imports.receive(source_key=SOURCE, file_name="list.csv", blocks=[data], by=by, now=NOW)


def test_an_uploaded_list_is_checked_then_stored_by_the_job_and_its_bytes_are_gone(
    operator, second_operator, monkeypatch
):
    monkeypatch.setattr(legacy_imports, "CHUNK", 2)
    found = upload(operator, content(line("ana.old"), line("bob.old"), line("ana.old"), line("eve.old")))
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM portals_legacyimportblock")
        assert "ana.old" not in cursor.fetchone()[0], "it lies encrypted"
    tasks.go_on_with_imports()
    found.refresh_from_db()
    assert (found.state, found.checked, found.stored) == (State.CHECKED, 4, 0)
    assert legacy_imports.counts_of(found) == {"accepted": 3, "changed": 0, "unchanged": 0, "refused": 1}
    assert not LegacyAccount.objects.exists(), "a dry run stores nothing"
    legacy_imports.start(found=found, by=second_operator, now=NOW)
    tasks.go_on_with_imports()
    found.refresh_from_db()
    assert (found.state, found.stored, found.read, found.blocks.count()) == (State.DONE, 4, found.size, 0)
    assert LegacyAccount.objects.count() == 3
    assert [entry.kind for entry in JournalEntry.objects.order_by("pk")][-4:] == [
        "portals.LegacyImportReceived", "portals.LegacyImportChecked", "portals.LegacyImportBegun", "portals.LegacyImportDone",
    ]  # fmt: skip
    with pytest.raises(machine.NotPossible):
        legacy_imports.start(found=found, by=second_operator, now=NOW)


def test_whoever_uploaded_a_list_does_not_start_it(operator, second_operator):
    """policy, mass acts: a list can give anybody any right of its portal, so two people stand behind it."""
    found = upload(operator, content(line("ana.old", salted("sha1"), entitlements="bill_tracker")))
    tasks.go_on_with_imports()
    found.refresh_from_db()
    with pytest.raises(machine.SamePerson):
        legacy_imports.start(found=found, by=operator, now=NOW)
    tasks.go_on_with_imports()
    assert not LegacyAccount.objects.exists()
    legacy_imports.start(found=found, by=second_operator, now=NOW)
    assert JournalEntry.objects.get(kind="portals.LegacyImportBegun").by == second_operator


def test_an_uploaded_file_of_a_wrong_encoding_is_refused_with_its_line(operator):
    found = upload(operator, content(line("ana.old")) + b"\xff\xfe\n")
    tasks.go_on_with_imports()
    found.refresh_from_db()
    assert (found.state, lines.problem_text(found.problem)[:21]) == (State.REFUSED, "Line 3 is not UTF-8. ")
    assert found.blocks.count() == 0


def test_a_list_can_be_stopped_and_what_is_stored_stays(operator, second_operator, monkeypatch):
    monkeypatch.setattr(legacy_imports, "CHUNK", 1)
    found = upload(operator, content(line("ana.old"), line("bob.old")))
    tasks.go_on_with_imports()
    found.refresh_from_db()
    legacy_imports.start(found=found, by=second_operator, now=NOW)
    steps = legacy_imports.go_on(found=found, blocks=legacy_imports.blocks_of(found), clock=lambda: NOW)
    next(steps)
    legacy_imports.stop(found=LegacyImport.objects.get(), by=operator, now=NOW)
    with pytest.raises(machine.NotPossible):
        next(steps)
    assert LegacyAccount.objects.count() == 1


def test_only_operators_import(agent):
    with pytest.raises(legacy_imports.MayNotImport):
        upload(agent, content(line("ana.old")))


def test_a_list_that_is_too_large_leaves_nothing_behind(operator, monkeypatch):
    monkeypatch.setattr(legacy_imports, "LARGEST", 10)
    with pytest.raises(legacy_imports.TooLarge):
        upload(operator, content(line("ana.old")))
    assert not LegacyImport.objects.exists()


def test_reports_are_kept_for_their_period(run, operator):
    """legacy_report: a second before its end, and at the very moment."""
    with time_machine.travel(NOW, tick=False):
        run(content(line("ana.old")))
    waits = upload(operator, content(line("bob.old")))
    LegacyImport.objects.filter(pk=waits.pk).update(state=State.CHECKED)
    end = NOW + lifecycle.after("legacy_report")
    legacy_imports.forget(now=end - timedelta(seconds=1))
    assert LegacyImportRow.objects.count() == 1
    legacy_imports.forget(now=end)
    assert LegacyImportRow.objects.count() == 0
    waits.refresh_from_db()
    assert (waits.state, waits.blocks.count()) == (State.DISCARDED, 0)


def database_url() -> str:
    """The address of this test's own database."""
    own = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{own['NAME']}"
    return f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_goes_on_without_doubles(tmp_path):
    """Issue 5: restart after a kill -9. The process is a real one, killed after its second chunk."""
    file = tmp_path / "list.csv"
    file.write_bytes(content(*(line(f"old.user{number}", salted("sha1")) for number in range(20_000))))
    command = [sys.executable, "-u", "manage.py", "import_legacy", SOURCE, str(file)]
    environment = {**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as first:  # fmt: skip
        assert first.stdout is not None
        for _chunk in range(2):
            first.stdout.readline()
        first.send_signal(signal.SIGKILL)
    stopped = LegacyImport.objects.get()
    assert stopped.state == State.STORING
    assert 4_000 <= stopped.stored < 20_000
    assert LegacyAccount.objects.count() == stopped.stored, "rows and progress are one transaction"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    second = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert worked / (20_000 - stopped.stored) * 100_000 < 60, (
        "100,000 rows in less than a minute, by work and not by clock"
    )
    assert f"Goes on after {stopped.stored} rows" in second.stdout
    assert second.stdout.endswith("Done: 20000 accepted, 0 changed, 0 unchanged, 0 refused.\n")
    assert LegacyImport.objects.get().state == State.DONE
    assert LegacyAccount.objects.count() == LegacyImportRow.objects.count() == 20_000


@pytest.mark.django_db(transaction=True)
def test_two_workers_wrap_together_and_lose_nothing():
    for number in range(40):
        LegacyAccount.objects.create(
            source=SOURCE, login_name=f"user{number}", scheme="sha1", parameters="s4lt", imported_hash=salted("sha1"), imported_at=NOW,
        )  # fmt: skip
    together(lambda: list(wrapping.wrap()), threads=2)
    assert wrapping.left() == 0
    assert LegacyAccount.objects.filter(secret__startswith="argon2", imported_hash="").count() == 40


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_list_store_each_row_once(operator, second_operator, monkeypatch):
    monkeypatch.setattr(legacy_imports, "CHUNK", 50)
    found = upload(operator, content(*(line(f"old.user{number}", "") for number in range(400))))
    tasks.go_on_with_imports()
    found.refresh_from_db()
    legacy_imports.start(found=found, by=second_operator, now=NOW)
    together(tasks.go_on_with_imports, threads=2)
    tasks.go_on_with_imports()  # whoever lost is started again within a minute
    found.refresh_from_db()
    assert (found.state, found.stored, LegacyAccount.objects.count()) == (State.DONE, 400, 400)
    assert legacy_imports.counts_of(found)["accepted"] == 400
