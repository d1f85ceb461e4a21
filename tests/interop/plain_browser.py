"""A browser without script: cookies, redirects and forms, as a person would press them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests
from django.conf import settings

from tests.steps.sign_in import signed_in

PAGE = {"Accept": "text/html,application/xhtml+xml"}


@dataclass
class Form:
    """One form of a page: its fields as they stand, and its buttons by their words."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.refresh = ""
        self._inside = False
        self._button: tuple[str, str] | None = None
        self._words = ""

    def handle_starttag(self, tag, attrs):
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = True
            self.forms.append(Form(found.get("action", ""), found.get("method", "get").lower()))
        elif tag == "meta" and found.get("http-equiv", "").lower() == "refresh":
            self.refresh = found["content"].partition("=")[2]
        elif tag == "button" and self._inside:
            self._button, self._words = (found.get("name", ""), found.get("value", "")), ""
        elif tag == "input" and self._inside and found.get("name"):
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                self.forms[-1].fields[found["name"]] = found.get("value", "")

    def handle_data(self, data):
        self._words += data

    def handle_endtag(self, tag):
        if tag == "button" and self._button is not None:
            self.forms[-1].buttons[" ".join(self._words.split())] = self._button
            self._button = None
        elif tag == "form":
            self._inside = False


class PlainBrowser:
    """Keeps cookies, follows redirects. `page` is the last answer."""

    def __init__(self) -> None:
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers.update(PAGE)
        self.page: requests.Response

    def __enter__(self) -> "PlainBrowser":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def sign_in(self, account, **how) -> None:
        """As if the account had signed in here before."""
        client = signed_in(account, **how)
        self.http.cookies.set(
            settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value, domain="localhost.local"
        )

    def open(self, address: str, **headers: str) -> requests.Response:
        """Follow a link."""
        self.page = self.http.get(address, headers=headers, timeout=20)
        return self.page

    def ask(self, address: str, **headers: str) -> requests.Response:
        """What a page's script fetches by itself: no page, and not followed."""
        return self.http.get(address, headers={"Accept": "*/*", **headers}, timeout=20, allow_redirects=False)

    def press(self, words: str, **answers: str) -> requests.Response:
        """Press the button with these words."""
        form = next(one for one in self._read().forms if words in one.buttons)
        name, value = form.buttons[words]
        sent = {**form.fields, **({name: value} if name else {}), **answers}
        address = urljoin(self.page.url, form.action)
        send = {"data": sent} if form.method == "post" else {"params": sent}
        self.page = self.http.request(
            form.method, address, headers={"Origin": "/".join(address.split("/")[:3])}, timeout=20, **send
        )
        return self.page

    def buttons(self) -> list[str]:
        """The words of all buttons on the page."""
        return [words for form in self._read().forms for words in form.buttons]

    def _read(self) -> _Forms:
        parser = _Forms()
        parser.feed(self.page.text)
        return parser
