"""Reading the answer to a test sign-in as an application would: by the same engine, with each check of a library."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from oauthlib.common import Request
from oauthlib.openid import Server

from portals.models import Application
from portals.oidc import oidc_sessions, signing_keys, trial_client
from portals.oidc.server import Validator, engine, handled
from portals.oidc.token_context import TokenContext
from portals.oidc.trial_client import Trial

SATISFIED = "satisfied"


@dataclass(slots=True)
class Found:
    """What came of a test sign-in. `error` is a code of the standard or one of ours, empty when all is well."""

    error: str = ""
    description: str = ""
    header: dict[str, Any] = field(default_factory=dict)  # of the ID token
    claims: dict[str, Any] = field(default_factory=dict)  # likewise
    known: dict[str, Any] = field(default_factory=dict)  # from userinfo
    oidc_session: TokenContext | None = None

    @property
    def outcome(self) -> str:
        """In one word, for the journal."""
        return self.error or SATISFIED


class TrialValidator(Validator):
    """Changes the codes of trials, and no others. We stand for the application here: its secret is asked of nobody."""

    is_trial = True

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        return False

    def authenticate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        client = self._lookup_client(request, client_id)
        if client is not None:
            self._use_client(request, client)
        return client is not None


@cache
def _engine() -> Server:
    return engine(TrialValidator())


def parse(answer: dict[str, str], *, trial: Trial, application: Application) -> Found:
    """What the answer in the address brings. Changes the code, so it can be done once."""
    if answer.get("iss") != settings.PUBLIC_URL:
        return Found("wrong_issuer")
    if "code" not in answer:
        return Found(answer.get("error", "no_code"), answer.get("error_description", ""))
    body = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": trial_client.address(),
        "client_id": trial.client_id,
        "code_verifier": trial.verifier,
    }
    handled().oidc_session = oidc_sessions.of_code(answer["code"])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    _headers, text, status = _engine().create_token_response(_at("sign_on_token"), "POST", urlencode(body), headers)
    told = json.loads(text)
    if status != 200:
        return Found(told["error"], told.get("error_description", ""), oidc_session=handled().oidc_session)
    return _checked(told, trial=trial, application=application)


def _checked(told: dict[str, Any], *, trial: Trial, application: Application) -> Found:
    result = Found(oidc_session=handled().oidc_session)
    now = timezone.now()
    try:
        result.header = jwt.get_unverified_header(told["id_token"])
        keys = {key.kid: key for key in signing_keys.published(now=now)}
        result.claims = jwt.decode(
            told["id_token"],
            keys[result.header["kid"]].private.public_key(),
            algorithms=[application.algorithm],
            audience=trial.client_id,
            issuer=settings.PUBLIC_URL,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
    except (jwt.PyJWTError, KeyError):
        result.error = "id_token"
        return result
    if result.claims["nonce"] != trial.nonce:
        result.error = "nonce"
        return result
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    _headers, text, status = _engine().create_userinfo_response(_at("sign_on_userinfo"), "GET", None, bearer)
    result.known = (json.loads(text) if isinstance(text, str) else text) if status == 200 else {}
    if result.known.get("sub") != result.claims["sub"]:
        result.error = "userinfo"
    return result


def _at(name: str) -> str:
    return settings.PUBLIC_URL + reverse(name)
