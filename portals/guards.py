"""The portal of a path, and the door of what is behind it: an account of the portal's own realm."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from identity.models import AccountRequest
from portals import registry
from portals.spec import PortalSpec


def portal_or_404(portal_key: str) -> PortalSpec:
    """The portal of a path."""
    try:
        return registry.get(portal_key)
    except registry.UnknownPortal as error:
        raise Http404 from error


def needs_realm(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator of what is behind a portal's door: an account of another realm is told so, and may switch. It
    is the `guard` of a page."""

    @login_required
    @wraps(view)
    def guarded(request: AccountRequest, portal_key: str, **named: str) -> HttpResponse:
        portal = portal_or_404(portal_key)
        if request.user.realm != portal.realm:
            return redirect("other_realm", portal.key)
        return view(request, portal_key, **named)

    return guarded
