"""Where the one-command run happens: its folder and its pair of ports, or a sentence that says why not there."""

import fcntl
import os
import shutil
import socket
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config import layout

PORTS = range(1, 65_536)
MADE_HERE = (
    *(f"healthcare-id.sqlite3{suffix}" for suffix in ("", "-wal", "-shm")),
    *("files", "inbox", "static", "beat", "keys", "redis-url", "prepared", "collected", "bill-tracker-secret"),
    "valkey.rdb",
    "old-accounts-trucase.csv",
    "played",
)


class Refused(Exception):
    """The run cannot happen here; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of all data, the port of the product, and the port of the sample application."""

    data: Path
    port: int
    sample_port: int


def read(environment: Mapping[str, str]) -> Place:
    """DATA (default var), PORT (default 8000) and SAMPLE_PORT (default the next one). Nothing is touched yet.

    Raises Refused for what is no port, and for a folder that cannot be one.
    """
    port = _port("PORT", environment.get("PORT") or "8000")
    sample_port = _port("SAMPLE_PORT", environment.get("SAMPLE_PORT") or str(port + 1))
    if port == sample_port:
        raise Refused(f"PORT and SAMPLE_PORT are both {port}. Choose a free pair: {_another_pair(port)}")
    data = Path(environment.get("DATA") or "var").resolve()
    if os.path.exists(data) and not os.path.isdir(data):  # noqa: PTH110, PTH112 - pathlib's raise where one may not look
        raise Refused(f"DATA={data} is a file. Choose a folder: make run DATA=var")
    return Place(data, port, sample_port)


def _port(name: str, said: str) -> int:
    if not (said.isascii() and said.isdigit() and int(said) in PORTS):
        raise Refused(f"{name}={said} is no port. Choose a number from 1 to 65535: make run {name}=8000")
    return int(said)


def take(place: Place) -> IO[str]:
    """Make sure that nobody else is there, and lock the folder, which is made if need be: the lock, to be kept open.

    Raises Refused; then no folder was made.
    """
    if os.path.exists(place.data / "lock"):  # noqa: PTH110
        _lock(place).close()  # before the ports: another run on the same data has both
    for name, port in (("", place.port), (" of the sample application, SAMPLE_PORT,", place.sample_port)):
        if problem := _problem(port):
            raise Refused(f"Port {port}{name} {problem}. Choose a free pair: {_another_pair(place.port)}")
    return _lock(place)


def _lock(place: Place) -> IO[str]:
    """Only its owner may look into the folder, unless it was there before with things of others in it."""
    try:
        place.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not any(place.data.iterdir()) or (place.data / "keys").exists():
            place.data.chmod(0o700)
        lock = (place.data / "lock").open("w")
    except OSError as error:
        raise Refused(
            f"DATA={place.data} cannot be written to ({error.strerror}). Choose another folder: make run DATA=var"
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        pair = _another_pair(place.port).removeprefix("make run ")
        raise Refused(
            f"Another run uses {place.data}. Stop it, or choose another folder: make run DATA=var2 {pair}"
        ) from None
    return lock


def _problem(port: int) -> str:
    """Why the port cannot be had on this machine; empty when it can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return "is kept for the system"
        except OSError:
            return "is taken"
    return ""


def _another_pair(port: int) -> str:
    """The command with the next two ports that are both free."""
    ahead = (first for first in range(max(port, 1024) + 2, PORTS.stop - 1, 2) if not _problem(first))
    first = next((first for first in ahead if not _problem(first + 1)), 8000)
    return f"make run PORT={first} SAMPLE_PORT={first + 1}"


def check_layout(data: Path) -> None:
    """Raise Refused where an earlier layout made the data; its database is looked at, never opened for writing."""
    database = data / "healthcare-id.sqlite3"
    if not database.exists():
        return
    with closing(sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if layout.is_older(tables):
        raise Refused(
            f"The data in {data} {layout.SAID} Start over with make run FRESH=1, which removes it, or choose another "
            "folder: make run DATA=var2"
        )


def start_over(data: Path) -> None:
    """Remove what a run made, and nothing else."""
    for name in MADE_HERE:
        path = data / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def private() -> None:
    """From now on only its owner reads what this process and its children write."""
    os.umask(0o077)
