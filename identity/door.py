"""What one browser is doing at the door: which place asked, where to go afterwards, which name was typed."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from identity.sign_in_policy import Place, policy

_NEXT, _IDENTIFIER, _SKIP = "door_next", "door_identifier", "door_skip"


def remember_next(request: HttpRequest) -> None:
    """Keep ?next= for after the sign-in, when it is a path of this site (no open redirect)."""
    asked = request.GET.get("next", "")
    if is_ours(asked):
        go_to(request, asked)


def go_to(request: HttpRequest, path: str) -> None:
    """Go to this path of ours after the sign-in."""
    request.session[_NEXT] = path


def next_path(request: HttpRequest) -> str:
    """Where the person wanted to go; My Profile when no portal asked (C23)."""
    return request.session.get(_NEXT) or reverse("profile")


def forget_next(request: HttpRequest) -> str:
    """The same, for the last time."""
    path = next_path(request)
    request.session.pop(_NEXT, None)
    return path


def is_ours(path: str) -> bool:
    """Whether this is a path of this site and nothing else: the guard against open redirects."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def remember_identifier(request: HttpRequest, typed: str) -> None:
    """Keep what was typed on the first page for the password page."""
    request.session[_IDENTIFIER] = typed


def identifier(request: HttpRequest) -> str:
    """The ID or address typed on the first page, or an empty text."""
    return str(request.session.get(_IDENTIFIER, ""))


def remember_skip(request: HttpRequest, proved_by: str) -> None:
    """ "Skip this step next time" was chosen with this proof; it counts once the sign-in is complete."""
    request.session[_SKIP] = proved_by


def forget_skip(request: HttpRequest) -> str:
    """The proof that the next sign-in may skip, or an empty text."""
    return str(request.session.pop(_SKIP, ""))


def place(request: HttpRequest) -> Place:
    """The place of this request: the portal in its path or of its object, else the one that asked for the sign-in."""
    match = getattr(request, "resolver_match", None)
    key = match.kwargs.get("portal_key", "") if match else ""
    key = key or getattr(request, "portal_key", "")  # set by a view whose path names an object of a portal
    if not key and getattr(request, "session", None) is not None and _NEXT in request.session:
        key = policy().key_of(request.session[_NEXT])
    return policy().place(key)
