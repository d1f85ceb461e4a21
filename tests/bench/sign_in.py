"""Complete sign-ins per second of processor time: ours, stock allauth, and a view written by hand.

Processor time is that of web server, PostgreSQL and Valkey together; what the clients use does not count. The three
take turns, so that a noisy minute of the machine meets all of them.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from tests.bench import people, walks
from tests.bench.browser import Browser
from tests.bench.processes import processor_seconds
from tests.bench.result import Result
from tests.bench.stack import Stack, Web

FLOWS = int(os.environ.get("BENCH_FLOWS", "200"))  # of each contender
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "10"))
CLIENTS, PEOPLE = 4, 50
LEAST_OF_STOCK, LEAST_OF_BARE = 1.2, 0.85


@dataclass
class Contender:
    """A web server, the way through its pages, and what its flows have cost so far, in seconds of processor."""

    web: Web
    walk: Callable[[Browser, str, str], walks.Walked]
    flows: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Flows per second and core."""
        return self.flows / self.seconds


def measure(stack: Stack) -> list[Result]:
    """Two rows: beside stock allauth and beside the view written by hand."""
    shared = stack.shared_processes()
    with ExitStack() as servers:
        contenders = []
        for environment, walk in (
            (stack.production("ours"), walks.ours),
            (stack.peer("stock"), walks.stock),
            (stack.peer("bare"), walks.bare),
        ):
            for line in stack.run(environment, "tests.bench.people", f"person={min(PEOPLE, FLOWS)}").splitlines():
                name, cookie, value = line.split()
                walks.DEVICES[name] = (cookie, value)
            contenders.append(Contender(servers.enter_context(stack.web(environment)), walk))
        for number in range(ROUNDS + 1):
            for contender in contenders:
                before = processor_seconds(contender.web.pid, *shared)
                flows = _walk(contender, max(FLOWS // ROUNDS, CLIENTS))
                spent = processor_seconds(contender.web.pid, *shared) - before
                if number:  # the first round warms up
                    contender.flows += flows
                    contender.seconds += spent
    ours, stock, bare = (contender.rate for contender in contenders)
    unit = "per s and core"
    return [
        Result.beside("sign-ins, beside stock allauth", unit, ours, stock, LEAST_OF_STOCK, at_least=True),
        Result.beside("sign-ins, beside a view by hand", unit, ours, bare, LEAST_OF_BARE, at_least=True),
    ]


def _walk(contender: Contender, flows: int) -> int:
    """Walk this many flows with CLIENTS clients at once; how many were walked."""

    def client(first: int) -> None:
        browser = Browser(contender.web.port)
        for number in range(first, flows, CLIENTS):
            browser.become_somebody_new()
            name = people.name("person", number % min(PEOPLE, FLOWS))
            page = contender.walk(browser, name, people.PASSWORD).page
            if page.status != 200 or ("Sign out" not in page.text and name not in page.text):
                raise RuntimeError(f"{contender.walk.__name__}: a sign-in ended with {page.status}: {page.text[:500]}")
        browser.close()

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(client, range(CLIENTS)))
    return flows
