"""What the sample asks of the sign-on, by Authlib: the code flow with PKCE, refresh, userinfo, and what ends it."""

import secrets
import time
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from .visits import Attempt, SignedOn

SCOPES = "openid profile email portal_access"
ALGORITHMS = ["RS256", "ES256"]
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY = 30  # seconds between two clocks
TIMEOUT = 10
KEYS_PAUSE = 5  # seconds


class Refused(Exception):
    """The provider said no, or said something that is not valid. Holds the standard's code and a description."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(code)
        self.code, self.description = code, description


class Provider:
    """The One Healthcare ID as an application sees it."""

    def __init__(self, *, issuer: str, client_id: str, secret: str, redirect_uri: str) -> None:
        self.issuer, self.client_id = issuer, client_id
        self._secret, self._redirect_uri = secret, redirect_uri
        self._metadata: dict[str, Any] = {}
        self._keys, self._keys_asked_at = KeySet([]), 0.0

    def begin(self) -> tuple[str, Attempt]:
        """Where to send the browser, and what to remember until it comes back."""
        attempt = Attempt(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
        address, _ = self._client().create_authorization_url(
            self._said()["authorization_endpoint"],
            state=attempt.state,
            nonce=attempt.nonce,
            code_verifier=attempt.verifier,
        )
        return address, attempt

    def finish(self, attempt: Attempt, *, code: str, said_by: str) -> SignedOn:
        """Exchange the code. Raises Refused: by the provider, or because its answer is not for this attempt."""
        if said_by != self.issuer and (said_by or self._said().get("authorization_response_iss_parameter_supported")):
            raise Refused("mix_up", "The answer came from another provider than the one that was asked.")
        with self._client() as client:
            token = self._asked(
                client.fetch_token, self._said()["token_endpoint"], code=code, code_verifier=attempt.verifier
            )
            return self._signed_on(client, token, nonce=attempt.nonce)

    def refresh(self, known: SignedOn) -> SignedOn:
        """Newer tokens and claims for somebody who is signed on. Raises Refused when the sign-on has ended."""
        with self._client() as client:
            token = self._asked(client.refresh_token, self._said()["token_endpoint"], refresh_token=known.refresh_token)
            newer = self._signed_on(client, token, nonce="", known=known)
        if newer.claims["sub"] != known.claims["sub"]:
            raise Refused("invalid_grant", "The new tokens are about another person.")
        return newer

    def logout_address(self, known: SignedOn, *, back_to: str, state: str) -> str:
        """Where to send the browser to sign out of the ID as well."""
        asked = {
            "id_token_hint": known.id_token,
            "client_id": self.client_id,
            "post_logout_redirect_uri": back_to,
            "state": state,
        }
        return f"{self._said()['end_session_endpoint']}?{urlencode(asked)}"

    def read_logout_token(self, token: str) -> dict[str, Any]:
        """The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6). Raises Refused."""
        claims = self._verified(token).claims
        events = claims.get("events")
        checks = (
            claims.get("iss") == self.issuer,
            self.client_id in _as_list(claims.get("aud")),
            isinstance(claims.get("iat"), int) and claims["iat"] <= time.time() + LEEWAY,
            isinstance(claims.get("exp"), int) and claims["exp"] > time.time() - LEEWAY,
            isinstance(claims.get("jti"), str) and claims["jti"],
            isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict),
            claims.get("sid") or claims.get("sub"),
            "nonce" not in claims,
        )
        if not all(checks):
            raise Refused("invalid_request", "This is not a logout token for this application.")
        return claims

    def _client(self) -> OAuth2Session:
        return OAuth2Session(
            self.client_id,
            self._secret,
            scope=SCOPES,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            default_timeout=TIMEOUT,
        )

    def _said(self) -> dict[str, Any]:
        """The provider's own description, asked once."""
        if not self._metadata:
            found = requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=TIMEOUT).json()
            if found.get("issuer") != self.issuer:
                raise Refused("wrong_issuer", "The provider calls itself by another name.")
            self._metadata = found
        return self._metadata

    @staticmethod
    def _asked(ask: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        try:
            return dict(ask(*arguments, **named))
        except OAuthError as error:
            raise Refused(error.error or "server_error", error.description or "") from error
        except requests.RequestException as error:
            raise Refused("temporarily_unavailable", "The sign-in service could not be reached.") from error

    def _verified(self, token: str) -> jwt.Token:
        """A token with a good signature."""
        try:
            try:
                return jwt.decode(token, self._known_keys(), algorithms=ALGORITHMS)
            except InvalidKeyIdError:  # the provider's keys rotate: a new one is asked for
                return jwt.decode(token, self._known_keys(newest=True), algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise Refused("invalid_token", "The signature is not the provider's.") from error

    def _known_keys(self, *, newest: bool = False) -> KeySet:
        """The provider's keys. Forged tokens with made-up key ids make nobody ask more often than this."""
        pause = KEYS_PAUSE if newest else float("inf") if self._keys.keys else 0
        if time.monotonic() - self._keys_asked_at > pause:
            self._keys_asked_at = time.monotonic()
            self._keys = KeySet.import_key_set(requests.get(self._said()["jwks_uri"], timeout=TIMEOUT).json())
        return self._keys

    def _signed_on(
        self, client: OAuth2Session, token: dict[str, Any], *, nonce: str, known: SignedOn | None = None
    ) -> SignedOn:
        id_token = token.get("id_token") or (known.id_token if known else "")
        claims = self._id_token_claims(id_token, token, nonce) if "id_token" in token or not known else known.claims
        answer = client.get(self._said()["userinfo_endpoint"], headers={"Accept": "application/json"})
        if answer.status_code != 200:
            raise Refused("invalid_token", "The provider told nothing about this person.")
        userinfo = answer.json()
        if userinfo.get("sub") != claims["sub"]:
            raise Refused("invalid_token", "The provider told about another person.")
        return SignedOn(
            id_token=id_token,
            claims=claims,
            userinfo=userinfo,
            access_token=token["access_token"],
            access_ends=time.time() + float(token.get("expires_in", 0)),
            refresh_token=token.get("refresh_token") or (known.refresh_token if known else ""),
            refreshed=known.refreshed + 1 if known else 0,
        )

    def _id_token_claims(self, id_token: str, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        decoded = self._verified(id_token)
        expected = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        params = {"nonce": nonce, "client_id": self.client_id, "access_token": token["access_token"]}
        claims = CodeIDToken(decoded.claims, decoded.header, expected, params)
        try:
            claims.validate(leeway=LEEWAY)
        except JoseError as error:
            raise Refused("invalid_token", f"The ID token was not accepted: {error.error}.") from error
        return dict(claims)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
