"""A storm of sign-ins: what others feel meanwhile, what it costs in memory, how quickly too much is refused.

The clients run at low priority in processes of their own: in life they are other machines. Each goes on as fast as it is
answered; a refused one presses again after a second.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import cycle
from multiprocessing import get_context

from tests.bench import people, walks
from tests.bench.browser import Answer, Browser
from tests.bench.processes import megabytes
from tests.bench.result import Result, p95
from tests.bench.stack import Stack, Web

SECONDS = float(os.environ.get("BENCH_STORM", "15"))
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100"))
PROCESSES, CLIENTS_EACH = 4, 4
PRESSED_AGAIN = 1.0  # seconds after a refusal; the answer itself asks for five
AT_REST = 5.0  # seconds of cheap pages before the storm
PAGE_MOST, REFUSAL_MOST = 4.0, 8.0  # times the page at rest
PAUSE = 0.05  # seconds from one cheap page to the next
CHEAP_PAGES = ("/", "/id/sign-in/")
LOOKED_AT, REFUSED = (200, 302), (429, 503)


def measure(stack: Stack) -> list[Result]:
    """Cheap pages and refusals beside the same pages at rest, memory; then, for judging them, how many were refused,
    looked at, and neither."""
    environment = stack.production("storm")
    stack.run(environment, "tests.bench.people", f"person={PEOPLE}")
    with stack.web(environment) as web:
        browser = Browser(web.port)
        for path in CHEAP_PAGES * 5:  # what any server has done within its first minute
            browser.get(path)
        walks.ours(browser, people.name("person", 0), people.PASSWORD)
        rested, _ = _probe(web, _after(min(SECONDS, AT_REST)))
        before = megabytes(web.pid)
        with ProcessPoolExecutor(PROCESSES, get_context("spawn"), initializer=os.nice, initargs=(10,)) as clients:
            list(clients.map(time.sleep, [0.5] * PROCESSES))  # all have started
            storms = [clients.submit(_storm, web.port, SECONDS) for _ in range(PROCESSES)]
            cheap, most = _probe(web, lambda: all(storm.done() for storm in storms))
            attempts = [attempt for storm in storms for attempt in storm.result()]
    refused = [seconds for status, seconds in attempts if status in REFUSED]
    looked_at = sum(status in LOOKED_AT for status, _ in attempts)
    neither = len(attempts) - len(refused) - looked_at
    rest, page, refusal = (p95(times) * 1000 for times in (rested, cheap, refused))
    return [
        Result.beside("storm, cheap page beside itself at rest", "ms p95", page, rest, PAGE_MOST),
        Result.beside("storm, refused attempt beside that", "ms p95", refusal, rest, REFUSAL_MOST),
        Result.absolute("storm, growth of the web server", "MB PSS", most - before, 100),
        Result.absolute("storm, attempts refused", "per s", len(refused) / SECONDS, 0, at_least=True),
        Result.absolute("storm, passwords looked at", "per s", looked_at / SECONDS, 0, at_least=True),
        Result.absolute("storm, neither looked at nor refused", "attempts", neither, 0),
    ]


def _probe(web: Web, over: Callable[[], bool]) -> tuple[list[float], float]:
    """Times of cheap pages in seconds until the storm is over, and the most memory seen, in MB."""
    browser, times, most = Browser(web.port), [], 0.0
    due = time.monotonic()
    for number, path in enumerate(cycle(CHEAP_PAGES)):
        if over():
            break
        answer = browser.get(path)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status} in the storm")
        times.append(answer.seconds)
        if number % 10 == 0:
            most = max(most, megabytes(web.pid))
        due = max(due + PAUSE, time.monotonic())
        time.sleep(max(due - time.monotonic(), 0))
    return times, most


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _storm(port: int, seconds: float) -> list[tuple[int, float]]:
    """What one process of clients does: status and seconds of every password sent."""
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(CLIENTS_EACH) as clients:
        futures = [clients.submit(lambda: [*_attempts(port, end)]) for _ in range(CLIENTS_EACH)]
        return [(answer.status, answer.seconds) for future in futures for answer in future.result()]


def _attempts(port: int, end: float) -> Iterator[Answer]:
    """Right and wrong ones by turns. The wrong ones are of names that nobody has: no limit on a name stops them."""
    browser = Browser(port)
    while time.monotonic() < end:
        for name in (people.name("person", random.randrange(PEOPLE)), f"nobody.{random.getrandbits(40)}"):
            browser.become_somebody_new()
            attempt = walks.ours(browser, name, people.PASSWORD).attempt
            yield attempt
            if attempt.status in REFUSED:
                time.sleep(PRESSED_AGAIN)
    browser.close()
