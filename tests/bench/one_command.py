"""The one-command run: seconds until it is ready, fresh and warm, until it has stopped, and the memory of its tree.

Times stand beside the start of one Django process of ours, with a request answered: more than a few of these are not
needed. The goals in seconds of a quiet machine are 60, 10 and 2.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time

from tests.bench.processes import megabytes
from tests.bench.result import Result
from tests.bench.stack import Stack
from tests.services import free_port

FRESH_MOST, AGAIN_MOST, STOP_MOST = 10.0, 3.0, 1.0


def measure(_stack: Stack) -> list[Result]:
    """Start twice in a new data folder; the second start is the warm one. Memory after a few pages and a form."""
    with tempfile.TemporaryDirectory() as data:
        cold, _, _ = _start(data, with_memory=False)
        django = min(_django(data) for _ in range(2))
        warm, stopped, memory = _start(data, with_memory=True)
    return [
        Result.beside("one command, fresh data, beside one process", "s until ready", cold, django, FRESH_MOST),
        Result.beside("one command again, beside one process", "s until ready", warm, django, AGAIN_MOST),
        Result.beside("one command, its end, beside one process", "s until stopped", stopped, django, STOP_MOST),
        Result.absolute("one command, memory", "MB PSS of the tree", memory, 400),
    ]


def _django(data: str) -> float:
    """Seconds of one process that loads the product and answers a page."""
    began = time.monotonic()
    subprocess.run(
        [
            sys.executable, "-c",
            "import django; django.setup(); from django.test import Client; "
            "assert Client(headers={'host': 'localhost'}).get('/id/sign-in/').status_code == 200",
        ],
        env={**_clean(), "DATA": data, "DJANGO_SETTINGS_MODULE": "config.settings.demo"},
        check=True,
    )  # fmt: skip
    return time.monotonic() - began


def _clean() -> dict[str, str]:
    other = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    return {name: value for name, value in os.environ.items() if name not in other}


def _start(data: str, *, with_memory: bool) -> tuple[float, float, float]:
    port = free_port()
    began = time.monotonic()
    run = subprocess.Popen(
        [sys.executable, "-m", "config.demo"],
        env={**_clean(), "DATA": data, "PORT": str(port), "SAMPLE_PORT": str(free_port())},
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
    began = time.monotonic()
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=20)
    return seconds, time.monotonic() - began, memory
