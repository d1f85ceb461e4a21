"""The outside applications that somebody agreed to: listed, and disconnected."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.models import AccountRequest
from identity.views.page import page
from portals import registry
from portals.oidc import claims, consents


@page(methods="read")
def overview(request: AccountRequest) -> HttpResponse:
    """What each application learns, since when."""
    rows = [
        {
            "consent": consent,
            "portal": registry.portals().get(consent.application.portal_key),
            "learns": [words for scope, words in claims.SCOPES.items() if scope in consent.scopes],
        }
        for consent in consents.for_account(request.user)
    ]
    return render(request, "portals/oidc/connected.html", {"rows": rows})


@page(methods="button")
def disconnect(request: AccountRequest, consent_id: int) -> HttpResponse:
    """Take the agreement back; the sign-ons there end."""
    account = request.user
    consent = next((one for one in consents.for_account(account) if one.pk == consent_id), None)
    if consent is None:
        raise Http404
    consents.revoke(account=account, application=consent.application, now=timezone.now())
    messages.success(request, _("%(name)s is disconnected.") % {"name": consent.application.client.name})
    return redirect("connected")
