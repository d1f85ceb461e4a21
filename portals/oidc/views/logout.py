"""RP-initiated logout: an application asks that the session here ends too; with it end all sign-ons that it began."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from identity.models import AccountRequest, OpenSession, is_signed_in
from identity.views.page import page
from identity.views.sign_in import leave
from portals.models import Application
from portals.oidc import claims
from portals.oidc.redirects import Answer, as_get, let_forms_end_at, origin_of
from portals.oidc.server import application_of


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """What an application asks for, as far as it holds. `afterwards` is empty where nobody is sent back: none was asked
    for, or no application that we know registered it."""

    application: Application | None = None
    hint: dict[str, Any] | None = None
    afterwards: str = ""
    state: str = ""
    is_in_order: bool = True

    def after(self, request: HttpRequest) -> HttpResponse:
        """Where the browser goes when the session is over."""
        told = {"state": self.state} if self.state else {}
        return Answer(self.afterwards, told).response(request) if self.afterwards else redirect("signed_out")


@csrf_exempt  # an application may send it by POST; it only becomes a GET
@page(login=False)
def logout(request: HttpRequest) -> HttpResponse:
    """OpenID Connect RP-Initiated Logout 1.0. With an ID token of this very session it ends at once; otherwise, also
    where the request is out of order, a person presses a button."""
    if request.method == "POST":
        return as_get(request)
    asked = _read(request)
    if not is_signed_in(request):
        return asked.after(request)
    if asked.is_in_order and asked.hint and _is_this_session(request, asked.hint):
        leave(request)
        return asked.after(request)
    action = f"{reverse('sign_on_leave')}?{request.GET.urlencode()}"
    page = render(request, "portals/oidc/logout.html", {"application": asked.application, "action": action})
    if asked.afterwards:
        let_forms_end_at(page, origin_of(asked.afterwards))
    return page


@page(login=False, methods="button")
def leave_all(request: HttpRequest) -> HttpResponse:
    """The button: the session ends."""
    asked = _read(request)
    if request.user.is_authenticated:
        leave(request)
    return asked.after(request)


def _read(request: HttpRequest) -> LogoutRequest:
    hint = claims.of_hint(request.GET.get("id_token_hint", ""), now=timezone.now())
    client_id = request.GET.get("client_id", "") or (hint["aud"] if hint else "")
    if hint and hint["aud"] != client_id:
        return LogoutRequest(is_in_order=False)
    application = application_of(client_id) if client_id else None
    wanted = request.GET.get("post_logout_redirect_uri", "")
    if wanted and (application is None or wanted not in application.client.get_post_logout_redirect_uris()):
        return LogoutRequest(application, hint, is_in_order=False)
    return LogoutRequest(application, hint, wanted, request.GET.get("state", ""))


def _is_this_session(request: AccountRequest, hint: dict[str, Any]) -> bool:
    account = request.user
    own = OpenSession.objects.filter(session_key=request.session.session_key, account=account)
    return hint["sub"] == str(account.public_id) and str(own.values_list("pk", flat=True).first()) == hint.get("sid")
