"""What applications call themselves: tokens, userinfo, revocation, and the two documents that describe us."""

from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from oauthlib.oauth2 import OAuth2Error
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError

from identity.allauth_seam import convert_response, extract_params, respond_json_error
from identity.policy import lifecycle
from portals.models.oidc import Algorithm
from portals.oidc import claims, oidc_sessions, parameters, signing_keys
from portals.oidc.cross_origin import from_browsers
from portals.oidc.proof import ACR
from portals.oidc.redirects import MODES
from portals.oidc.server import GRANT_TYPES, handled, server

# What Django and oauthlib raise over a body or a query that is none: a wrong charset, too many fields, "%zz".
UNREADABLE = (ValueError, BadRequest, SuspiciousOperation, MultiPartParserError)


def _endpoint(view: Any) -> Any:
    """Decorator of an endpoint for machines: no cookie counts, errors are the standard's, no cache keeps an answer."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            request.POST = parameters.given(request.POST)  # type: ignore[assignment]
            if parameters.stands_twice(request.POST):
                raise InvalidRequestError(description="A parameter stands twice.")
            response: HttpResponse = convert_response(*view(request))
        except OAuth2Error as error:
            response = respond_json_error(request, error)
        except UNREADABLE:
            response = respond_json_error(request, InvalidRequestError(description="The request cannot be read."))
        return response

    return answered


@from_browsers("POST")
@require_http_methods(["POST"])
@_endpoint
def token(request: HttpRequest) -> Any:
    """A code or a refresh token for tokens (OpenID Connect Core, 3.1.3 and 12)."""
    if request.POST.get("grant_type") == "refresh_token":
        handled().oidc_session = oidc_sessions.of_refresh_token(request.POST.get("refresh_token", ""))
    else:
        handled().oidc_session = oidc_sessions.of_code(request.POST.get("code", ""))
    return server().create_token_response(*extract_params(request))


@from_browsers("GET", "POST")
@require_http_methods(["GET", "POST"])
@_endpoint
def userinfo(request: HttpRequest) -> Any:
    """What the application may know of the person (OpenID Connect Core, 5.3)."""
    return server().create_userinfo_response(*extract_params(request))


@from_browsers("POST")
@require_http_methods(["POST"])
@_endpoint
def revoke(request: HttpRequest) -> Any:
    """The application gives its tokens back (RFC 7009)."""
    return server().create_revocation_response(*extract_params(request))


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys, also the one that will sign next."""
    keys = [key.public for key in signing_keys.published(now=timezone.now())]
    return _published({"keys": keys})


@require_safe
def configuration(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Discovery 1.0. The issuer is PUBLIC_URL, whatever the Host header says."""
    return _published(_description(settings.PUBLIC_URL))


def _published(document: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(document)
    response["Cache-Control"] = f"public, max-age={int(lifecycle.after('published_keys').total_seconds())}"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@cache
def _description(issuer: str) -> dict[str, Any]:
    def at(name: str) -> str:
        return issuer + reverse(name)

    return {
        "issuer": issuer,
        "authorization_endpoint": at("sign_on_authorize"),
        "token_endpoint": at("sign_on_token"),
        "userinfo_endpoint": at("sign_on_userinfo"),
        "revocation_endpoint": at("sign_on_revoke"),
        "end_session_endpoint": at("sign_on_logout"),
        "jwks_uri": at("sign_on_jwks"),
        "scopes_supported": list(claims.SCOPES),
        "claims_supported": claims.NAMES,
        "response_types_supported": ["code"],
        "response_modes_supported": list(MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(Algorithm.values),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": list(ACR),
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "ui_locales_supported": [code for code, _name in settings.LANGUAGES],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
