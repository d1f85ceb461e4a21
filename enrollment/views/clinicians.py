"""With which clinicians somebody works: asked at the first log-in, changed at any time (S2-21..23). California only."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enrollment.domain import clinician_search, clinicians
from enrollment.forms.clinicians import ClinicianForm
from identity.policy import text
from portals.entry import arrival
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import layout, portal_page
from rbac.domain import grants


@arrival.asks
def ask_at_first_log_in(request: PortalRequest) -> str:
    """ "The first time you log into the portal, you will be asked" (S2-21)."""
    is_asked = clinicians.concern(request.portal, request.memberships) and clinicians.is_due(request.grant)
    return reverse("clinicians", args=[request.portal.key]) if is_asked else ""


def _concerned_or_404(request: PortalRequest) -> None:
    if not clinicians.concern(request.portal, request.memberships):
        raise Http404


@portal_page()
def choose(request: PortalRequest) -> HttpResponse:
    """ "Add clinician association" (S2-22): by name or NPI; whoever is asked for the first time may go on without, and
    finds Contact Us where a clinician is not listed (S2-23)."""
    _concerned_or_404(request)
    wanted, after = clinician_search.read(request.GET.get("q", "")), request.GET.get("after", "")
    practices = [row.practice_id for row in request.memberships]
    found = clinician_search.find(wanted, practices=practices, after=int(after) if text.is_number(after) else 0)
    held = list(clinicians.of(request.grant))
    own = {row.clinician_id for row in held} if request.method == "GET" else set()  # a second press is no mistake
    offered = [one for one in found.rows if one.pk not in own]
    form = ClinicianForm(request.POST if request.method == "POST" else None, offered=offered, own=practices)
    if request.method == "POST" and form.is_valid():
        return _associated(request, form)
    context: dict[str, object] = {
        "portal": request.portal,
        "layout": layout(request.portal, is_inside=True),
        "form": form,
        "wanted": wanted,
        "held": held,
        "is_known": bool(found.rows) and not offered,
        "next": urlencode({"q": wanted, "after": str(found.after)}) if found.after else "",
        "is_due": not held and clinicians.is_due(request.grant),
    }
    return render(request, "enrollment/clinicians/choose.html", context)


def _associated(request: PortalRequest, form: ClinicianForm) -> HttpResponse:
    try:
        new = clinicians.associate(grant=request.grant, clinicians=form.chosen(), by=request.user, now=timezone.now())
    except grants.GrantEnded:
        return redirect("portal_home", request.portal.key)
    if new:
        said = ngettext("%(count)s clinician was added.", "%(count)s clinicians were added.", len(new))
        messages.success(request, said % {"count": len(new)})
    else:
        messages.info(request, _("Whom you chose is among your clinicians already."))
    return redirect("clinicians", request.portal.key)


@portal_page(methods="button")
def go_on(request: PortalRequest) -> HttpResponse:
    """Nobody is locked out (S2-21): on to the portal, or to Contact Us because a clinician is not listed (S2-23)."""
    _concerned_or_404(request)
    clinicians.answer(grant=request.grant, by=request.user, now=timezone.now())
    return redirect("portal_contact" if "contact" in request.POST else "portal_home", request.portal.key)


@portal_page(methods="button")
def end(request: PortalRequest, pk: int) -> HttpResponse:
    """Take one back; somebody else's is not found."""
    _concerned_or_404(request)
    association = get_object_or_404(clinicians.all_of(request.grant), pk=pk)
    if clinicians.end(association=association, by=request.user, now=timezone.now()):
        messages.success(
            request, _("%(name)s is no longer among your clinicians.") % {"name": association.clinician.name}
        )
    return redirect("account_overview", request.portal.key)
