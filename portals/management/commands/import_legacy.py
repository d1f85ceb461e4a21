"""manage.py import_legacy: what a list of old accounts would do (--dry-run), or the import itself."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import batched
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from identity.record import machine
from portals import registry
from portals.legacy import legacy_imports, legacy_rows, lines, reports, rows
from portals.models import LegacyImport


class Command(BaseCommand):
    help = "Import a list of old accounts; a second call with the same file goes on where the first was interrupted"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", choices=sorted(registry.with_old_accounts()))
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="store nothing, only say what would happen")
        parser.add_argument("--report", type=Path, help="write what becomes of every row to this CSV file")

    def handle(self, *args: Any, source: str, file: Path, dry_run: bool, report: Path | None, **options: Any) -> None:
        try:
            digest = self._read_through(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except lines.FileRefused as refused:
            raise CommandError(lines.problem_text(refused.kept)) from refused
        if dry_run:
            self._dry_run(source, file, report)
        else:
            self._import(source, file, digest, report)

    def _read_through(self, file: Path) -> str:
        """The file's digest. Raises FileRefused before anything is stored."""
        digest = hashlib.sha256()

        def blocks() -> Iterator[bytes]:
            for block in _blocks(file):
                digest.update(block)
                yield block

        for _row in rows.parse(blocks()):
            pass
        return digest.hexdigest()

    def _dry_run(self, source: str, file: Path, report: Path | None) -> None:
        counts: dict[str, int] = dict.fromkeys(legacy_imports.Outcome.values, 0)

        def told() -> Iterator[tuple[object, ...]]:
            for chunk in batched(legacy_imports.parse(_blocks(file), source_key=source), legacy_imports.CHUNK):
                for row, outcome, _written in legacy_rows.compare(source_key=source, chunk=chunk):
                    counts[outcome] += 1
                    yield row.line, row.login_name, outcome, rows.reason_text(row.reason, row.detail)

        _write(report, told())
        self._say("Nothing was stored. It would be", counts)

    def _import(self, source: str, file: Path, digest: str, report: Path | None) -> None:
        now = timezone.now()
        try:
            found = legacy_imports.begin(
                source_key=source, file_name=file.name, digest=digest, size=file.stat().st_size, now=now
            )
            if found.stored:
                self.stdout.write(f"Goes on after {found.stored} rows that were stored before.")
            for _rows in legacy_imports.go_on(found=found, blocks=_blocks(file), clock=timezone.now):
                self.stdout.write(f"{found.stored} rows, {100 * found.read // max(found.size, 1)} %")
        except legacy_imports.AnotherIsOpen:
            raise CommandError(
                "Another list of this source is under way. Finish it, or stop it in the admin site."
            ) from None
        except machine.NotPossible:
            raise CommandError("Stopped: somebody else works on this list, or has stopped it.") from None
        _write(report, _stored_report(found))
        self._say("Done:", legacy_imports.counts_of(found))

    def _say(self, begins: str, counts: dict[str, int]) -> None:
        self.stdout.write(f"{begins} {', '.join(f'{count} {outcome}' for outcome, count in counts.items())}.")


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while block := stream.read(legacy_imports.BLOCK):
            yield block


def _stored_report(found: LegacyImport) -> Iterator[tuple[object, ...]]:
    told = found.rows.order_by("line").values_list("line", "login_name", "outcome", "reason", "detail")
    for line, name, outcome, reason, detail in told.iterator():
        yield line, name, outcome, rows.reason_text(reason, detail)


def _write(report: Path | None, told: Iterable[tuple[object, ...]]) -> None:
    with ExitStack() as stack:
        stream: TextIO | None = stack.enter_context(report.open("w", newline="")) if report else None
        for line in reports.table(reports.COLUMNS, told):
            if stream:
                stream.write(line)
