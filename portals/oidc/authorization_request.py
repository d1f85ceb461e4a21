"""Reading an authorization request: validated by oauthlib, narrowed to what we take, refused as the standard says."""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, QueryDict
from oauthlib.oauth2.rfc6749 import errors

from identity.allauth_seam import extract_headers
from portals.models import Application
from portals.oidc import parameters
from portals.oidc.oidc_sessions import Asked
from portals.oidc.redirects import MODES, Answer
from portals.oidc.server import server

S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
MAX_LENGTH_OF_NONCE = 500
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
    mode: str  # how it wants to be answered
    languages: list[str]  # of the person, as far as the application knows; the best one first

    @property
    def is_silent(self) -> bool:
        """The application wants an answer without any page (prompt=none)."""
        return "none" in self.prompts

    def answer(self, **told: str) -> Answer:
        """What the application is told; RFC 9207's `iss` says whose answer it is."""
        return _answer(self.asked.redirect_uri, self.state, self.mode, **told)

    def refusal(self, error: str, description: str = "") -> Answer:
        """The application is told an error of the standard."""
        return self.answer(error=error, **_described(description))


def parse(request: HttpRequest) -> AuthorizationRequest | Answer:
    """The authorization request in the address; an answer for the application when it is out of order.

    Raises Unreadable when nobody may be sent anywhere: unknown or closed application, unregistered address.
    """
    # From the address alone: an application's POST became one, and ours carries a button.
    said = parameters.given(request.GET)
    mode = _mode(said)
    try:
        address = f"{request.path}?{said.urlencode()}"
        scopes, found = server().validate_authorization_request(address, "GET", None, extract_headers(request))
    except errors.FatalClientError as error:
        raise Unreadable from error
    except ValueError as error:  # oauthlib could not even parse it
        raise Unreadable from error
    except errors.OAuth2Error as error:
        uri, state = said.get("redirect_uri", ""), said.get("state", "")
        return _answer(uri, state, mode, error=error.error, error_description=error.description or "")
    try:
        return _narrowed(said, list(scopes), found, mode)
    except Refused as refused:
        told = _described(refused.description)
        return _answer(found["redirect_uri"], found["state"] or "", mode, error=refused.error, **told)


def _narrowed(said: QueryDict, scopes: list[str], found: dict, mode: str) -> AuthorizationRequest:
    _check(said, found, mode)
    granted = found["request"].client.get_scopes()
    scopes = [scope for scope in dict.fromkeys(scopes) if scope in granted]
    if "openid" not in scopes:
        raise Refused("invalid_scope", "The scope openid is needed.")
    prompts = frozenset(said.get("prompt", "").split())
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise Refused("invalid_request", "The value of prompt is not known.")
    return AuthorizationRequest(
        application=found["request"].client.application,
        asked=Asked(
            scopes=scopes,
            redirect_uri=found["redirect_uri"],
            code_challenge=found["code_challenge"],
            nonce=said.get("nonce", ""),
        ),
        state=found["state"] or "",
        prompts=prompts,
        max_age=_seconds(said.get("max_age")),
        hint=said.get("id_token_hint", ""),
        mode=mode,
        languages=said.get("ui_locales", "").split(),
    )


def _check(said: QueryDict, found: dict, mode: str) -> None:
    """Raise Refused for what is never taken, whoever asks."""
    for name, error in NOT_TAKEN.items():
        if name in said:
            raise Refused(error)
    for refused, why in (
        (parameters.stands_twice(said), "A parameter stands twice."),
        (not parameters.is_storable(said), "A parameter holds a character that nothing can keep."),
        (said.get("response_mode", mode) != mode, "Only the response modes query and form_post are known."),
        (found.get("code_challenge_method") != "S256", "PKCE with S256 is needed."),
        (not S256_CHALLENGE.fullmatch(found["code_challenge"]), "PKCE with S256 is needed."),
        (len(said.get("nonce", "")) > MAX_LENGTH_OF_NONCE, "The nonce is too long."),
    ):
        if refused:
            raise Refused("invalid_request", why)


def _seconds(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Refused("invalid_request", "max_age is a number of seconds.")
    return timedelta(seconds=int(text))


def _mode(said: QueryDict) -> str:
    """How the application is answered, also when it asks for a way that there is not. A form reaches the web only."""
    asked = said.get("response_mode", "query")
    is_web = said.get("redirect_uri", "").startswith(("https:", "http:"))
    return asked if asked in MODES and is_web else "query"


def _described(description: str) -> dict[str, str]:
    return {"error_description": description} if description else {}


def _answer(uri: str, state: str, mode: str, **told: str) -> Answer:
    named = {"state": state} if state else {}
    return Answer(uri, {**told, **named, "iss": settings.PUBLIC_URL}, mode)
