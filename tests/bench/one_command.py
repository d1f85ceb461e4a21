"""The one-command run: seconds until it is ready, fresh and warm, and the memory of its process tree."""

import os
import signal
import subprocess
import sys
import tempfile
import time

from tests.bench.processes import megabytes
from tests.bench.result import Result
from tests.services import free_port


def measure() -> list[Result]:
    """Start twice in a new data folder; the second start is the warm one. Memory after a few pages and a form."""
    with tempfile.TemporaryDirectory() as data:
        cold, _ = _start(data, with_memory=False)
        warm, memory = _start(data, with_memory=True)
    return [
        Result("one command, fresh data", "s until ready", cold, 0, cold, 60),
        Result("one command, warm", "s until ready", warm, 0, warm, 10),
        Result("one command, memory", "MB PSS of the tree", memory, 0, memory, 400),
    ]


def _start(data: str, *, with_memory: bool) -> tuple[float, float]:
    port = free_port()
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    }
    began = time.monotonic()
    run = subprocess.Popen(
        [sys.executable, "-m", "config.demo"],
        env={**clean, "DATA": data, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert run.stdout
    for line in run.stdout:
        if line.startswith("Ready in"):
            break
    seconds, memory = time.monotonic() - began, 0.0
    if with_memory:
        import urllib.request

        for path in ("/", "/p/optum-connect/", "/id/sign-in/", "/id/create/"):
            urllib.request.urlopen(f"http://localhost:{port}{path}").read()
        time.sleep(2)
        memory = megabytes(run.pid)
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=20)
    return seconds, memory
