"""A portal's home: what there is to do, what is new, and the tiles (S3-05, S4-16)."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portals import registry
from portals.entry import arrival, tiles
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from portals.inside.domain import due
from portals.legacy.views import old_log_in


@portal_page(methods="read")
def home(request: PortalRequest) -> HttpResponse:
    """The home page behind the door: what to do comes first, and the tiles follow (S0-03, S1-01..03, S1-08, D-24)."""
    portal, now = request.portal, timezone.now()
    if registry.parts_of(portal.key):
        raise Http404
    if asked := arrival.first_page(request):
        return redirect(asked)
    visit = due.Visit(
        portal=portal,
        account=request.user,
        memberships=request.memberships,
        since=arrival.signed_in_before(request),
        now=now,
    )
    to_do, new = due.of(visit)
    shown = {
        "portal": portal,
        "cards": tiles.of(request, now=now),
        "to_do": to_do,
        "new": new,
        "today": visit.today,
        "password_days": None,  # what there is to do says it
    }
    if portal.phases and portal.links_old_accounts:
        shown |= old_log_in.shown(portal) | {"linked": old_log_in.is_linked(request, portal)}
    return render(request, portal.home_template, shown)
