"""Answering an application through the browser: in its address or by a form, and turning its POST into a GET."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

MODES = ("query", "form_post")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an application is told at a registered address, in the response mode that it asked for."""

    uri: str
    told: dict[str, str]
    mode: str = "query"

    @property
    def is_posted(self) -> bool:
        """A form brings it, not the address (OAuth 2.0 Form Post Response Mode)."""
        return self.mode == "form_post"

    @property
    def address(self) -> str:
        """Where a link or a redirect leads."""
        query = "" if self.is_posted else urlencode(self.told)
        return f"{self.uri}{'&' if '?' in self.uri else '?'}{query}" if query else self.uri

    def response(self, request: HttpRequest) -> HttpResponse:
        """Send the browser there."""
        return _form(request, self) if self.is_posted else _redirect(self.address)


def _redirect(address: str) -> HttpResponse:
    """Not Django's redirect, which knows web addresses only: some applications run on a phone."""
    response = HttpResponse(status=302)
    response["Location"] = address
    response["Referrer-Policy"] = "no-referrer"
    return response


def _form(request: HttpRequest, answer: Answer) -> HttpResponse:
    """A page with the answer in a form: a script presses its button, or a person. No address holds the code."""
    page = render(request, "portals/oidc/form_post.html", {"answer": answer})
    page["Referrer-Policy"] = "strict-origin"  # with none at all the browser would say "Origin: null"
    let_forms_end_at(page, origin_of(answer.uri))
    return page


def let_forms_end_at(page: HttpResponse, origin: str) -> None:
    """The forms of this one page may end at another origin: one that belongs to a registered address."""
    form_action = [*settings.SECURE_CSP["form-action"], origin]
    page._csp_config = {**settings.SECURE_CSP, "form-action": form_action}  # type: ignore[attr-defined]


def as_get(request: HttpRequest) -> HttpResponse:
    """An application may send its request by POST. It comes again as a GET, which brings the session's cookie."""
    response = HttpResponseRedirect(f"{request.path}?{request.POST.urlencode()}")
    response.status_code = 303
    return response


def origin_of(uri: str) -> str:
    """Scheme, host and port as browsers write them: in a Content-Security-Policy, and in `Origin`."""
    parts = urlsplit(uri)
    if parts.scheme not in _DEFAULT_PORTS:
        return f"{parts.scheme}:"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
