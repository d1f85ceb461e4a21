"""Starts and stops the programs of these tests: each with a configuration of its own in a folder that is thrown away."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import requests
from django.conf import settings
from django.template.loader import render_to_string

from portals.models import Application
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]


def tool(name: str, package: str) -> str:
    """The program's path, or the test is left out (with STRICT it fails)."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        missing(f"no {name} on this machine (Debian: apt-get install {package})")
    return str(found)


def missing(why: str) -> None:
    """Leave the test out; where everything must run, fail."""
    if os.environ.get("STRICT"):
        pytest.fail(why)
    pytest.skip(why)


@contextlib.contextmanager
def running(command: list[str], *, address: str, folder: Path, **environment: str) -> Iterator[subprocess.Popen]:
    """A program that answers at this address, until the end of the block; what it said is shown when it fails."""
    log = folder / "output"
    with log.open("w") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, cwd=folder,
            env={**os.environ, **environment},
        )  # fmt: skip
    try:
        end = time.monotonic() + 30
        while True:
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"{command[0]} did not start:\n{log.read_text()[-3000:]}")
            with contextlib.suppress(requests.RequestException):
                requests.get(address, timeout=5, allow_redirects=False)
                break
            time.sleep(0.05)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


@contextlib.contextmanager
def nginx(servers: str, *, port: int, folder: Path) -> Iterator[str]:
    """nginx with these upstreams and servers."""
    program = tool("nginx", "nginx-light")
    settings = folder / "nginx.conf"
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    settings.write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log stderr warn;\n{'user root;' if os.getuid() == 0 else ''}\n"
        f"worker_processes 1;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}\n{servers}\n}}\n"
    )
    address = f"http://localhost:{port}"
    with running([program, "-c", str(settings), "-p", str(folder)], address=f"{address}/livez", folder=folder):
        yield address


@contextlib.contextmanager
def apache(directives: str, *, port: int, behind: int, folder: Path) -> Iterator[str]:
    """Apache with mod_auth_openidc and these directives, in front of the application at `behind`."""
    program = tool("apache2", "apache2")
    modules = Path("/usr/lib/apache2/modules")
    if not (modules / "mod_auth_openidc.so").exists():
        missing("no mod_auth_openidc on this machine (Debian: apt-get install libapache2-mod-auth-openidc)")
    names = "mpm_event authn_core authz_core authz_user auth_openidc proxy proxy_http"
    loaded = "".join(f"LoadModule {name}_module {modules}/mod_{name}.so\n" for name in names.split())
    user = pwd.getpwuid(os.getuid()).pw_name if os.getuid() else "www-data"
    (folder / "apache.conf").write_text(
        f"ServerRoot {folder}\nServerName localhost\nPidFile {folder}/pid\nListen 127.0.0.1:{port}\n{loaded}"
        f"User {user}\nErrorLog /dev/stderr\nLogLevel warn\nDefaultRuntimeDir {folder}\nMutex posixsem\n{directives}\n"
        f"ProxyPass / http://127.0.0.1:{behind}/\n"
    )
    address = f"http://localhost:{port}"
    command = [program, "-d", str(folder), "-f", str(folder / "apache.conf"), "-DFOREGROUND"]
    with running(command, address=address, folder=folder):
        yield address


def snippet(name: str, application: Application) -> str:
    """What the admin site offers to copy for an application."""
    client = application.client
    known = {
        "issuer": settings.PUBLIC_URL,
        "client_id": client.pk,
        "redirect_uri": client.get_redirect_uris()[0],
        "scopes": " ".join(client.get_scopes()),
    }
    return render_to_string(f"admin/portals/application/snippets/{name}.txt", known)


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


class EchoApplication:
    """Answers every request with the headers it came with, as JSON."""

    def __init__(self) -> None:
        self.port = free_port()
        self.requests: list[dict[str, str]] = []

    def __call__(self, environ, start):
        headers = {name.removeprefix("HTTP_"): value for name, value in environ.items() if name.startswith("HTTP_")}
        self.requests.append({**headers, "PATH": environ["PATH_INFO"], "METHOD": environ["REQUEST_METHOD"]})
        body = json.dumps(headers).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def __enter__(self) -> "EchoApplication":
        self._server = make_server("127.0.0.1", self.port, self, server_class=_Threads, handler_class=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
