"""Trying an application's sign-on: what the session of the member of staff remembers of it, and where it comes back to.

The address is registered for no application. It is taken for the one request that this very session began, told by its
state and its challenge, which nobody else knows. A code that was made for it is changed in this process only: the token
endpoint refuses it (portals.oidc.server), whoever shows it.
"""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from oauthlib.common import Request

from identity.models import Account
from portals.models import Application

_TRIAL = "sign_on_trial"


@dataclass(frozen=True, slots=True)
class Trial:
    """What an application would remember while somebody is away to sign on."""

    account: int
    client_id: str
    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """PKCE, S256."""
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


def address() -> str:
    """Where a trial comes back to."""
    return settings.PUBLIC_URL + reverse("sign_on_tried")


def begin(request: HttpRequest, application: Application) -> str:
    """Remember a new trial; answers the path of its authorization request."""
    account = cast(Account, request.user)
    trial = Trial(account.pk, application.pk, *(secrets.token_urlsafe(32) for _ in range(3)))
    request.session[_TRIAL] = asdict(trial)
    asked = {
        "client_id": trial.client_id,
        "response_type": "code",
        "redirect_uri": address(),
        "scope": " ".join(application.client.get_scopes()),
        "state": trial.state,
        "nonce": trial.nonce,
        "code_challenge": trial.challenge,
        "code_challenge_method": "S256",
    }
    return f"{reverse('sign_on_authorize')}?{urlencode(asked)}"


def allows(request: HttpRequest, asked: Request) -> bool:
    """Whether an authorization request is the trial that this browser's session began."""
    if asked.redirect_uri != address():
        return False
    trial = _of(request)
    return (
        trial is not None
        and asked.client_id == trial.client_id
        and constant_time_compare(asked.state or "", trial.state)
        and constant_time_compare(asked.code_challenge or "", trial.challenge)
    )


def take(request: HttpRequest) -> Trial | None:
    """The trial whose answer this request brings, for the one time; None for an answer to nobody's question."""
    trial = _of(request)
    if trial is None or not constant_time_compare(request.GET.get("state", ""), trial.state):
        return None
    del request.session[_TRIAL]
    return trial


def _of(request: HttpRequest) -> Trial | None:
    kept = request.session.get(_TRIAL)
    return Trial(**kept) if kept and kept["account"] == request.user.pk else None
