"""Importing a file of a public register, as the command does it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from accessforms.models import RegisterImport
from accessforms.registers import register_imports
from tests.factories import NOW


def imported(register: str, path: Path, *, now: datetime = NOW, **options: Any) -> RegisterImport:
    """The import of a file, from its first byte to its last."""
    with path.open("rb") as stream:
        digest = register_imports.digest_of(stream, size=path.stat().st_size)
        found = register_imports.begin(register=register, file_name=path.name, digest=digest, now=now)
        for _stored in register_imports.go_on(found=found, stream=stream, clock=lambda: now, **options):
            pass
    return found
