"""What every page behind a portal's door asks of a request before its view runs, on top of identity's `page`."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from identity.sign_in import step_up
from identity.views.page import Methods, View, page
from portals.entry.admission import PortalRequest, admission, lead
from portals.guards import needs_realm, portal_or_404
from rbac.capabilities import Capability
from rbac.domain import grants
from rbac.models import AccessGrant


def portal_page(
    *,
    methods: Methods = "form",
    capability: Capability | None = None,
    fresh: bool = False,
    sensitive: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Decorator of a portal's own pages: `view(request: PortalRequest, **named)`, with what its path names beside the
    portal.

    Without a grant: the page that says how to ask. Without a proof that the portal takes: the page that asks for one
    (C7). Without the `capability`: a page that says who gives it (S0-02). `methods`, `fresh` and `sensitive` are
    those of `page`.
    """

    def admitted(view: View) -> View:
        inner = step_up.needs_fresh(view) if fresh else view

        @needs_realm
        @wraps(view)
        def guarded(request: PortalRequest, portal_key: str, **named: object) -> HttpResponse:
            portal = portal_or_404(portal_key)
            found = admission(request, portal)
            if not isinstance(found, AccessGrant):
                return lead(request, portal, found)
            grants.note_use(grant=found, now=timezone.now())
            request.portal, request.grant = portal, found
            if capability is not None and capability not in found.capabilities:
                return not_open(request, needs=capability)
            return inner(request, **named)

        return guarded

    return page(methods=methods, guard=admitted, sensitive=sensitive)


def not_open(request: PortalRequest, *, needs: Capability) -> HttpResponse:
    """The page of somebody whom the portal is open to, and this page of it is not: who may open it."""
    context = {"portal": request.portal, "needs": needs}
    return render(request, "portals/not_open.html", context, status=403)
