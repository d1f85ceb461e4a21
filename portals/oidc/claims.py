"""What an application is told about somebody: as much as they agreed to, of this portal only."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from identity.policy import lifecycle
from portals.oidc import signing_keys, tokens
from portals.oidc.token_context import TokenContext
from portals.oidc.tokens import Kind
from rbac.domain import memberships
from rbac.models import PracticeTin

# What each scope lets an application know, in the words of the page that asks.
SCOPES = {
    "openid": _("That you are the same person when you come back"),
    "profile": _("Your name and your ID"),
    "email": _("Your primary email address"),
    "portal_access": _("Your role in this portal, your rights there, your practices and your old user name there"),
}


# Every claim that somebody may be told, for discovery.
NAMES = [
    *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "amr", "acr", "sid", "at_hash"),
    *("name", "given_name", "family_name", "preferred_username", "locale", "email", "email_verified"),
    *("portal", "role", "roles", "capabilities", "practices", "on_behalf_of", "legacy_user_name"),
]


def for_context(oidc_session: TokenContext, *, now: datetime) -> dict[str, Any]:
    """The claims of the userinfo endpoint."""
    found: dict[str, Any] = {"sub": str(oidc_session.public_id)}
    if "profile" in oidc_session.scopes:
        found |= {
            "name": f"{oidc_session.first_name} {oidc_session.last_name}".strip(),
            "given_name": oidc_session.first_name,
            "family_name": oidc_session.last_name,
            "preferred_username": oidc_session.login_name,
            "locale": oidc_session.language,
        }
    if "email" in oidc_session.scopes and oidc_session.email:
        found |= {"email": oidc_session.email, "email_verified": oidc_session.address_is_proved}
    if "portal_access" in oidc_session.scopes:
        found |= _access(oidc_session, now=now)
    return found


def _access(oidc_session: TokenContext, *, now: datetime) -> dict[str, Any]:
    pairs = oidc_session.pairs(now=now)
    practices = _practices(oidc_session.grant_id, now=now)
    told: dict[str, Any] = {
        "portal": oidc_session.portal_key,
        # Behind a grid somebody has as many roles as memberships: the grant's own says nothing (S2-33, D-29).
        **({"role": oidc_session.role} if pairs is None else {"roles": [_pair(*pair) for pair in pairs]}),
        "capabilities": oidc_session.held(now=now),
        "practices": practices,
    }
    # Of those practices the ones for which a vendor's person works under a mandate (S3-10).
    mandated = {str(practice) for practice in oidc_session.on_behalf_of(now=now)}
    if on_behalf_of := [one["id"] for one in practices if one["id"] in mandated]:
        told["on_behalf_of"] = on_behalf_of
    if name := oidc_session.attributes.get("legacy_user_name"):
        told["legacy_user_name"] = name
    return told


def _pair(role: str, market: str) -> dict[str, str]:
    """A role where it counts, without whose practice it is in: `practices` says for whom they work."""
    return {"role": role, "market": market}


def _practices(grant_id: int, *, now: datetime) -> list[dict[str, Any]]:
    """The practices and attested EINs of the memberships that count, whatever others the practices have (H2, D-25). A
    tax ID that is somebody's SSN is told to no application."""
    found: dict[int, dict[str, Any]] = {}
    for tin in memberships.attested_tins(grant_id, now=now):
        own = {"id": str(tin.practice_id), "name": tin.practice.name, "tax_ids": []}
        practice = found.setdefault(tin.practice_id, own)
        if tin.kind == PracticeTin.Kind.EIN:
            practice["tax_ids"].append(tin.digits)
    return list(found.values())


def of_id_token(oidc_session: TokenContext) -> dict[str, Any]:
    """Who was authenticated, when and how (OpenID Connect Core, 2). Everything else is asked at userinfo."""
    return {
        "iss": settings.PUBLIC_URL,
        "sub": str(oidc_session.public_id),
        "sid": str(oidc_session.session),
        "auth_time": int(oidc_session.authenticated_at.timestamp()),
        "amr": oidc_session.amr,
        "acr": oidc_session.acr,
    }


def of_hint(token: str, *, now: datetime) -> dict[str, Any] | None:
    """The claims of an ID token of ours that an application hands back, also of one that has ended; else None."""
    return signing_keys.claims_of(token, issuer=settings.PUBLIC_URL, now=now) if token else None


def access_token(oidc_session: TokenContext, *, now: float) -> str:
    """An access token that ends after its period; `now` in seconds."""
    return tokens.make(Kind.ACCESS, oidc_session.pk, int(now + lifecycle.after("sign_on_token").total_seconds()))
