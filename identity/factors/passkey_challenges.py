"""The challenge of a sign-in by passkey, in a sealed cookie of its own: strangers ask for many, and none makes a row
(L10). A cookie of its own, for a script asks for it while forms of the same page write the door's."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from identity.codes import attempts
from identity.keys.fields import InvalidToken, decrypt, encrypt
from identity.policy import lifecycle

_PERIOD = "passkey_challenge"


def _cookie() -> str:
    return f"{settings.SESSION_COOKIE_NAME}-passkey"


def write(response: HttpResponse, state: dict[str, Any], *, now: datetime) -> None:
    """Give the browser the challenge that its passkey is asked to sign; only this browser can answer it."""
    length = lifecycle.after(_PERIOD)
    response.set_cookie(
        _cookie(),
        encrypt(json.dumps({"passkey": state, "until": (now + length).timestamp()})),
        max_age=length,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    """It was answered."""
    response.delete_cookie(_cookie(), path="/", samesite="Lax")


def take(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """The challenge of this browser, for the first and last time; empty for none, an old one, one that was answered."""
    try:
        sealed = json.loads(decrypt(request.COOKIES.get(_cookie(), "")))
        state, until = dict(sealed["passkey"]), float(sealed["until"])
    except (InvalidToken, ValueError, KeyError, TypeError):
        return {}
    if now.timestamp() >= until or not attempts.is_first_answer(str(state["challenge"]), now=now):
        return {}
    return state
