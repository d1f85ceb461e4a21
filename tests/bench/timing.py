"""Whether the time of a refusal tells which names exist: every way to fail beside a name that nobody has."""

import os
import random

from tests.bench import people, walks
from tests.bench.browser import Browser
from tests.bench.result import Result
from tests.bench.stack import Stack

SAMPLES = int(os.environ.get("BENCH_SAMPLES", "200"))  # of each outcome
USES = 4  # of one name: the fifth wrong password begins the pauses
OUTCOMES = {"known": "wrong password", "closed": "deactivated account", "passless": "account without password"}
UNKNOWN = "nobody"
FARTHEST = 0.10  # from one half, where nothing can be told


def measure(stack: Stack) -> list[Result]:
    """A row an outcome: the chance that it takes longer than an unknown name, which is to be one half."""
    environment = stack.production("timing")
    count = -(-SAMPLES // USES)
    stack.run(environment, "tests.bench.people", *(f"{kind}={count}" for kind in OUTCOMES))
    times: dict[str, list[float]] = {kind: [] for kind in (UNKNOWN, *OUTCOMES)}
    with stack.web(environment) as web:
        browser = Browser(web.port)
        for number in range(-5, SAMPLES):  # the first five only warm up
            for kind in random.sample(list(times), len(times)):
                # Before the first sample, names that no account has: they use up nobody's free tries.
                seconds = _refusal(browser, people.name(kind if number >= 0 else UNKNOWN, number // USES))
                if number >= 0:
                    times[kind].append(seconds)
    rows = []
    for kind, outcome in OUTCOMES.items():
        chance = slower(times[kind], times[UNKNOWN])
        rows.append(Result(f"same time, {outcome}", "AUC", chance, 0, abs(chance - 0.5), FARTHEST))
    return rows


def slower(some: list[float], others: list[float]) -> float:
    """The chance that one of `some` is greater than one of `others`: the area under the ROC curve."""
    wins = sum((one > other) + (one == other) / 2 for one in some for other in others)
    return wins / (len(some) * len(others))


def _refusal(browser: Browser, name: str) -> float:
    """Seconds from sending a wrong password to the end of its answer."""
    browser.become_somebody_new()
    attempt = walks.ours(browser, name, "Wrong-Pass-1").attempt
    if attempt.status != 200:
        raise RuntimeError(f"a wrong password was answered with {attempt.status}")
    return attempt.seconds
