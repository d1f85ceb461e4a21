"""Databases that are migrated once: the first worker's is kept as a template, and cloned for every other worker and run."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "identity", "rbac", "portals", "accessforms", "enrollment")
SCRATCH = Path(tempfile.gettempdir()) / f"healthcare-id-tests-{os.getuid()}"
OURS = "migrated_" + hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]  # other checkouts keep templates of their own


def set_up() -> list[tuple[object, str, bool]]:
    """As Django's, on a clone where there is one. Migrations run on a clone too: there is nothing left for them to do."""
    # A connection to the template would stop it from being cloned: one worker at a time.
    with _alone():
        template, name = f"migrated_{_fingerprint()}", connection.creation._get_test_db_name()
        if connection.vendor == "sqlite":
            return _from_file(SCRATCH / f"{OURS}_{template}.sqlite3", Path(name))
        return _from_database(template, name)


def _from_file(template: Path, name: Path) -> list[tuple[object, str, bool]]:
    if template.exists():
        shutil.copy(template, name)
        return _databases(keepdb=True)
    made = _databases(keepdb=False)
    for old in SCRATCH.glob(f"{OURS}_*.sqlite3"):
        old.unlink()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(template)])
    return made


def _from_database(template: str, name: str) -> list[tuple[object, str, bool]]:
    quote = connection.ops.quote_name
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'migrated\\_%%'")
        found = {row[0] for row in cursor.fetchall()}
        if template in found:
            cursor.execute(f"DROP DATABASE IF EXISTS {quote(name)}")
            cursor.execute(f"CREATE DATABASE {quote(name)} TEMPLATE {quote(template)}")
    if template in found:
        return _databases(keepdb=True)
    made = _databases(keepdb=False)
    connection.close()
    with connection.creation._nodb_cursor() as cursor:
        for old in found:
            cursor.execute(f"DROP DATABASE {quote(old)}")
        cursor.execute(f"CREATE DATABASE {quote(template)} TEMPLATE {quote(name)}")
    return made


def _databases(*, keepdb: bool) -> list[tuple[object, str, bool]]:
    return setup_databases(verbosity=0, interactive=False, keepdb=keepdb)


@contextmanager
def _alone() -> Iterator[None]:
    with closing((SCRATCH / f"{OURS}.lock").open("w")) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fingerprint() -> str:
    """Of all that a migrated database comes from: our code, the libraries' versions, the profile."""
    found = hashlib.sha256(str(settings.REALM_PROFILES).encode())
    files = sorted(file for app in APPS for file in (ROOT / app).rglob("*.py"))
    for file in [*files, ROOT / "requirements" / "development.txt"]:
        found.update(str(file).encode() + file.read_bytes())
    return found.hexdigest()[:16]
