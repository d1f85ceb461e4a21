"""Why can I see this, or not: the rows and the version of the grid that decide it, in the person's words (S3-10)."""

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portals.entry.admission import PortalRequest
from portals.entry.portal_page import layout, portal_page
from portals.entry.rights import offered
from rbac import roles
from rbac.capabilities import Capability
from rbac.domain import grid, reasons
from rbac.domain.reasons import Explanation


@portal_page(methods="read")
def tools(request: PortalRequest) -> HttpResponse:
    """All that the portal opens by role and market, what of it is open to the reader, and the way to each why."""
    listed = [(one, one in request.capabilities) for one in _explained(request)]
    return _page(request, "portals/tools.html", listed=listed)


@portal_page(methods="read")
def why(request: PortalRequest, capability: str) -> HttpResponse:
    """One of them: each of the reader's memberships, what it says, who opened it, and who can change it."""
    asked = next((one for one in _explained(request) if one == capability), None)
    if asked is None:
        raise Http404
    now = timezone.now()
    told = reasons.explain(asked, account=request.user, portal_key=request.portal.key, at=now)
    prefetch_related_objects([reason.membership for reason in told.reasons], "tins")
    runs = reasons.administrators_of(told, now=now)
    shown = [(reason, runs.get(reason.membership.practice_id, [])) for reason in told.reasons]
    return _page(request, "portals/why.html", capability=asked, told=told, reasons=shown, opening=_opening(told))


def _explained(request: PortalRequest) -> list[Capability]:
    """What there is to explain: a portal without a grid has nothing."""
    if not request.portal.grid:
        raise Http404
    return offered(request.portal)


def _page(request: PortalRequest, template: str, **told: object) -> HttpResponse:
    portal = request.portal
    return render(request, template, {"portal": portal, "layout": layout(portal, is_inside=True), **told})


def _opening(told: Explanation) -> list[str]:
    """The roles to which it is open in the reader's markets, in the grid's order."""
    if told.version is None:
        return []
    version = grid.of(told.version.pk)
    places = {reason.membership.market for reason in told.reasons} or {""}
    return [
        str(label)
        for role, label in roles.GRID.items()
        if any(told.capability in grid.allowed([(role, market)], version) for market in places)
    ]
