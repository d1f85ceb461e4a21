"""Around requests of sign-on: applications are answered before all that only people's pages need, and a form of ours
may end at the application that asked."""

from collections.abc import Callable
from functools import cache
from urllib.parse import parse_qs

from allauth.core.context import request_context
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property

from identity.sign_in import login_intent
from portals.oidc.redirects import let_forms_end_at, origin_of
from portals.oidc.server import application_of
from portals.oidc.views import endpoints


class OidcEndpoints:
    """Answers applications' own calls at once: without session, language, form token or a page's policy, which they
    neither send nor read. A load balancer's log has a line for each; refusals stand in ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = _machine_views().get(request.path)
        if view is None:
            return self.get_response(request)
        try:
            request.get_host()
        except DisallowedHost:  # no page: whoever asks for one of another host is no browser of ours
            return HttpResponse(status=400)
        with request_context(request):
            return view(request)


@cache
def _machine_views() -> dict[str, Callable[[HttpRequest], HttpResponse]]:
    return {
        reverse("sign_on_token"): endpoints.token,
        reverse("sign_on_userinfo"): endpoints.userinfo,
        reverse("sign_on_revoke"): endpoints.revoke,
        reverse("sign_on_jwks"): endpoints.jwks,
        reverse("sign_on_configuration"): endpoints.configuration,
    }


class FormActionCsp:
    """On pages within an authorization request (sign-in, confirmation, agreement), `form-action` also names the origin
    of the registered address that the request leads to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html") and (origin := self._target(request)):
            let_forms_end_at(response, origin)
        return response

    @cached_property
    def _path(self) -> str:
        return reverse("sign_on_authorize")

    def _target(self, request: HttpRequest) -> str:
        candidates = [request.get_full_path()]
        if request.path == reverse("confirm") or not request.user.is_authenticated:
            candidates += [request.GET.get("next", ""), login_intent.next_path(request)]
        asked = next((path for path in candidates if path.startswith(f"{self._path}?")), "")
        query = parse_qs(asked.partition("?")[2])
        uri, client_id = (query.get(name, [""])[0] for name in ("redirect_uri", "client_id"))
        application = application_of(client_id) if uri and client_id else None
        return origin_of(uri) if application and uri in application.client.get_redirect_uris() else ""
