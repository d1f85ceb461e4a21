"""Sending a browser to an application, and turning an application's POST into a GET."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


def to_application(uri: str, told: dict[str, str]) -> HttpResponse:
    """To a registered address, with what it is told. Not Django's redirect, which knows web addresses only: some
    applications run on a phone."""
    query = urlencode(told)
    response = HttpResponse(status=302)
    response["Location"] = f"{uri}{'&' if '?' in uri else '?'}{query}" if query else uri
    response["Referrer-Policy"] = "no-referrer"
    return response


def as_get(request: HttpRequest) -> HttpResponse:
    """An application may send its request by POST. It comes again as a GET, which brings the session's cookie."""
    response = HttpResponseRedirect(f"{request.path}?{request.POST.urlencode()}")
    response.status_code = 303
    return response


def origin_of(uri: str) -> str:
    """Scheme, host and port: what a Content-Security-Policy names."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
