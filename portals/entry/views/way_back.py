"""The way back to a portal whose access rests: a page that says so, and an e-mailed code to confirm with (D-09)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.sign_in import step_up
from identity.views import code_prompt
from identity.views.page import page
from portals.entry.admission import PortalRequest, needs_suspended_grant
from rbac.domain import idleness


@page(guard=needs_suspended_grant, methods="read")
def overview(request: PortalRequest) -> HttpResponse:
    """Since when access rests, and the button that begins the way back."""
    shown = {
        "portal": request.portal,
        "grant": request.grant,
        "alone": idleness.can_come_back_alone(grant=request.grant, now=timezone.now()),
    }
    return render(request, "portals/way_back/overview.html", shown)


@page(guard=lambda view: step_up.needs_fresh(needs_suspended_grant(view)))
def code(request: PortalRequest) -> HttpResponse:
    """Send the code on a press, then take it: access is back, or its approver is asked."""
    portal = request.portal
    return code_prompt.access_code(
        request,
        request.user,
        url=reverse("way_back_code", args=[portal.key]),
        template="portals/way_back/code.html",
        on_success=lambda: _come_back(request),
        portal=portal,
    )


def _come_back(request: PortalRequest) -> HttpResponse:
    portal = request.portal
    told = {"portal": portal.name, "approver": portal.staff.name}
    try:
        is_back = idleness.come_back(grant=request.grant, by=request.user, now=timezone.now())
    except idleness.NotSuspended:  # another tab, or the service desk, was quicker
        return redirect("portal_home", portal.key)
    if is_back:
        messages.success(request, _("Your access to %(portal)s is back, as it was before.") % told)
        return redirect("portal_home", portal.key)
    messages.success(
        request, _("We asked %(approver)s to give your access to %(portal)s back. You get an email.") % told
    )
    return redirect("way_back", portal.key)
