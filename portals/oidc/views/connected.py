"""The outside applications that somebody agreed to: listed, and disconnected."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from identity.models import Account
from portals import registry
from portals.oidc import claims, consents


@never_cache
@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What each application learns, since when."""
    rows = [
        {
            "consent": consent,
            "portal": registry.portals().get(consent.application.portal_key),
            "learns": [words for scope, words in claims.SCOPES.items() if scope in consent.scopes],
        }
        for consent in consents.for_account(cast(Account, request.user))
    ]
    return render(request, "portals/oidc/connected.html", {"rows": rows})


@require_POST
@login_required
def disconnect(request: HttpRequest, consent_id: int) -> HttpResponse:
    """Take the agreement back; the sign-ons there end."""
    account = cast(Account, request.user)
    consent = next((one for one in consents.for_account(account) if one.pk == consent_id), None)
    if consent is None:
        raise Http404
    consents.revoke(account=account, application=consent.application, now=timezone.now())
    messages.success(request, _("%(name)s is disconnected.") % {"name": consent.application.client.name})
    return redirect("connected")
