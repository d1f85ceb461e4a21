"""The demo's own middleware: one address, and an inbox whose mails may be framed."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.utils.csp import CSP


class OneAddress:
    """Passkeys and cookies want localhost, not 127.0.0.1."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Whatever the server was bound to: the demo, with its open inbox, speaks to this machine only.
        if request.META.get("REMOTE_ADDR", "") not in ("127.0.0.1", "::1"):
            return HttpResponseForbidden("This is a demo; it answers this machine only.\n", content_type="text/plain")
        if request.method in ("GET", "HEAD") and not request.get_host().startswith("localhost"):
            return HttpResponseRedirect(settings.PUBLIC_URL + request.get_full_path())
        return self.get_response(request)


class InboxPolicy:
    """The inbox frames mails; nothing else of the product may be framed or frame anything."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/inbox/") and not hasattr(response, "_csp_config"):
            widened = {"frame-src": [CSP.SELF], "img-src": [CSP.SELF, "data:"]}
            response._csp_config = {**settings.SECURE_CSP, **widened}  # type: ignore[attr-defined]
        return response
