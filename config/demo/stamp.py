"""Whether the one-command run prepared its data for the code as it lies here: then a start need not do it again."""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from config.demo.place import Place

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("accessforms", "config", "enrollment", "identity", "locale", "portals", "rbac", "templates")


def of(here: Place) -> str:
    """Changes with any file of the product, its packages, the addresses and the database; empty without a database."""
    database = here.data / "healthcare-id.sqlite3"
    if not database.exists():
        return ""
    facts = [f"{sys.version} {here.port} {here.sample_port} {database.stat().st_ino}", *_files(ROOT / "requirements")]
    for folder in CODE:
        facts += _files(ROOT / folder)
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _files(folder: Path) -> Iterator[str]:
    """Name, size and date of each."""
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        for name in sorted(names):
            facts = os.stat(os.path.join(at, name))  # noqa: PTH116, PTH118 - a thousand files at each start
            yield f"{at}/{name}:{facts.st_size}:{facts.st_mtime_ns}"


def kept(data: Path) -> str:
    """What was prepared there the last time."""
    file = data / "prepared"
    return file.read_text() if file.exists() else ""


def keep(data: Path, value: str) -> None:
    (data / "prepared").write_text(value)
