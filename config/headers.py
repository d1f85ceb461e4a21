"""Headers of every answer, whoever gives it: what may be kept, what a page may use, and who may embed it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers, patch_cache_control

# A page of ours needs none of these; passkeys and the clipboard are our own pages' alone.
PERMISSIONS = ", ".join(
    [f"{name}=()" for name in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb", "xr-spatial-tracking",
    )]
    + [f"{name}=(self)" for name in ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")]
)  # fmt: skip
# What is the same for everybody and says itself how long it may be kept: colours of a portal, keys of sign-on.
PUBLIC = frozenset({"theme", "sign_on_jwks", "sign_on_configuration", "robots", "security_txt", "favicon"})


class Headers:
    """No cache keeps an answer to somebody whom we know, or shows it again after the sign-out (attack L4, field T23);
    a stranger's is kept by the browser alone, and asked for again. Views need not think of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = getattr(request, "resolver_match", None)
        if response.has_header("Cache-Control") and (match is None or match.url_name in PUBLIC):
            pass  # static files, answers to machines, and what PUBLIC names
        elif _knows_somebody(request, response):
            add_never_cache_headers(response)
        elif not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


def _knows_somebody(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a cookie of ours goes either way: the session, or what was typed at the door. Asks no session, for there
    may be none to ask."""
    ours = settings.SESSION_COOKIE_NAME
    return any(name.startswith(ours) for cookies in (request.COOKIES, response.cookies) for name in cookies)
