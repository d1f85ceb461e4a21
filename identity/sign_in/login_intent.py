"""What one browser is doing at the door: which tenant asked, where to go afterwards, which name was typed.

It lies in a sealed cookie, so that looking at the sign-in page, and typing a name, needs no session.
"""

import json
from datetime import datetime
from typing import Any, cast
from urllib.parse import unquote
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from identity.keys.fields import InvalidToken, decrypt, encrypt
from identity.models import Account
from identity.policy import lifecycle
from identity.sessions import saved_posts
from identity.tenancy import Tenant, tenancy

_NEXT, _IDENTIFIER, _HELD, _TENANT, _SKIP = "next", "identifier", "held", "tenant", "door_skip"
_SECRET = "secret"  # noqa: S105  where the notes keep an authenticator that is being set up
_SET_UP = "door_set_up"
MAX_LENGTH = 2000  # bytes of a path; with the name that was typed it stays below the 4,000 of a cookie


def _cookie() -> str:
    return f"{settings.SESSION_COOKIE_NAME}-door"


def _notes(request: HttpRequest) -> dict[str, str]:
    """What the cookie says; empty for one that we did not make."""
    notes: dict[str, str] | None = getattr(request, "_door", None)
    if notes is None:
        try:
            notes = json.loads(decrypt(request.COOKIES.get(_cookie(), "")))
        except (InvalidToken, ValueError):
            notes = {}
        request._door, request._door_was = notes, dict(notes)  # type: ignore[attr-defined]
    return notes


