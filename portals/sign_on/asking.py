"""Reading an authorization request: validated by oauthlib, narrowed to what we take, refused as the standard says."""

import re
from dataclasses import dataclass
from datetime import timedelta

from allauth.idp.oidc.internal.oauthlib.utils import extract_params
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from oauthlib.oauth2.rfc6749 import errors

from portals.domain.sign_ons import Asked
from portals.models import Application
from portals.sign_on.redirects import to_application
from portals.sign_on.server import server

S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
LONGEST_NONCE = 500
PROMPTS = {"none", "login", "consent", "select_account", "create"}
NOT_TAKEN = {"request": "request_not_supported", "request_uri": "request_uri_not_supported"}


class Unreadable(Exception):
    """The request names no application and redirect address of ours: nobody is sent anywhere."""


class Refused(Exception):
    """The application is told this error of the standard."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error, self.description = error, description


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that is in order."""

    application: Application
    asked: Asked
    state: str
    prompts: frozenset[str]
    max_age: timedelta | None
    hint: str  # an ID token of the person whom the application expects

    @property
    def is_silent(self) -> bool:
        """The application wants an answer without any page (prompt=none)."""
        return "none" in self.prompts

    def redirect(self, **answer: str) -> HttpResponse:
        """Send the browser back to the application with an answer; RFC 9207's `iss` says whose it is."""
        return _back(self.asked.redirect_uri, self.state, **answer)

    def refuse(self, error: str, description: str = "") -> HttpResponse:
        """Send the browser back with an error of the standard."""
        told = {"error_description": description} if description else {}
        return self.redirect(error=error, **told)


def read(request: HttpRequest) -> AuthorizationRequest | HttpResponse:
    """The authorization request in the address; an answer for the application when it is out of order.

    Raises Unreadable when nobody may be sent anywhere: unknown or closed application, unregistered address.
    """
    try:
        # From the address alone: an application's POST became one, and ours carries a button.
        address, _method, _body, headers = extract_params(request)
        scopes, found = server().validate_authorization_request(address, "GET", None, headers)
    except errors.FatalClientError as error:
        raise Unreadable from error
    except ValueError as error:  # oauthlib could not even parse it
        raise Unreadable from error
    except errors.OAuth2Error as error:
        uri, state = request.GET["redirect_uri"], request.GET.get("state", "")
        return _back(uri, state, error=error.error, error_description=error.description or "")
    try:
        return _narrowed(request, list(scopes), found)
    except Refused as refused:
        told = {"error_description": refused.description} if refused.description else {}
        return _back(found["redirect_uri"], found["state"] or "", error=refused.error, **told)


def _narrowed(request: HttpRequest, scopes: list[str], found: dict) -> AuthorizationRequest:
    for name, error in NOT_TAKEN.items():
        if name in request.GET:
            raise Refused(error)
    if any(len(values) > 1 for _name, values in request.GET.lists()):
        raise Refused("invalid_request", "A parameter stands twice.")
    granted = found["request"].client.get_scopes()
    scopes = [scope for scope in dict.fromkeys(scopes) if scope in granted]
    if "openid" not in scopes:
        raise Refused("invalid_scope", "The scope openid is needed.")
    if request.GET.get("response_mode", "query") != "query":
        raise Refused("invalid_request", "Only the response mode query is known.")
    if found.get("code_challenge_method") != "S256" or not S256_CHALLENGE.fullmatch(found["code_challenge"]):
        raise Refused("invalid_request", "PKCE with S256 is needed.")
    prompts = frozenset(request.GET.get("prompt", "").split())
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise Refused("invalid_request", "The value of prompt is not known.")
    nonce = request.GET.get("nonce", "")
    if len(nonce) > LONGEST_NONCE:
        raise Refused("invalid_request", "The nonce is too long.")
    return AuthorizationRequest(
        application=found["request"].client.application,
        asked=Asked(
            scopes=scopes,
            redirect_uri=found["redirect_uri"],
            code_challenge=found["code_challenge"],
            nonce=nonce,
        ),
        state=found["state"] or "",
        prompts=prompts,
        max_age=_seconds(request.GET.get("max_age")),
        hint=request.GET.get("id_token_hint", ""),
    )


def _seconds(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Refused("invalid_request", "max_age is a number of seconds.")
    return timedelta(seconds=int(text))


def _back(uri: str, state: str, **answer: str) -> HttpResponse:
    named = {"state": state} if state else {}
    return to_application(uri, {**answer, **named, "iss": settings.PUBLIC_URL})
