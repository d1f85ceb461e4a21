"""The page behind "Chat with ...": whether somebody is there now, and how to reach them (S4-16)."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portals.entry.admission import PortalRequest
from portals.entry.portal_page import layout, portal_page

PAGE = "portal_chat"


@portal_page(methods="read")
def show(request: PortalRequest) -> HttpResponse:
    """The hours, and what is there instead of a chat, which belongs to a system of its own (decision 0057)."""
    portal = request.portal
    tile = next((one for one in portal.tiles if one.page == PAGE), None)
    if tile is None:
        raise Http404
    context = {
        "portal": portal,
        "name": tile.name,
        "hours": tile.hours.availability(now=timezone.now()) if tile.hours else None,
        "layout": layout(portal, is_inside=True),
    }
    return render(request, "portals/contact/chat.html", context)
