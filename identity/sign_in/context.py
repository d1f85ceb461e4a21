"""The context processor that gives every page its tenant, and what its reader has chosen or has to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from identity.models import Account
from identity.policy import zones
from identity.sign_in import login_intent


def tenant(request: HttpRequest) -> dict[str, Any]:
    """`tenant` (see identity.tenancy.Tenant), `demo`, `theme`, the `zone` of every time that is shown, and
    `password_days` once the password ends soon (S3-18), for all templates."""
    zone = zones.of_realm(login_intent.tenant(request).realm)
    timezone.activate(zone)  # until the request ends (identity.sign_in.middleware.LocalTimes)
    user = getattr(request, "user", None)
    reader = user if isinstance(user, Account) else None
    return {
        "tenant": SimpleLazyObject(lambda: login_intent.tenant(request)),
        "demo": settings.DEMO,
        "zone": zone.key,
        "theme": reader.theme if reader else "auto",
        "password_days": reader.password_days_left(now=timezone.now()) if reader else None,
    }
