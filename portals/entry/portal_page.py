"""What every page behind a portal's door asks of a request before its view runs, on top of identity's `page`."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from identity.accounts import agreements
from identity.models import is_signed_in
from identity.sign_in import step_up
from identity.views.page import Methods, View, page
from portals.entry import rights
from portals.entry.admission import PortalRequest, admission, lead
from portals.guards import needs_realm, portal_or_404
from portals.spec import PortalSpec, Text
from rbac.capabilities import Capability
from rbac.domain import grants, memberships
from rbac.models import AccessGrant, Membership
from rbac.roles import label_of


def portal_page(
    *,
    methods: Methods = "form",
    capability: Capability | None = None,
    practice: str = "",
    tile: str = "",
    agreed: bool = True,
    fresh: bool = False,
    sensitive: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Decorator of a portal's own pages: `view(request: PortalRequest, **named)`, with what its path names beside the
    portal and the practice.

    Without a grant: the page that says how to ask. Without a proof that the portal takes: the page that asks for one
    (C7). Without the `capability`, or the role that `practice` names in any practice: a page that says who gives it
    (S0-02). A path may name a practice as `practice_id`: it is the one of `request.membership`, and one in which the
    reader has not that role is not found, as one that does not exist. `tile` names the page that a tile leads to, where
    this page stands behind that tile: the portal's definition says whether it has it (404) and what it needs (C26).
    Whoever has not agreed to the duties of that role reads them first; `agreed` is False on the page of the duties
    alone. `methods`, `fresh` and `sensitive` are those of `page`.
    """

    def admitted(view: View) -> View:
        inner = step_up.needs_fresh(view) if fresh else view

        @needs_realm
        @wraps(view)
        def guarded(request: PortalRequest, portal_key: str, **named: Any) -> HttpResponse:
            portal, now = portal_or_404(portal_key), timezone.now()
            found = admission(request, portal)
            if not isinstance(found, AccessGrant):
                return lead(request, portal, found)
            if "practice_id" not in named:
                grants.note_use(grant=found, now=now)
            _let_in(request, portal, found, now=now)
            right, role = _asked_by(portal, tile) if tile else (capability, practice)
            if right is not None and right not in request.capabilities:
                return not_open(request, needs=right.label, why=_why(portal, right))
            own = [row for row in request.memberships if row.role == role] if role else []
            if role and not own:
                return not_open(request, role=label_of(role))
            if role and agreed and agreements.owes(request.user, role):
                return redirect(f"{reverse('portal_duties', args=[portal.key])}?{_back_to(request)}")
            if (practice_id := named.pop("practice_id", None)) is not None:
                request.membership = _in_practice(own, practice_id)
                grants.note_use(grant=found, membership=request.membership, now=now)
            return inner(request, **named)

        return guarded

    return page(methods=methods, guard=admitted, sensitive=sensitive)


def is_inside(request: HttpRequest, portal: PortalSpec) -> bool:
    """Whether this session is let in, for a page of the portal that is for strangers too; then its menu knows whose."""
    found = admission(cast(PortalRequest, request), portal) if is_signed_in(request) else None
    if not isinstance(found, AccessGrant):
        return False
    _let_in(cast(PortalRequest, request), portal, found, now=timezone.now())
    return True


def layout(portal: PortalSpec, *, is_inside: bool) -> str:
    """The layout of a page: where the portal has a menu, whoever is inside sees it."""
    return "portals/inside.html" if is_inside and portal.has_menu else "base.html"


def layout_of(request: HttpRequest, portal: PortalSpec) -> str:
    """The layout of a page that asks nothing else of whoever is inside."""
    return layout(portal, is_inside=portal.has_menu and is_inside(request, portal))


def _asked_by(portal: PortalSpec, page: str) -> tuple[Capability | None, str]:
    """The capability and the role that the tile to a page asks for."""
    found = portal.tile_to(page)
    if found is None:
        raise Http404
    return found.capability, found.practice


def _why(portal: PortalSpec, capability: Capability) -> str:
    """Where the page is that says why it is not open; a right that was given one by one needs none."""
    return reverse("portal_why", args=[portal.key, capability]) if portal.grid else ""


def _let_in(request: PortalRequest, portal: PortalSpec, grant: AccessGrant, *, now: datetime) -> None:
    """Note on the request whose page it answers: the page and its menu ask it."""
    request.portal, request.grant = portal, grant
    request.memberships = memberships.behind(grant, now=now)
    request.capabilities = rights.held(portal, grant, behind=request.memberships, now=now)


def _back_to(request: PortalRequest) -> str:
    """Where the reader goes on afterwards: this page, or the portal's home where a form was sent."""
    return urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""


def _in_practice(own: list[Membership], practice_id: int) -> Membership:
    for membership in own:
        if membership.practice_id == practice_id:
            return membership
    raise Http404


def not_open(request: PortalRequest, **lacks: Text) -> HttpResponse:
    """The page of somebody whom the portal is open to, and this page of it is not: what they lack, and who gives it."""
    return render(request, "portals/not_open.html", {"portal": request.portal, **lacks}, status=403)
