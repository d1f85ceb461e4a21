"""A small browser: one kept connection, a dict of cookies, the form token of the last page, a network address."""

import http.client
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

HOST = "bench.invalid"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """One answer; `seconds` from the first byte sent to the last one read."""

    status: int
    location: str
    text: str
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)


class Browser:
    """Speaks to a web server on this machine as the proxy before it would: https, and somebody's address."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.become_somebody_new()

    def become_somebody_new(self) -> None:
        """No cookies, and an address that no limit has counted; the connection stays, as a proxy's would."""
        self.cookies: dict[str, str] = {}
        self._token = ""
        self._address = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form with the token of the page before."""
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": self._token, **fields}).encode(), {})

    def follow(self, answer: Answer) -> Answer:
        """Where the answer leads; itself when it leads nowhere."""
        while answer.status in (302, 303):
            answer = self.get(answer.location)
        return answer

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None, further: dict[str, str]) -> Answer:
        headers = {
            **further,
            "Host": HOST,
            "Origin": f"https://{HOST}",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": self._address,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        seconds = time.perf_counter() - began
        for line in response.headers.get_all("Set-Cookie", []):
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        if found := _TOKEN.search(text):
            self._token = found[1]
        return Answer(response.status, response.headers.get("Location", ""), text, seconds, response.headers)
