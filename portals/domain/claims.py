"""What an application is told about somebody: as much as they agreed to, of this portal only."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from identity import lifecycle
from portals.domain import signing_keys, tokens
from portals.domain.standing import Standing
from portals.domain.tokens import Kind
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
    *("portal", "role", "capabilities", "practices", "legacy_user_name"),
]


def of(sign_on: Standing) -> dict[str, Any]:
    """The claims of the userinfo endpoint."""
    found: dict[str, Any] = {"sub": str(sign_on.public_id)}
    if "profile" in sign_on.scopes:
        found |= {
            "name": f"{sign_on.first_name} {sign_on.last_name}".strip(),
            "given_name": sign_on.first_name,
            "family_name": sign_on.last_name,
            "preferred_username": sign_on.login_name,
            "locale": sign_on.language,
        }
    if "email" in sign_on.scopes and sign_on.email:
        found |= {"email": sign_on.email, "email_verified": sign_on.address_is_proved}
    if "portal_access" in sign_on.scopes:
        found |= _access(sign_on)
    return found


def _access(sign_on: Standing) -> dict[str, Any]:
    told = {
        "portal": sign_on.portal_key,
        "role": sign_on.role,
        "capabilities": sign_on.capabilities,
        "practices": _practices(sign_on.grant_id),
    }
    if name := sign_on.attributes.get("legacy_user_name"):
        told["legacy_user_name"] = name
    return told


def _practices(grant_id: int) -> list[dict[str, Any]]:
    """The practices and EINs that were approved for this person, whatever others the practices have (H2). A tax ID
    that is somebody's SSN is told to no application."""
    approved = PracticeTin.objects.filter(access_grants=grant_id).order_by("practice", "pk")
    found: dict[int, dict[str, Any]] = {}
    for pk, name, digits, kind in approved.values_list("practice", "practice__name", "digits", "kind"):
        practice = found.setdefault(pk, {"id": str(pk), "name": name, "tax_ids": []})
        if kind == PracticeTin.Kind.EIN:
            practice["tax_ids"].append(digits)
    return list(found.values())


def of_id_token(sign_on: Standing) -> dict[str, Any]:
    """Who was authenticated, when and how (OpenID Connect Core, 2). Everything else is asked at userinfo."""
    return {
        "iss": settings.PUBLIC_URL,
        "sub": str(sign_on.public_id),
        "sid": str(sign_on.session),
        "auth_time": int(sign_on.authenticated_at.timestamp()),
        "amr": sign_on.amr,
        "acr": sign_on.acr,
    }


def of_hint(token: str, *, now: datetime) -> dict[str, Any] | None:
    """The claims of an ID token of ours that an application hands back, also of one that has ended; else None."""
    return signing_keys.claims_of(token, issuer=settings.PUBLIC_URL, now=now) if token else None


def access_token(sign_on: Standing, *, now: float) -> str:
    """An access token that ends after its period; `now` in seconds."""
    return tokens.make(Kind.ACCESS, sign_on.pk, int(now + lifecycle.after("sign_on_token").total_seconds()))
