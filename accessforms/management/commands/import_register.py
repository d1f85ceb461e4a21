"""manage.py import_register: a file of a public register, as CMS and the OIG publish it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accessforms.models import RegisterImport
from accessforms.registers import leie, register_imports
from identity.record import machine
from portals.legacy import lines


class Command(BaseCommand):
    help = "Import a public register; a second call with the same file goes on where the first was interrupted"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("register", choices=RegisterImport.Register.values)
        parser.add_argument("file", type=Path)
        parser.add_argument("--may-shrink", action="store_true", help="take an LEIE list that is much shorter, too")

    def handle(self, *args: Any, register: str, file: Path, may_shrink: bool, **options: Any) -> None:
        try:
            self._import(register, file, may_shrink=may_shrink)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except lines.FileRefused as refused:
            raise CommandError(lines.problem_text(refused.kept)) from refused
        except leie.Shrunk as shrunk:
            raise CommandError(
                "The list has far fewer rows than the one before, which stays in use. Was the file cut off on its way? "
                "If the list is right, call the command again with --may-shrink."
            ) from shrunk
        except register_imports.Changed as changed:
            raise CommandError(
                "The file changed while it was read, and what was in use before stays. Is its download over? "
                "Call the command again with the whole file."
            ) from changed
        except register_imports.MostlyDamaged as damaged:
            raise CommandError(
                "Most of its rows cannot be read, and what was in use before stays. Is the file whole, and in UTF-8?"
            ) from damaged
        except machine.NotPossible as refused:
            raise CommandError("Stopped: another call imports this register.") from refused

    def _import(self, register: str, file: Path, *, may_shrink: bool) -> None:
        size = file.stat().st_size
        with file.open("rb") as stream:
            register_imports.check_layout(register, stream)
            digest = register_imports.digest_of(stream, size=size)
            try:
                found = register_imports.begin(
                    register=register, file_name=file.name, digest=digest, now=timezone.now()
                )
            except register_imports.Known:
                self.stdout.write("Nothing was changed: this file is the one that was imported last.")
                return
            if found.read:
                self.stdout.write(f"Goes on after {found.stored} rows that were stored before.")
            for stored in register_imports.go_on(found=found, stream=stream, may_shrink=may_shrink, clock=timezone.now):
                self.stdout.write(f"{stored} rows, {100 * found.read // max(size, 1)} %")
        self.stdout.write(f"Done: {found.stored} rows stored, {found.left_out} left out because they cannot be read.")
