"""RP-initiated logout: an application asks that the session here ends too; with it end all sign-ons that it began."""

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from identity.models import Account, OpenSession
from identity.views.sign_in import leave
from portals.domain import claims
from portals.middleware import let_forms_end_at
from portals.models import Application
from portals.sign_on.redirects import as_get, origin_of, to_application
from portals.sign_on.server import application_of


class Unreadable(Exception):
    """The request names an address that the application did not register."""


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """What an application asks for. `afterwards` is empty where nobody is to be sent back."""

    application: Application | None
    hint: dict[str, Any] | None
    afterwards: str
    state: str

    def after(self) -> HttpResponse:
        """Where the browser goes when the session is over."""
        told = {"state": self.state} if self.state else {}
        return to_application(self.afterwards, told) if self.afterwards else redirect("signed_out")


@csrf_exempt  # an application may send it by POST; it only becomes a GET
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """OpenID Connect RP-Initiated Logout 1.0. With an ID token of this very session it ends at once; otherwise a person
    presses a button."""
    if request.method == "POST":
        return as_get(request)
    try:
        asked = _read(request)
    except Unreadable:
        return render(request, "portals/sign_on/unreadable.html", status=400)
    if not request.user.is_authenticated:
        return asked.after()
    if asked.hint and _is_this_session(request, asked.hint):
        leave(request)
        return asked.after()
    action = f"{reverse('sign_on_leave')}?{request.GET.urlencode()}"
    page = render(request, "portals/sign_on/logout.html", {"application": asked.application, "action": action})
    if asked.afterwards:
        let_forms_end_at(page, origin_of(asked.afterwards))
    return page


@never_cache
@require_POST
def leave_all(request: HttpRequest) -> HttpResponse:
    """The button: the session ends."""
    try:
        asked = _read(request)
    except Unreadable:
        return render(request, "portals/sign_on/unreadable.html", status=400)
    if request.user.is_authenticated:
        leave(request)
    return asked.after()


def _read(request: HttpRequest) -> LogoutRequest:
    hint = claims.of_hint(request.GET.get("id_token_hint", ""), now=timezone.now())
    client_id = request.GET.get("client_id", "") or (hint["aud"] if hint else "")
    if hint and hint["aud"] != client_id:
        raise Unreadable
    application = application_of(client_id) if client_id else None
    wanted = request.GET.get("post_logout_redirect_uri", "")
    if wanted and (application is None or wanted not in application.client.get_post_logout_redirect_uris()):
        raise Unreadable
    return LogoutRequest(application, hint, wanted, request.GET.get("state", ""))


def _is_this_session(request: HttpRequest, hint: dict[str, Any]) -> bool:
    account = cast(Account, request.user)
    own = OpenSession.objects.filter(session_key=request.session.session_key, account=account)
    return hint["sub"] == str(account.public_id) and str(own.values_list("pk", flat=True).first()) == hint.get("sid")
