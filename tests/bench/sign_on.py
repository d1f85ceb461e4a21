"""Sign-on at outside applications per second of processor time: code flow, refresh, userinfo, the published keys.

Beside them, in turns: stock allauth for the flow and the refresh; views written by hand, of the same server, for the
refresh, userinfo and the keys. And whether a web process that has just begun answers its first requests at once, all of
them.
"""

import base64
import hashlib
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.bench import people, walks
from tests.bench.applications import CALLBACK
from tests.bench.browser import Browser
from tests.bench.processes import processor_seconds
from tests.bench.result import Result
from tests.bench.stack import Stack, Web

TIMES = int(os.environ.get("BENCH_SIGN_ONS", "300"))  # code flows and refreshes of each contender
ROUNDS = min(int(os.environ.get("BENCH_ROUNDS", "6")), 6)
CLIENTS, COLD = 4, 16
# The least, as ratios: beside stock allauth, and beside a view by hand.
FLOWS_OF_STOCK, REFRESHES_OF_STOCK = 4.0, 12.0
REFRESHES_OF_BARE, CLAIMS_OF_BARE, KEYS_OF_BARE = 0.45, 0.85, 0.5
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Provider:
    """A web server with an application, and where its endpoints are."""

    web: Web
    client_id: str
    secret: str
    walk: Callable[[Browser, str, str], walks.Walked]
    authorize: str
    token: str
    userinfo: str
    keys: str
    browsers: list[Browser] = field(default_factory=list)

    def sign_in(self) -> None:
        """One browser a client, each with a session."""
        for number in range(CLIENTS):
            browser = Browser(self.web.port)
            self.walk(browser, people.name("person", number), people.PASSWORD)
            self.browsers.append(browser)

    def flow(self, browser: Browser) -> dict[str, str]:
        """From the application's request to its tokens."""
        asked = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid profile email",
            "state": "s",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        sent = browser.get(f"{self.authorize}?{urlencode(asked)}")
        told = parse_qs(urlsplit(sent.location).query)
        if "code" not in told:
            raise RuntimeError(f"no code: {sent.status} {sent.location} {sent.text[:300]}")
        return self._tokens(
            browser,
            grant_type="authorization_code",
            code=told["code"][0],
            redirect_uri=CALLBACK,
            code_verifier=VERIFIER,
        )

    def refresh(self, browser: Browser, tokens: dict[str, str]) -> dict[str, str]:
        return self._tokens(browser, grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    def _tokens(self, browser: Browser, **form: str) -> dict[str, str]:
        answer = browser.post(self.token, client_id=self.client_id, client_secret=self.secret, **form)
        if answer.status != 200:
            raise RuntimeError(f"no tokens: {answer.status} {answer.text[:300]}")
        return dict(json.loads(answer.text))

    def ask(self, browser: Browser, token: str) -> None:
        answer = browser.get(self.userinfo, Authorization=f"Bearer {token}")
        if answer.status != 200:
            raise RuntimeError(f"no claims: {answer.status} {answer.text[:300]}")


def measure(stack: Stack) -> list[Result]:
    """A row for each endpoint, and one for the first second of a cold process."""
    shared = stack.shared_processes()
    with ExitStack() as servers:
        ours, stock = _ours(stack, servers), _stock(stack, servers)
        bare_web, bare_tokens = _bare(stack, servers)
        bare_browsers = [Browser(bare_web.port) for _ in range(CLIENTS)]
        for provider in (ours, stock):
            provider.sign_in()

        def rates(*acts: tuple[int, Callable[[int], object]], times: int = TIMES) -> list[float]:
            return _in_turns(acts, shared, times)

        flow, stock_flow = rates(
            (ours.web.pid, lambda at: ours.flow(ours.browsers[at])),
            (stock.web.pid, lambda at: stock.flow(stock.browsers[at])),
        )
        held = {id(one): [one.flow(browser) for browser in one.browsers] for one in (ours, stock)}

        def refreshed(one: Provider) -> Callable[[int], None]:
            def act(at: int) -> None:
                held[id(one)][at] = one.refresh(one.browsers[at], held[id(one)][at])

            return act

        def refreshed_barely(at: int) -> None:
            answer = bare_browsers[at].post("/token/", grant_type="refresh_token", refresh_token=bare_tokens[at])
            bare_tokens[at] = json.loads(answer.text)["refresh_token"]

        refresh, stock_refresh, bare_refresh = rates(
            (ours.web.pid, refreshed(ours)), (stock.web.pid, refreshed(stock)), (bare_web.pid, refreshed_barely)
        )
        claims, bare_claims = rates(
            (ours.web.pid, lambda at: ours.ask(ours.browsers[at], held[id(ours)][at]["access_token"])),
            (bare_web.pid, lambda at: bare_browsers[at].get("/userinfo/", Authorization=f"Bearer {bare_tokens[-1]}")),
            times=4 * TIMES,
        )
        keys, bare_keys = rates(
            (ours.web.pid, lambda at: ours.browsers[at].get(ours.keys)),
            (bare_web.pid, lambda at: bare_browsers[at].get("/keys/")),
            times=20 * TIMES,
        )
    rows = [
        ("code flows, beside stock allauth", flow, stock_flow, FLOWS_OF_STOCK),
        ("refreshes, beside stock allauth", refresh, stock_refresh, REFRESHES_OF_STOCK),
        ("refreshes, beside one statement", refresh, bare_refresh, REFRESHES_OF_BARE),
        ("userinfo, beside a view by hand", claims, bare_claims, CLAIMS_OF_BARE),
        ("published keys, beside a view by hand", keys, bare_keys, KEYS_OF_BARE),
    ]
    told = [Result.beside(name, "per s and core", one, other, least, at_least=True) for name, one, other, least in rows]
    return [*told, _cold(stack)]


def _in_turns(
    acts: tuple[tuple[int, Callable[[int], object]], ...], shared: tuple[int, ...], times: int
) -> list[float]:
    """What each act makes per second of processor time; the first round warms up."""
    seconds, share = [0.0] * len(acts), max(times // ROUNDS // CLIENTS, 1)
    for turn in range(ROUNDS + 1):
        for number, (pid, act) in enumerate(acts):
            before = processor_seconds(pid, *shared)
            with ThreadPoolExecutor(CLIENTS) as clients:
                list(clients.map(lambda at, act=act: [act(at) for _ in range(share)], range(CLIENTS)))
            if turn:
                seconds[number] += processor_seconds(pid, *shared) - before
    return [ROUNDS * share * CLIENTS / max(spent, 0.01) for spent in seconds]  # 10 ms is the clock's step


def _cold(stack: Stack) -> Result:
    """How many of the first requests at once fail in a web process that has just begun."""
    environment = stack.production("cold")
    stack.run(environment, "tests.bench.people", "person=1")
    stack.run(environment, "tests.bench.applications")
    paths = ("/sign-on/userinfo", "/.well-known/jwks.json", "/.well-known/openid-configuration", "/sign-on/authorize")
    with stack.web(environment, probe="/healthz") as web, ThreadPoolExecutor(COLD) as clients:
        answers = clients.map(lambda at: Browser(web.port).get(paths[at % len(paths)]).status, range(COLD * 4))
        failed = sum(status >= 500 for status in answers)
    return Result.absolute("failures in a cold process's first requests", "", failed, 0)


def _ours(stack: Stack, servers: ExitStack) -> Provider:
    environment = stack.production("sign_on")
    _people(stack, environment)
    client_id, secret = stack.run(environment, "tests.bench.applications").split()
    web = servers.enter_context(stack.web(environment))
    at = "/sign-on"
    return Provider(
        web, client_id, secret, walks.ours, f"{at}/authorize", f"{at}/token", f"{at}/userinfo", "/.well-known/jwks.json"
    )


def _stock(stack: Stack, servers: ExitStack) -> Provider:
    environment = stack.peer("stock")
    _people(stack, environment)
    client_id, secret = stack.run(environment, "tests.bench.applications").split()
    web = servers.enter_context(stack.web(environment))
    at = "/identity/o"
    return Provider(web, client_id, secret, walks.stock, f"{at}/authorize", f"{at}/api/token", f"{at}/api/userinfo", "")


def _bare(stack: Stack, servers: ExitStack) -> tuple[Web, list[str]]:
    environment = stack.peer("bare")
    stack.run(environment, "tests.bench.people")
    tokens = stack.run(environment, "tests.bench.applications").split()
    return servers.enter_context(stack.web(environment)), tokens


def _people(stack: Stack, environment: dict[str, str]) -> None:
    for line in stack.run(environment, "tests.bench.people", f"person={CLIENTS}").splitlines():
        name, cookie, value = line.split()
        walks.DEVICES[name] = (cookie, value)
