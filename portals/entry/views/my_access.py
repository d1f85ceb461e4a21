"""What somebody may enter, and for which practices they work there (D-29)."""

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render

from identity.models import AccountRequest
from identity.views.page import page
from portals import registry
from rbac.domain import grants, memberships


@page(methods="read")
def overview(request: AccountRequest) -> HttpResponse:
    """Each portal with its practices: the role, since when, because of what, last use."""
    found = grants.newest_for(request.user)
    behind = {
        grant_id: list(rows)
        for grant_id, rows in groupby(memberships.for_account(request.user), key=lambda row: row.grant_id)
    }
    held = [
        {
            "grant": grant,
            "portal": registry.portals().get(grant.portal_key),
            "name": registry.name_of(grant.portal_key),
            "memberships": behind.get(grant.pk, []),
        }
        for grant in found
        if grant.until is None
    ]
    ended = [(registry.name_of(grant.portal_key), grant) for grant in found if grant.until is not None]
    return render(request, "portals/my_access.html", {"held": held, "ended": ended})
