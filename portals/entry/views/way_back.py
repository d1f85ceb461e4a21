"""The way back to a portal whose access rests: a page that says so, and an e-mailed code to confirm with (D-09)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.codes import codes
from identity.factors.forms.codes import AccessCodeForm
from identity.models import AccountRequest
from identity.sign_in import step_up
from identity.views import mailed_code
from identity.views.page import page
from identity.views.verify_email import masked
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
    account = request.user
    if request.method == "POST" and "resend" in request.POST:
        mailed_code.send(request, account)
        return redirect("way_back_code", portal.key)
    form = AccessCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and mailed_code.is_right(account, form):
        return _come_back(request, portal, grant)
    newest = codes.newest(account=account, purpose="access", target=account.email)
    shown = {
        "portal": portal,
        "form": form,
        "masked": masked(account.email),
        "sent": newest is not None and codes.is_alive(newest, now=timezone.now()),
    }
    return render(request, "portals/way_back/code.html", shown)


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
