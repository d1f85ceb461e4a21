"""The servers that measurements share: PostgreSQL, Valkey, web servers under production settings and of peers."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from redis import Redis

from tests import services
from tests.bench import processes
from tests.bench.browser import HOST, Browser

ROOT = Path(__file__).resolve().parent.parent.parent
MIGRATED = "bench_migrated"  # a database with the product's tables and nothing in them, copied for each measurement
_WITHIN = 60.0  # seconds until a web server answers; after that something is wrong


@dataclass(frozen=True)
class Web:
    """A web server: one granian worker with eight threads."""

    port: int
    pid: int


@dataclass(frozen=True)
class Stack:
    """Addresses of PostgreSQL and Valkey, and a folder for files; all on this machine."""

    postgres: str
    redis: str
    folder: Path

    def production(self, database: str = "") -> dict[str, str]:
        """The environment of a production process; with `database`, in a new database of that name."""
        return {
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "SECRET_KEY": "for the benchmark only, never for people 0123456789",
            "INDEX_KEY": "for the benchmark only, and for what is stored 0123456789",
            "FIELD_KEYS": "bm90LWEtc2VjcmV0LW5vdC1hLXNlY3JldC1ub3QtYSE=",
            "PUBLIC_URL": f"https://{HOST}",
            "TRUSTED_PROXIES": "1",
            "WEB_PROCESSES": "1",
            "DATABASE_URL": self._new_database(database, like=MIGRATED) if database else self.postgres,
            "REDIS_URL": self.redis,
            "MEDIA_ROOT": str(self.folder / "files"),
            "STATIC_ROOT": str(self.folder / "static"),
            "MAIL_FROM": f"bench@{HOST}",
            "MAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
            "TWILIO_ACCOUNT_SID": "none",
            "TWILIO_AUTH_TOKEN": "none",
            "TWILIO_FROM": "none",
        }

    def peer(self, name: str) -> dict[str, str]:
        """The environment of a peer (tests.bench.peers), in a new database, beside the same Valkey."""
        return {
            "DJANGO_SETTINGS_MODULE": "tests.bench.peers.settings",
            "PEER": name,
            "DATABASE_URL": self._new_database(name),
            "REDIS_URL": self.redis,
        }

    def _new_database(self, name: str, like: str = "template0") -> str:
        with psycopg.connect(self.postgres, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS bench_{name}".encode())
            connection.execute(f"CREATE DATABASE bench_{name} TEMPLATE {like}".encode())
        return urlsplit(self.postgres)._replace(path=f"/bench_{name}").geturl()

    def run(self, environment: dict[str, str], *command: str) -> str:
        """Run `python -m command` to its end; what it printed."""
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    @contextlib.contextmanager
    def web(self, environment: dict[str, str], probe: str = "/") -> Iterator[Web]:
        """A web server of these settings that has answered `probe` once; its log is shown when it does not."""
        port = services.free_port()
        ours = environment["DJANGO_SETTINGS_MODULE"].startswith("config.")
        stock = ("--factory", "django.core.wsgi:get_wsgi_application")
        application = ("config.wsgi:application",) if ours else stock
        with tempfile.TemporaryFile("w+", dir=self.folder) as log:
            server = subprocess.Popen(
                [
                    sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
                    "--workers", "1", "--blocking-threads", "8", "--log-level", "warning",
                    *application,
                ],
                cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=log,
            )  # fmt: skip
            try:
                if not _answers(port, server, probe):
                    log.seek(0)
                    raise RuntimeError(f"a web server did not start:\n{log.read()[-3000:]}")
                yield Web(port, server.pid)
            finally:
                server.terminate()
                server.wait(20)

    def shared_processes(self) -> tuple[int, int]:
        """The ids of PostgreSQL and Valkey, as they tell them themselves."""
        with psycopg.connect(self.postgres) as connection:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert row
            main = processes.parent_of(row[0])
            assert main, "PostgreSQL must run on this machine"
        with Redis.from_url(self.redis) as client:
            return main, client.info("server")["process_id"]


def _answers(port: int, server: subprocess.Popen[bytes], probe: str) -> bool:
    end = time.monotonic() + _WITHIN
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError):
            return Browser(port).get(probe).status < 500
        time.sleep(0.05)
    return False


@contextlib.contextmanager
def running() -> Iterator[Stack]:
    """PostgreSQL and Valkey of our own, gone afterwards, and the static files that production pages name."""
    with services.postgres() as database, services.redis() as redis, tempfile.TemporaryDirectory() as folder:
        stack = Stack(database, redis, Path(folder))
        stack.run(stack.production(), "django", "collectstatic", "--no-input", "--verbosity", "0")
        migrated = stack.production() | {"DATABASE_URL": stack._new_database("migrated")}
        stack.run(migrated, "django", "migrate", "--verbosity", "0")
        yield stack
