"""The protocol engine: oauthlib's server with allauth's validator, made strict.

allauth and oauthlib read requests, authenticate clients and word the standard's errors. What stands here is what they
leave open: PKCE with S256 for everybody, redirect addresses compared as they are, codes that burn before anything else
is compared, refresh tokens whose replay ends the sign-on, and tokens that hang on a row (portals.oidc.oidc_sessions).
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from urllib.parse import unquote_plus

from allauth.core import context
from allauth.idp.oidc.models import Client
from django.utils import timezone
from oauthlib.common import Request
from oauthlib.openid import Server

from identity.allauth_seam import OAuthLibRequestValidator, extract_basic_auth
from identity.policy import lifecycle
from portals.models import Application
from portals.oidc import claims, machine_secrets, oidc_sessions, signing_keys, tokens, trial_client
from portals.oidc.token_context import TokenContext
from portals.oidc.tokens import Kind

GRANT_TYPES = ("authorization_code", "refresh_token")


@dataclass(slots=True)
class Handled:
    """What one request has found so far. Never on oauthlib's request: there a parameter could pose as it."""

    oidc_session: TokenContext | None = None  # of the code or token that was shown, whatever became of it
    client: Client | None = None


def handled() -> Handled:
    """The findings of the current request."""
    found: Handled | None = getattr(context.request, "_sign_on", None)
    if found is None:
        found = context.request._sign_on = Handled()
    return found


def application_of(client_id: str) -> Application | None:
    """The open application of a client id. An unknown one and a closed one are the same."""
    if not client_id.isprintable():
        return None
    return Application.objects.select_related("client").filter(pk=client_id, is_open=True).first()


