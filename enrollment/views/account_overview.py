""" "Account Overview" (S2-22): somebody's role and why they have it, their practices, and their clinicians."""

from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import render

from enrollment.domain import clinicians
from enrollment.views.mandates import is_vendor, may_agree
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import layout, portal_page
from rbac.models import Membership


@portal_page(methods="read")
def overview(request: PortalRequest) -> HttpResponse:
    """One page for what a person's access hangs on, in a portal whose grid says so."""
    portal = request.portal
    if not portal.grid:
        raise Http404
    has_clinicians = clinicians.concern(portal, request.memberships)
    context = {
        "portal": portal,
        "layout": layout(portal, is_inside=True),
        "groups": _alike(request.memberships),
        "has_clinicians": has_clinicians,
        "is_vendor": is_vendor(request),
        "may_agree": may_agree(request),
        "associations": clinicians.of(request.grant) if has_clinicians else (),
    }
    return render(request, "enrollment/account_overview.html", context)


def _alike(memberships: Iterable[Membership]) -> list[list[Membership]]:
    """The practices for which somebody works in the same role, market and for the same reason are told together: a
    registration may name thirty (S2-15)."""
    rows = list(memberships)
    prefetch_related_objects(rows, "tins")
    groups: dict[tuple[Any, ...], list[Membership]] = {}
    for row in rows:
        cause = (row.role, row.market, row.origin, row.origin_key, row.since, row.ends_on)
        groups.setdefault(cause, []).append(row)
    return list(groups.values())
