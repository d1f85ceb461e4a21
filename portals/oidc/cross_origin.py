"""Calls of browser applications from their own origin (CORS): public clients may make them, and nobody else.

A browser application shows its code or its tokens. Cookies never count at these endpoints, and browsers are never told
that they might.
"""

from collections.abc import Callable
from functools import wraps

from allauth.idp.oidc.models import Client
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from portals.oidc.redirects import origin_of
from portals.oidc.server import handled

_HEADERS = "Authorization, Content-Type"
type View = Callable[[HttpRequest], HttpResponse]


def from_browsers(*methods: str) -> Callable[[View], View]:
    """Decorator of an endpoint that browser applications call by these methods.

    Who calls is not known before the call, so the question whether it may be made (OPTIONS) is answered for the origin
    of any open public client. The answer is shown to the client's own origin only. An error that came before anybody
    was recognised, such as a token that has ended, says nothing about anybody and is shown as the question was.
    """

    def decorated(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest) -> HttpResponse:
            origin = request.headers.get("Origin", "")
            if origin and request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
                response, shown = HttpResponse(status=204), _is_registered(origin)
                response["Access-Control-Allow-Methods"] = ", ".join(methods)
                response["Access-Control-Allow-Headers"] = _HEADERS
            else:
                response = view(request)
                shown = bool(origin) and _may_see(origin, response)
            if shown:
                response["Access-Control-Allow-Origin"] = origin
                response["Access-Control-Expose-Headers"] = "WWW-Authenticate"
            patch_vary_headers(response, ["Origin"])
            return response

        return answered

    return decorated


def _may_see(origin: str, response: HttpResponse) -> bool:
    found = handled()
    client_id = found.client.pk if found.client else found.oidc_session.client_id if found.oidc_session else ""
    if client_id:
        return _is_registered(origin, client_id)
    return response.status_code >= 400 and _is_registered(origin)


def _is_registered(origin: str, client_id: str = "") -> bool:
    """Whether people are sent back to this origin by the client, or by any: public and open."""
    clients = Client.objects.filter(type=Client.Type.PUBLIC, application__is_open=True)
    if client_id:
        clients = clients.filter(pk=client_id)
    return any(
        origin == origin_of(uri) for client in clients.only("redirect_uris") for uri in client.get_redirect_uris()
    )