class Validator(OAuthLibRequestValidator):
    """Answers oauthlib's questions from our rows."""

    is_trial = False  # portals.oidc.trial_answers changes the codes of trials, and only those

    # --- who asks ---------------------------------------------------------------------------------------------
    def _lookup_client(self, request: Request, client_id: str) -> Client | None:
        found = handled()
        if found.client is None or found.client.pk != client_id:
            if found.oidc_session is not None and found.oidc_session.client_id == client_id:
                found.client = found.oidc_session.client() if found.oidc_session.is_open else None
            else:
                application = application_of(client_id) if client_id else None
                found.client = application.client if application else None
        return found.client

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """By HTTP Basic or by form, never both. An unknown client costs as much as a wrong secret."""
        client_id, secret = (unquote_plus(part or "") for part in extract_basic_auth(request.headers))
        if client_id and request.client_secret:
            return False
        if not client_id:
            client_id, secret = request.client_id or "", request.client_secret or ""
        client = self._lookup_client(request, client_id)
        if not machine_secrets.matches(secret, client.secret if client else ""):
            return False
        if client is None or client.type != Client.Type.CONFIDENTIAL:
            return False
        self._use_client(request, client)
        return True

    # --- what may be asked ------------------------------------------------------------------------------------
    def validate_redirect_uri(self, client_id: str, redirect_uri: str, request: Request, *a: Any, **k: Any) -> bool:
        """Letter by letter: no prefix, no other port, no other writing of the same."""
        return redirect_uri in request.client.get_redirect_uris() or trial_client.allows(context.request, request)

    def validate_response_type(
        self, client_id: str, response_type: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return response_type == "code"

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return grant_type in GRANT_TYPES and grant_type in client.get_grant_types()

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """A scope that the application was not given is left out, not refused (OpenID Connect Core, 3.1.2.1)."""
        return True

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        return True

    def validate_silent_login(self, request: Request) -> bool:
        return True  # the view asks, in the order of the standard

    def validate_silent_authorization(self, request: Request) -> bool:
        return True  # likewise

    def validate_user_match(self, id_token_hint: Any, scopes: Any, claims: Any, request: Request) -> bool:
        return True  # likewise

    # --- a code for tokens ------------------------------------------------------------------------------------
    def _lookup_authorization_code(self, request: Request, client_id: str, code: str) -> dict[str, Any] | None:
        oidc_session = handled().oidc_session
        if oidc_session is None:
            return None
        return {
            "scopes": oidc_session.scopes,
            "code": {"nonce": oidc_session.nonce or None},
            "redirect_uri": oidc_session.redirect_uri,
            "pkce": {"code_challenge": oidc_session.code_challenge, "code_challenge_method": "S256"},
        }

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Burns the code: whatever is wrong afterwards, it is not taken again."""
        oidc_session = handled().oidc_session
        if oidc_session is None:
            return False
        try:
            oidc_sessions.redeem(oidc_session, client_id=client.pk, now=timezone.now())
        except oidc_sessions.Refused:
            return False
        request.scopes = oidc_session.scopes
        return (oidc_session.redirect_uri == trial_client.address()) is self.is_trial

    def invalidate_authorization_code(self, client_id: str, code: str, request: Request, *a: Any, **k: Any) -> None:
        """validate_code did."""

    # --- a refresh token for tokens ---------------------------------------------------------------------------
    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        found = handled()
        if found.oidc_session is None:
            return False
        try:
            found.oidc_session = oidc_sessions.refresh(
                found.oidc_session, refresh_token, client_id=client.pk, now=timezone.now()
            )
        except oidc_sessions.Refused:
            return False
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        return _sign_on().scopes

    def rotate_refresh_token(self, request: Request) -> bool:
        return True

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Nothing to store. Who may not refresh gets no token for it. Tokens carry the scopes of their sign-on: fewer
        ones cannot be had by a refresh, and the answer says so (RFC 6749, 3.3)."""
        token["scope"] = " ".join(_sign_on().scopes)
        if "refresh_token" not in request.client.get_grant_types():
            token.pop("refresh_token", None)

    def finalize_id_token(
        self, id_token: dict[str, Any], token: dict[str, Any], token_handler: Any, request: Request
    ) -> str:
        oidc_session, now = _sign_on(), timezone.now()
        id_token |= claims.of_id_token(oidc_session)
        id_token["exp"] = int((now + lifecycle.after("sign_on_token")).timestamp())
        return signing_keys.sign(id_token, algorithm=oidc_session.algorithm, now=now)

    # --- the use and the end of tokens ------------------------------------------------------------------------
    def validate_bearer_token(self, token: str | None, scopes: list[str], request: Request) -> bool:
        """From the header, or the body of a POST; never from an address, which ends up in logs."""
        if not token or context.request.GET.get("access_token"):
            return False
        try:
            oidc_session = oidc_sessions.of_access_token(token, now=timezone.now())
        except oidc_sessions.Refused:
            return False
        handled().oidc_session = oidc_session
        request.scopes = oidc_session.scopes
        return set(scopes) <= set(oidc_session.scopes)

    def get_userinfo_claims(self, request: Request) -> dict[str, Any]:
        return claims.for_context(_sign_on(), now=timezone.now())

    def revoke_token(self, token: str, token_type_hint: str, request: Request, *args: Any, **kwargs: Any) -> None:
        oidc_session = oidc_sessions.of_any_token(token)
        if oidc_session is not None and oidc_session.client_id == request.client.pk:
            oidc_sessions.revoke(oidc_session, now=timezone.now())


def _sign_on() -> TokenContext:
    oidc_session = handled().oidc_session
    assert oidc_session is not None
    return oidc_session


def _access_token(request: Request) -> str:
    return claims.access_token(_sign_on(), now=timezone.now().timestamp())


def _refresh_token(request: Request) -> str:
    oidc_session = _sign_on()
    return tokens.make(Kind.REFRESH, oidc_session.pk, oidc_session.generation)


def engine(validator: Validator) -> Server:
    """An engine over our rows. It keeps nothing of a request, so one serves a process."""
    return cast(
        Server,
        Server(
            request_validator=validator,
            token_generator=_access_token,
            refresh_token_generator=_refresh_token,
            token_expires_in=int(lifecycle.after("sign_on_token").total_seconds()),
        ),
    )


@cache
def server() -> Server:
    """The engine of the endpoints."""
    return engine(Validator())
