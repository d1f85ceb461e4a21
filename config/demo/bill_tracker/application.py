"""The sample's addresses, as one WSGI application."""

import hmac
import json
import logging
import secrets
from collections.abc import Callable, Iterable
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import requests

from .pages import Pages
from .provider import Provider, Refused
from .visits import Visit, Visits

logger = logging.getLogger("bill_tracker")
STYLE = (Path(__file__).parent / "style.css").read_bytes()
MOST_BYTES = 20_000  # of a posted form
type Start = Callable[[str, list[tuple[str, str]]], Any]


class Answer(Exception):
    """What is sent back; raised where a handler cannot go on."""

    def __init__(self, body: bytes = b"", status: int = 200, **headers: str) -> None:
        super().__init__(status)
        self.body, self.status, self.cookie = body, status, ""
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def redirect(address: str) -> Answer:
    """To another page, by GET."""
    return Answer(status=303, Location=address)


class BillTracker:
    """The application, under the name that its pages have. `address` is its own: redirect and logout addresses are
    registered with it."""

    def __init__(self, *, address: str, provider: Provider, pages: Pages) -> None:
        self.address, self.provider, self.pages, self.visits = address, provider, pages, Visits()
        # Cookies ignore ports.
        self._cookie = f"bill_tracker_{address.rpartition(':')[2]}".replace("/", "_")
        self._policy = (
            "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {provider.issuer}"
        )
        self._handlers: dict[tuple[str, str], Callable[[dict[str, str], Visit | None], Answer]] = {
            ("GET", "/"): lambda asked, visit: Answer(pages.home(visit)),
            ("GET", "/style.css"): lambda asked, visit: Answer(STYLE, Content_Type="text/css"),
            ("GET", "/login"): self._login,
            ("GET", "/callback"): self._callback,
            ("GET", "/bills"): self._bills,
            ("POST", "/refresh"): self._refresh,
            ("POST", "/logout"): self._logout,
            ("GET", "/signed-out"): lambda asked, visit: Answer(pages.signed_out()),
            ("POST", "/back-channel-logout"): self._back_channel_logout,
        }

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        try:
            answer = self._answer(environ)
        except Answer as early:
            answer = early
        except Refused as refused:
            answer = self._refusal(refused)
        except requests.RequestException:
            answer = self._refusal(Refused("temporarily_unavailable"))
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": self._policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "Content-Length": str(len(answer.body)),
            **answer.headers,
        }
        if answer.cookie:
            headers["Set-Cookie"] = f"{self._cookie}={answer.cookie}; HttpOnly; SameSite=Lax; Path=/"
        start(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
        return [answer.body]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO") or "/"
        handler = self._handlers.get(("GET" if method == "HEAD" else method, path))
        if handler is None:
            if any(known == path for _, known in self._handlers):
                return Answer(self.pages.problem("This is the address of a button", "Press it on its page."), 405)
            return Answer(self.pages.problem("There is no such page", "The address leads nowhere."), 404)
        asked = self._form(environ) if method == "POST" else _fields(environ.get("QUERY_STRING", ""))
        return handler(asked, self._visit(environ))

    def _form(self, environ: dict[str, Any]) -> dict[str, str]:
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MOST_BYTES:
            raise Answer(self.pages.problem("This is too long", "The form was not read."), 413)
        return _fields(environ["wsgi.input"].read(int(length)).decode(errors="replace"))

    def _visit(self, environ: dict[str, Any]) -> Visit | None:
        try:
            morsel = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(self._cookie)
        except CookieError:
            return None
        return self.visits.find(morsel.value) if morsel else None

    def _login(self, asked: dict[str, str], visit: Visit | None) -> Answer:
        address, attempt = self.provider.begin()
        visit = visit or self.visits.open()
        visit.begin(attempt)
        answer = redirect(address)
        answer.cookie = visit.key
        return answer

    def _callback(self, asked: dict[str, str], visit: Visit | None) -> Answer:
        """Where the provider sends the browser back. The state is looked at before anything else, and used once."""
        attempt = visit.attempts.pop(asked.get("state", ""), None) if visit else None
        if attempt is None:
            raise Refused("unknown_state")
        if "error" in asked:
            raise Refused(asked["error"], asked.get("error_description", ""))
        signed_on = self.provider.finish(attempt, code=asked.get("code", ""), said_by=asked.get("iss", ""))
        newer = self.visits.open(instead_of=visit)
        newer.signed_on = signed_on
        answer = self._to("/bills")
        answer.cookie = newer.key
        return answer

    def _bills(self, asked: dict[str, str], visit: Visit | None) -> Answer:
        if visit is None or visit.signed_on is None:
            return self._to("/")
        return Answer(self.pages.bills(visit))

    def _refresh(self, asked: dict[str, str], visit: Visit | None) -> Answer:
        known = self._pressed(asked, visit)
        if known.signed_on is None:
            return self._to("/")
        try:
            known.signed_on = self.provider.refresh(known.signed_on)
        except Refused as refused:
            if refused.code != "temporarily_unavailable":
                self.visits.end(known)
            raise
        return self._to("/bills")

    def _logout(self, asked: dict[str, str], visit: Visit | None) -> Answer:
        known = self._pressed(asked, visit)
        self.visits.end(known)
        if known.signed_on is None:
            return self._to("/signed-out")
        back_to = f"{self.address}/signed-out"
        return redirect(self.provider.logout_address(known.signed_on, back_to=back_to, state=secrets.token_urlsafe(12)))

    def _back_channel_logout(self, asked: dict[str, str], visit: Visit | None) -> Answer:
        """The provider tells that somebody's session there has ended. A token counts once."""
        plain = {"Content_Type": "application/json"}
        try:
            claims = self.provider.read_logout_token(asked.get("logout_token", ""))
        except Refused as refused:
            told = {"error": "invalid_request", "error_description": refused.description}
            return Answer(json.dumps(told).encode(), 400, **plain)
        if self.visits.is_first(jti=claims["jti"], until=claims["exp"]):
            ended = self.visits.end_all_of(sid=claims.get("sid", ""), sub=claims.get("sub", ""))
            logger.info("back-channel logout ended %d visits", ended)
        return Answer(b"", 200, **plain)

    def _to(self, path: str) -> Answer:
        """To another page of its own."""
        return redirect(f"{self.pages.base}{path}")

    def _pressed(self, asked: dict[str, str], visit: Visit | None) -> Visit:
        """The visit of a button that was pressed on a page of ours."""
        if visit is None or not hmac.compare_digest(asked.get("form_token", "").encode(), visit.form_token.encode()):
            raise self._to("/")
        return visit

    def _refusal(self, refused: Refused) -> Answer:
        status = 503 if refused.code == "temporarily_unavailable" else 403
        return Answer(self.pages.refused(refused.code, refused.description), status)


def _fields(query: str) -> dict[str, str]:
    """The fields of a query or form; one that is sent twice counts as none."""
    try:
        found = parse_qs(query, max_num_fields=30, keep_blank_values=True)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items() if len(values) == 1}