def keep(request: HttpRequest, response: HttpResponse) -> None:
    """Write the cookie when something changed; the middleware calls this."""
    _stay_in_portal(request, response)
    notes: Any = getattr(request, "_door", None)
    if notes is None or notes == request._door_was:  # type: ignore[attr-defined]
        return
    if not notes:
        response.delete_cookie(_cookie(), path="/", samesite="Lax")
        return
    response.set_cookie(
        _cookie(),
        encrypt(json.dumps(notes, ensure_ascii=False, separators=(",", ":"))),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def close(request: HttpRequest) -> None:
    """Somebody is in, or has left: forget what they were doing. A kept form and a begun authenticator wait on for their
    own person, and the browser knows which realm's page to show next time."""
    notes = _notes(request)
    kept = {name: notes[name] for name in (_HELD, _TENANT, _SECRET) if notes.get(name)}
    notes.clear()
    notes.update(kept)


def remember_next(request: HttpRequest) -> None:
    """Keep ?next= for after the sign-in, when it is a path of this site (no open redirect); and ?portal=, for a path
    that belongs to none, such as My Profile."""
    asked = request.GET.get("next", "")
    if is_ours(asked):
        go_to(request, asked)
    if "portal" in request.GET:
        _notes(request)[_TENANT] = tenancy().tenant(request.GET["portal"]).key


def forget_other_realm(request: HttpRequest, realm: str) -> None:
    """Which other realm this browser was used for last does not matter here; what is asked for now does."""
    if "portal" not in request.GET and tenancy().tenant(_notes(request).get(_TENANT, "")).realm != realm:
        leave_portal(request)


def remember_realm(request: HttpRequest, realm: str) -> None:
    """Next time this browser sees the sign-in page of this realm: of the portal that its person came from."""
    if (kept := _notes(request).get(_TENANT)) and tenancy().tenant(kept).realm == realm:
        return
    leave_portal(request)
    if key := tenancy().tenant_of_realm(realm).key:
        _notes(request)[_TENANT] = key


def leave_portal(request: HttpRequest) -> None:
    """The front page is nobody's: what follows is of no portal until one is entered."""
    _notes(request).pop(_TENANT, None)


def _stay_in_portal(request: HttpRequest, response: HttpResponse) -> None:
    """Help, profile and sign-out keep the name and colours of the portal whose page somebody saw last (C13)."""
    match = request.resolver_match
    key = (match.kwargs.get("portal_key") if match else "") or getattr(request, "portal_key", "")
    is_page = response.status_code == 200 and response.get("Content-Type", "").startswith("text/html")
    if key and is_page and request.user.is_authenticated and tenancy().tenant(key).realm == request.user.realm:
        _notes(request)[_TENANT] = key


def go_to(request: HttpRequest, path: str) -> None:
    """Go to this path of ours after the sign-in; one that no cookie could hold is not remembered."""
    if len(path.encode()) <= MAX_LENGTH:
        _notes(request)[_NEXT] = path


def next_path(request: HttpRequest) -> str:
    """Where the person wanted to go; My Profile when no portal asked (C23)."""
    return _notes(request).get(_NEXT) or reverse("profile")


def tenant_asked(request: HttpRequest) -> bool:
    """Whether this browser knows where its person wants to go."""
    return _NEXT in _notes(request)


def forget_next(request: HttpRequest) -> str:
    """The same, for the last time."""
    path = next_path(request)
    close(request)
    return path


def remember_saved_post(request: HttpRequest, pk: str) -> None:
    """A form was kept when the session of this browser ended."""
    _notes(request)[_HELD] = pk


def holds_form(request: HttpRequest) -> bool:
    """Whether a form was kept in this browser, for whoever it is."""
    return _HELD in _notes(request)


def forget_saved_post(request: HttpRequest, account: Account) -> str | None:
    """The form of this person that was kept in this browser, for the last time; somebody else's waits on."""
    pk = _notes(request).get(_HELD)
    if pk is None or saved_posts.find(account=account, pk=UUID(pk), now=timezone.now()) is None:
        return None
    return _notes(request).pop(_HELD)


def is_ours(path: str) -> bool:
    """Whether this is a path of this site and nothing else: the guard against open redirects.

    Browsers leave out tabs and line ends, and take a backslash for a slash: what would begin with two slashes then, as
    it stands or decoded, is none of ours (L13).
    """
    seen = "".join(c for c in unquote(path) if c.isprintable() and c != " ").replace("\\", "/")
    plain = path.isprintable() and path.startswith("/") and not seen.startswith("//")
    return plain and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def remember_secret(request: HttpRequest, account: Account, secret: str, *, now: datetime) -> None:
    """This person begins to set up an authenticator: installing an app takes longer than a proof stays fresh (T01)."""
    _notes(request)[_SECRET] = f"{account.pk} {int(now.timestamp())} {secret}"


def secret_begun(request: HttpRequest, account: Account, *, now: datetime) -> str:
    """The secret that this person's app may hold already, or an empty text: whatever proof or sign-in came between, it
    stays the same in this browser."""
    holder, begun, secret = (_notes(request).get(_SECRET) or "0 0 ").split(" ")
    length = lifecycle.after("authenticator_set_up").total_seconds()
    return secret if int(holder) == account.pk and now.timestamp() - int(begun) < length else ""


def forget_secret(request: HttpRequest) -> None:
    """The authenticator is set up."""
    _notes(request).pop(_SECRET, None)


def remember_identifier(request: HttpRequest, typed: str) -> None:
    """Keep what was typed on the first page for the password page."""
    _notes(request)[_IDENTIFIER] = typed


def identifier(request: HttpRequest) -> str:
    """The ID or address typed on the first page, or an empty text."""
    return _notes(request).get(_IDENTIFIER, "")


def remember_skip(request: HttpRequest, proved_by: str) -> None:
    """ "Skip this step next time" was chosen with this proof; it counts once the sign-in is complete.

    In the session, not in the cookie: a browser could send an older cookie again, with a better proof.
    """
    request.session[_SKIP] = proved_by


def forget_skip(request: HttpRequest) -> str:
    """The proof that the next sign-in may skip, or an empty text."""
    return cast(str, request.session.pop(_SKIP, ""))


def set_up_next(request: HttpRequest) -> None:
    """All methods were just removed: the session that begins now starts where new ones are set up."""
    request.session[_SET_UP] = True


def sets_up_next(request: HttpRequest) -> bool:
    """Whether it does, for the last time."""
    return bool(request.session.pop(_SET_UP, False))


def tenant(request: HttpRequest) -> Tenant:
    """The tenant of this request: the portal in its path or of its object, else the one that asked for the sign-in,
    else the one that its person came from."""
    match = getattr(request, "resolver_match", None)
    key = match.kwargs.get("portal_key", "") if match else ""
    key = key or getattr(request, "portal_key", "")  # set by a view whose path names an object of a portal
    if not key and (path := _notes(request).get(_NEXT)):
        key = tenancy().key_of(path)
    result = tenancy().tenant(key or _notes(request).get(_TENANT, ""))
    if not key and isinstance(request.user, Account) and (not result.key or result.realm != request.user.realm):
        return tenancy().tenant_of_realm(request.user.realm)
    return result
