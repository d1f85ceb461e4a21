"""The cards of a portal's home page as one person sees them: where each leads, and why one does not (D-24)."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.urls import reverse

from portals.entry.admission import PortalRequest
from portals.hours import Availability
from portals.models import Application
from portals.spec import PortalSpec, Text, Tile
from rbac.models import Membership


class Leads(StrEnum):
    HERE = "here"
    BY_SIGN_ON = "by sign-on"
    ELSEWHERE = "elsewhere"  # people sign in there separately (S2-28, S2-29)
    INSIDE = "inside"  # a page of the old system itself, which is not connected yet
    NOWHERE = "nowhere"  # not connected yet
    CLOSED = "closed"  # it is, but not to this person (S0-02)
    SHUT = "shut"  # an operator has closed the application


@dataclass(frozen=True, slots=True)
class Card:
    """One card."""

    key: str  # of its tile
    name: Text
    description: Text
    leads: Leads
    address: str = ""
    hours: Availability | None = None
    in_header: bool = False
    why: str = ""  # the page that says why it is open, or not, to whom it is shown


def of(request: PortalRequest, *, now: datetime) -> list[Card]:
    """The cards of the portal whose page a request asks for, for whoever asks; looked up once a request."""
    known: list[Card] | None = getattr(request, "cards", None)
    if known is None:
        portal, held = request.portal, request.capabilities
        known = cards(portal, capabilities=held, memberships=request.memberships, now=now)
        request.cards = known  # type: ignore[attr-defined]
    return known


def cards(
    portal: PortalSpec, *, capabilities: Container[str], memberships: Iterable[Membership], now: datetime
) -> list[Card]:
    """The cards of a portal for somebody who may open this much of it, with the memberships that count. One question to
    the database, however many there are; memberships are looked at only where a card is for a role."""
    addresses = _launch_addresses(portal)
    found = [
        _card(tile, portal, addresses, is_closed=_is_closed(tile, capabilities, memberships), now=now)
        for tile in portal.tiles
    ]
    return [card for card in found if card.leads != Leads.CLOSED or not portal.hides_what_is_closed]


def _launch_addresses(portal: PortalSpec) -> dict[str, str]:
    """Where the registered applications that the tiles name begin a sign-on; nowhere, while one is closed."""
    wanted = [tile.application for tile in portal.tiles if tile.application]
    if not wanted:
        return {}
    found = Application.objects.filter(key__in=wanted, portal_key=portal.key).exclude(launch_address="")
    rows = found.values_list("key", "launch_address", "is_open")
    return {key: address if is_open else "" for key, address, is_open in rows}


def _is_closed(tile: Tile, capabilities: Container[str], memberships: Iterable[Membership]) -> bool:
    if tile.capability and tile.capability not in capabilities:
        return True
    return bool(tile.practice) and all(row.role != tile.practice for row in memberships)


def _card(tile: Tile, portal: PortalSpec, addresses: dict[str, str], *, is_closed: bool, now: datetime) -> Card:
    leads, address = Leads.NOWHERE, ""
    if is_closed:
        leads = Leads.CLOSED
    elif tile.page:
        leads, address = Leads.HERE, reverse(tile.page, args=[portal.key])
    elif tile.application in addresses:
        address = addresses[tile.application]
        leads = Leads.BY_SIGN_ON if address else Leads.SHUT
    elif tile.link:
        leads, address = Leads.ELSEWHERE, tile.link
    elif tile.inside:
        leads = Leads.INSIDE
    hours = tile.hours.availability(now=now) if tile.hours else None
    why = reverse("portal_why", args=[portal.key, tile.capability]) if portal.grid and tile.capability else ""
    return Card(tile.key, tile.name, tile.description, leads, address, hours, tile.in_header, why)
