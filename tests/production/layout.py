"""The production layout on this machine: PostgreSQL, Valkey, a mail server, and the processes of docs/operations.md as
their table gives them."""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests import services
from tests.bench import processes, walks
from tests.bench.browser import Browser
from tests.bench.people import PASSWORD, name
from tests.bench.stack import ROOT, Stack
from tests.production.mail_sink import MailSink

BIN = Path(sys.executable).parent


def commands() -> dict[str, list[str]]:
    """The documented command of each process: what operators type is what is tested."""
    table = (ROOT / "docs" / "operations.md").read_text().partition("## Processes")[2].partition("\n\nBefore")[0]
    return {found[1]: shlex.split(found[2]) for found in re.finditer(r"^\| (\w+) \| `([^`]+)`", table, re.MULTILINE)}


def until(true: Callable[[], bool], *, within: float) -> float:
    """Wait for something; the seconds that it took. Fails with AssertionError when it does not come."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within, f"not within {within} s"
        time.sleep(0.1)
    return time.monotonic() - began


@dataclass
class Site:
    """Handles on every part, and what they do for people."""

    database: services.Cluster
    redis: services.Valkey
    mail: MailSink
    stack: Stack
    environment: dict[str, str]
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    browsers: list[Browser] = field(default_factory=list)

    def start(self, process: str) -> None:
        program, *arguments = commands()[process]
        with (self.stack.folder / f"{process}.log").open("ab") as log:
            self.running[process] = subprocess.Popen(
                [str(BIN / program), *arguments],
                cwd=self.stack.folder,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(ROOT), **self.environment},
            )

    def log(self, process: str) -> str:
        return (self.stack.folder / f"{process}.log").read_text()

    def kill(self, process: str) -> None:
        """The process and all below it, as a machine that loses its power would."""
        for pid in processes.tree(self.running[process].pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.running[process].wait(10)

    def browser(self) -> Browser:
        """A new visitor, until the end of the test."""
        self.browsers.append(Browser(self.port))
        return self.browsers[-1]

    def send_visitors_away(self) -> None:
        while self.browsers:
            self.browsers.pop().close()

    def status(self, path: str) -> int:
        """What a new visitor gets; 0 when nobody answers."""
        with contextlib.closing(Browser(self.port)) as visitor:
            try:
                return visitor.get(path).status
            except OSError:
                return 0

    def is_whole(self) -> bool:
        return all(self.status(path) == 200 for path in ("/readyz", "/readyz/cache", "/readyz/queues/celery", "/readyz/queues/pdf"))  # fmt: skip

    def signed_in(self, number: int) -> Browser:
        browser = self.browser()
        walked = walks.ours(browser, name("person", number), PASSWORD)
        assert (walked.page.status, "/p/claims" in walked.attempt.location) == (200, True), walked
        return browser

    def lets_in(self, number: int) -> bool:
        try:
            self.signed_in(number)
        except AssertionError:
            return False
        return True

    def run(self, program: str) -> str:
        """A few lines of Python in a process of the product; what they printed."""
        program = f"import django; django.setup()\n{program}"
        return subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env={**os.environ, **self.environment}, stdout=subprocess.PIPE,
            text=True, check=True,
        ).stdout  # fmt: skip


@contextlib.contextmanager
def running(folder: Path, *, people: int) -> Iterator[Site]:
    """The whole layout with some people, gone afterwards."""
    with services.cluster() as database, services.valkey() as redis, MailSink() as mail:
        stack, port = Stack(database.url, redis.url, folder), services.free_port()
        options = f'{{"host": "127.0.0.1", "port": {mail.port}}}'
        environment = {
            **stack.production(),
            "MAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "MAIL_OPTIONS": options,
            "WEB_PROCESSES": "2",
            "GRANIAN_HOST": "127.0.0.1",
            "GRANIAN_PORT": str(port),
        }
        site = Site(database, redis, mail, stack, environment, port)
        stack.run(environment, "django", "collectstatic", "--no-input", "--verbosity", "0")
        for line in stack.run(environment, "tests.bench.people", f"person={people}").splitlines():
            login_name, cookie, value = line.split()
            walks.DEVICES[login_name] = (cookie, value)
        try:
            for process in commands():
                site.start(process)
            until(site.is_whole, within=120)
            yield site
        finally:
            for process in site.running:
                site.kill(process)
            mail.shutdown()
