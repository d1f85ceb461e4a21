"""Entering a portal: only with an active grant and the proofs that it asks, looked at on every page."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from identity import proofs, step_up
from identity.domain import addresses
from identity.models import Account
from portals import registry
from portals.sign_in_policy import strictest
from portals.spec import PortalSpec
from rbac.domain import grants


def portal_or_404(portal_key: str) -> PortalSpec:
    """The portal of a path."""
    try:
        return registry.get(portal_key)
    except registry.UnknownPortal as error:
        raise Http404 from error


def needs_realm(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator of what is behind a portal's door: an account of another realm is told so, and may switch."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, portal_key: str) -> HttpResponse:
        portal = portal_or_404(portal_key)
        if cast(Account, request.user).realm != portal.realm:
            return redirect("other_realm", portal.key)
        return view(request, portal_key)

    return guarded


def needs_grant(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator of a portal's own pages: `view(request, portal)`. Without a grant: the page that says how to
    ask. Without a proof that it takes: the page that asks for one (C7)."""

    @needs_realm
    @wraps(view)
    def guarded(request: HttpRequest, portal_key: str) -> HttpResponse:
        portal = portal_or_404(portal_key)
        account = cast(Account, request.user)
        held = grants.portals_of(account)
        if portal.key not in held:
            messages.warning(request, _("You have no access to %(portal)s yet.") % {"portal": portal.name})
            return redirect("chooser", portal.part_of or portal.key)
        if not proofs.satisfy(request, account, strictest(held, portal.key)):
            return step_up.confirm(request, portal_key=portal.key)
        if portal.needs_own_address and addresses.shared_with(account):
            return redirect("co_workers")
        return view(request, portal)

    return guarded
