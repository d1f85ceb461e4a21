"""A portal's home: what there is to do, what is new, and the tiles (S3-05, S4-16)."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from portals import registry
from portals.entry import arrival, tiles
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from portals.inside.domain import due, layouts
from portals.inside.forms.dashboards import ArrangeForm
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
        capabilities=request.capabilities,
        since=arrival.signed_in_before(request),
        now=now,
    )
    to_do, new = due.of(visit)
    shown = {
        "portal": portal,
        "cards": tiles.of(request, now=now),
        "tiles": _tiles(request, now=now) if portal.arranges_tiles else None,
        "to_do": to_do,
        "new": new,
        "today": visit.today,
        "password_days": None,  # what there is to do says it
    }
    if portal.phases and portal.links_old_accounts:
        shown |= old_log_in.shown(portal) | {"linked": old_log_in.is_linked(request, portal)}
    return render(request, portal.home_template, shown)


@portal_page()
def arrange(request: PortalRequest) -> HttpResponse:
    """ "Arrange": each tile moved, hidden or shown by a button, and all put back as they were (S3-05). The button that
    was pressed has the focus afterwards, with what it did beside it."""
    portal, now = request.portal, timezone.now()
    if not portal.arranges_tiles:
        raise Http404
    found = _tiles(request, now=now)
    if request.method == "POST":
        return _act(request, found, ArrangeForm(request.POST), now=now)
    done = ArrangeForm(request.GET)
    asked = done.cleaned_data if done.is_valid() else {}
    at = next((number for number, card in enumerate(found.cards, 1) if card.key == asked.get("tile")), 0)
    shown = {"portal": portal, "tiles": found, "at": at, "done": asked.get("act", ""), "count": len(found.cards)}
    return render(request, "portals/dashboards/arrange.html", shown)


def _tiles(request: PortalRequest, *, now: datetime) -> layouts.Arranged:
    return layouts.arranged(tiles.of(request, now=now), account=request.user, portal=request.portal)


def _act(request: PortalRequest, found: layouts.Arranged, form: ArrangeForm, *, now: datetime) -> HttpResponse:
    """One domain call; a tile that is not the reader's is not found."""
    if not form.is_valid():
        raise Http404
    here: dict[str, Any] = {"account": request.user, "portal": request.portal}
    asked = form.cleaned_data
    act, key, among = asked["act"], asked["tile"], [card.key for card in found.cards]
    try:
        match act:
            case "reset":
                layouts.reset(**here)
            case "hide":
                layouts.hide(**here, key=key, among=among, now=now)
            case "show":
                layouts.show(**here, key=key, among=among, now=now)
            case _:
                layouts.move(**here, key=key, to=form.place(among), among=among, now=now)
    except layouts.UnknownTile:
        raise Http404 from None
    done = urlencode({"act": act, "tile": key})
    return redirect(f"{reverse('portal_arrange', args=[request.portal.key])}?{done}")
