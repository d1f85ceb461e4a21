"""An outside application of the tests: it begins a sign-on, changes the code, refreshes, asks for claims."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from django.test import Client
from django.utils import timezone

from portals.models import Application
from portals.oidc import applications
from portals.oidc.applications import Registration
from tests.factories import NOW

CALLBACK = "https://bills.example.org/callback"
AFTERWARDS = "https://bills.example.org/bye"


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass
class RelyingParty:
    """A registered application with its secret, over Django's test client."""

    application: Application
    secret: str
    browser: Client | None = None
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = "a-state"
    nonce: str = "a-nonce"

    @property
    def client_id(self) -> str:
        return self.application.pk

    def asks(self, **change: Any) -> dict[str, Any]:
        """The parameters of an authorization request; None leaves one out."""
        asked = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid profile email portal_access",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": s256(self.verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**asked, **change}.items() if value is not None}

    def authorize(self, browser: Client | None = None, **change: Any) -> Any:
        return (browser or self.browser or Client()).get("/sign-on/authorize", self.asks(**change))

    def agree(self, browser: Client | None = None, answer: str = "allow", **change: Any) -> Any:
        path = f"/sign-on/agree?{urlencode(self.asks(**change))}"
        return (browser or self.browser or Client()).post(path, {"answer": answer})

    def code(self, **change: Any) -> str:
        """A code, with the person's agreement where that is asked."""
        answer = self.authorize(**change)
        if answer.status_code == 200:
            answer = self.agree(**change)
        told = told_to_application(answer)
        assert "code" in told, told
        return told["code"]

    def token(self, *, basic: bool = True, **form: Any) -> Any:
        headers = {}
        if basic and self.secret:
            pair = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        return Client().post("/sign-on/token", form, headers=headers)

    def change(self, code: str, **change: Any) -> Any:
        """Change a code for tokens; None leaves a parameter out."""
        asked = {"redirect_uri": CALLBACK, "code_verifier": self.verifier, **change}
        asked = {name: value for name, value in asked.items() if value is not None}
        return self.token(grant_type="authorization_code", code=code, **asked)

    def tokens(self, **change: Any) -> dict[str, Any]:
        answer = self.change(self.code(**change))
        assert answer.status_code == 200, answer.content
        return answer.json()

    def refresh(self, token: str, **change: Any) -> Any:
        return self.token(grant_type="refresh_token", refresh_token=token, **change)

    def userinfo(self, token: str) -> Any:
        return Client().get("/sign-on/userinfo", headers={"Authorization": f"Bearer {token}"})

    def claims(self, id_token: str) -> dict[str, Any]:
        """The claims of a token, its signature, issuer and audience checked with the published keys."""
        kid = jwt.get_unverified_header(id_token)["kid"]
        keys = jwt.PyJWKSet.from_dict(Client().get("/.well-known/jwks.json").json())
        return jwt.decode(
            id_token, keys[kid], algorithms=["RS256", "ES256"], audience=self.client_id, issuer="http://testserver"
        )


def told_to_application(answer: Any) -> dict[str, str]:
    """What a redirect back to the application says."""
    assert answer.status_code == 302, (answer.status_code, answer.content[:500])
    assert answer["Location"].startswith(CALLBACK), answer["Location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def register(**change: Any) -> RelyingParty:
    """An application of the Claims portal."""
    asked = {
        "key": "bills",
        "name": "Bill Viewer",
        "portal_key": "claims",
        "redirect_uris": [CALLBACK],
        "after_logout_uris": [AFTERWARDS],
        **change,
    }
    application, secret = applications.register(Registration(**asked), by=None, now=NOW)
    return RelyingParty(application, secret)


def later(**by: float) -> Any:
    """A moment from now."""
    return timezone.now() + timezone.timedelta(**by)
