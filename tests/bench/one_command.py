"""The one-command run: seconds until it is ready, fresh and warm, until it has stopped, and the memory of its tree.

Times stand beside the start of one Django process of ours, with a page answered: it takes some 2.5 s on a quiet machine,
where the goals are 60 s, 10 s and 2 s.
"""

import subprocess
import sys
import tempfile
import time
import urllib.request

from tests import one_command
from tests.bench.processes import megabytes
from tests.bench.result import Result
from tests.bench.stack import Stack
from tests.services import free_port

FRESH_MOST, AGAIN_MOST, STOP_MOST = 20.0, 4.0, 0.8
PAGES = ("/", "/p/optum-connect/", "/id/sign-in/", "/id/create/")
ONE_PAGE = (
    "import django; django.setup(); from django.test import Client; "
    "assert Client(headers={'host': 'localhost'}).get('/id/sign-in/').status_code == 200"
)


def measure(_stack: Stack) -> list[Result]:
    """Start twice in a new data folder; the second start is the warm one. Memory after a few pages."""
    ports = free_port(), free_port()
    with tempfile.TemporaryDirectory() as data:
        with one_command.running(data, ports=ports) as fresh:
            pass
        process = min(_one_process(data) for _ in range(2))
        with one_command.running(data, ports=ports) as again:
            for path in PAGES:
                urllib.request.urlopen(f"http://localhost:{again.port}{path}").read()
            time.sleep(2)
            memory = megabytes(again.pid)
    return [
        Result.beside("one command, fresh data, beside one process", "s to ready", fresh.ready_in, process, FRESH_MOST),
        Result.beside("one command again, beside one process", "s to ready", again.ready_in, process, AGAIN_MOST),
        Result.beside("one command, its end, beside one process", "s", again.stopped_in, process, STOP_MOST),
        Result.absolute("one command, memory", "MB PSS of the tree", memory, 400),
    ]


def _one_process(data: str) -> float:
    """Seconds of one process that loads the product and answers a page."""
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-c", ONE_PAGE],
        cwd=one_command.ROOT,
        env=one_command.environment(data, DJANGO_SETTINGS_MODULE="config.settings.demo"),
        check=True,
    )
    return time.monotonic() - began
