"""The way back to a portal whose access rests: a page that says so, and an e-mailed code to confirm with (D-09)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.models import AccountRequest
from identity.sign_in import step_up
from identity.views import code_prompt
from identity.views.page import page
from portals.entry.admission import needs_suspended_grant
from portals.spec import PortalSpec
from rbac.domain import idleness
from rbac.models import AccessGrant


@page(login=False, methods="read")
@needs_suspended_grant
def overview(request: AccountRequest, portal: PortalSpec, grant: AccessGrant) -> HttpResponse:
    """Since when access rests, and the button that begins the way back."""
    shown = {
        "portal": portal,
        "grant": grant,
        "alone": idleness.can_come_back_alone(grant=grant, now=timezone.now()),
    }
    return render(request, "portals/way_back/overview.html", shown)


@page(login=False)
@step_up.needs_fresh
@needs_suspended_grant
def code(request: AccountRequest, portal: PortalSpec, grant: AccessGrant) -> HttpResponse:
    """Send the code on a press, then take it: access is back, or its approver is asked."""
    return code_prompt.access_code(
        request,
        request.user,
        url=reverse("way_back_code", args=[portal.key]),
        template="portals/way_back/code.html",
        on_success=lambda: _come_back(request, portal, grant),
        portal=portal,
    )


def _come_back(request: AccountRequest, portal: PortalSpec, grant: AccessGrant) -> HttpResponse:
    told = {"portal": portal.name}
    try:
        is_back = idleness.come_back(grant=grant, by=request.user, now=timezone.now())
    except idleness.NotSuspended:  # another tab, or the service desk, was quicker
        return redirect("portal_home", portal.key)
    if is_back:
        messages.success(request, _("Your access to %(portal)s is back, as it was before.") % told)
        return redirect("portal_home", portal.key)
    messages.success(
        request, _("We asked the service desk to give your access to %(portal)s back. You get an email.") % told
    )
    return redirect("way_back", portal.key)
