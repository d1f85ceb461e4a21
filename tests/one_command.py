"""The one-command run as a process: started in a folder, until it says that it is ready, and stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-m", "config.demo")


@dataclass
class Run:
    """What it said until it was ready, after how many seconds, and how many its end took."""

    port: int
    pid: int = 0
    said: list[str] = field(default_factory=list)
    ready_in: float = 0.0
    stopped_in: float = 0.0
    code: int | None = None


def environment(data: str | Path, **facts: str) -> dict[str, str]:
    """That of a newcomer: nothing of the suite's."""
    others = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PORT", "SAMPLE_PORT", "FRESH")
    clean = {name: value for name, value in os.environ.items() if name not in others}
    return clean | {"DATA": str(data)} | facts


@contextlib.contextmanager
def running(data: str | Path, *, ports: tuple[int, int] | None = None) -> Iterator[Run]:
    """Ctrl-C ends it. `ports` are those of the product and of the sample application."""
    port, sample_port = ports or (free_port(), free_port())
    run = Run(port)
    began = time.monotonic()
    process = subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env=environment(data, PORT=str(port), SAMPLE_PORT=str(sample_port)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    run.pid = process.pid
    assert process.stdout
    try:
        for line in process.stdout:
            run.said.append(line.strip())
            if line.startswith("Ready in"):
                break
        run.ready_in = time.monotonic() - began
        assert process.poll() is None, run.said
        yield run
    finally:
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        run.stopped_in, run.code = time.monotonic() - began, process.returncode
