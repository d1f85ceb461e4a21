"""What the pages behind a portal's door show around their content: the menu, and the sign-in before this one."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone

from portals.entry import arrival, tiles
from portals.entry.admission import PortalRequest
from portals.inside.domain import conversations
from portals.inside.domain.due import Due

register = template.Library()


@register.simple_tag(takes_context=True)
def menu(context: dict[str, Any]) -> list[tiles.Card]:
    """The menu of the portal of this page, as its reader may use it (S4-16); empty where the portal has none."""
    request: PortalRequest = context["request"]
    if not request.portal.has_menu:
        return []
    return tiles.of(request, now=timezone.now())


@register.simple_tag(takes_context=True)
def works_as(context: dict[str, Any]) -> list[tuple[str, str]]:
    """The roles, each with its market, by which the reader sees what this portal's home shows; no practice's name."""
    request: PortalRequest = context["request"]
    return list(dict.fromkeys((row.role_label, row.market_label) for row in request.memberships))


@register.filter
def when(item: Due, today: date) -> str:
    """The day of something to do, in words."""
    return item.when(today)


@register.filter
def is_late(item: Due, today: date) -> bool:
    """Whether its day has passed."""
    return item.is_late(today)


@register.inclusion_tag("identity/tickets/unread.html", takes_context=True)
def unread_messages(context: dict[str, Any]) -> dict[str, Any]:
    """The badge beside "Messages" (S4-16): how many conversations of this portal have an answer that the reader has not
    seen, of their own and of the practices that they run. Asks once."""
    request: PortalRequest = context["request"]
    key, rows = request.portal.key, request.memberships
    return {"unread": conversations.count_unread(request.user, portal_key=key, memberships=rows)}


@register.simple_tag(takes_context=True)
def last_login(context: dict[str, Any]) -> datetime | None:
    """When the reader signed in before, for them to notice a sign-in that was not theirs."""
    request: PortalRequest = context["request"]
    return arrival.signed_in_before(request)
