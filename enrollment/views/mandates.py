"""Mandates as their two sides see them: "Practices we work for" of a vendor, "Who works on our behalf" of a practice
(S3-10)."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.forms.mandates import MandateForm
from identity.policy import lifecycle, zones
from identity.record.machine import NotPossible
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import layout, portal_page
from rbac.domain import grid, mandate_inquiries, mandate_people, mandates
from rbac.models import Mandate
from rbac.roles import AGREES_TO_MANDATES

_NOTHING = gettext_lazy("Nothing was changed: somebody was quicker, or it is over.")
ACTS = {"agree": mandates.agree, "decline": mandates.decline, "end": mandates.end}


def is_vendor(request: PortalRequest) -> bool:
    """Whether the reader's access is a vendor's person's, by what the grant keeps of the form."""
    form = request.portal.access_form
    asked = form.vendors if form else None
    return asked is not None and asked.are_asked(request.grant.attributes)


def may_agree(request: PortalRequest) -> bool:
    """Whether the reader's own role answers for a practice; the page itself asks for an attested tax ID too."""
    own = [row for row in request.memberships if row.mandate_id is None]
    return mandate_people.are_possible(request.portal.key) and any(row.role in AGREES_TO_MANDATES for row in own)


@portal_page()
def held(request: PortalRequest) -> HttpResponse:
    """The practices that a vendor works for, and asking for more. What was asked is shown to the practice alone: the
    page says the same whatever there is."""
    if not is_vendor(request):
        raise Http404
    portal, now = request.portal, timezone.now()
    vendors = [row.practice for row in mandates.vendors_of(request.user, portal_key=portal.key, now=now)]
    form = MandateForm(
        request.POST if request.method == "POST" else None,
        vendors=vendors, known_roles=grid.current(now=now).roles, today=zones.today(portal.realm, now=now),
        initial={"roles": [row.role for row in request.memberships if row.mandate_id is None]},
    )  # fmt: skip
    if request.method == "POST" and vendors and form.is_valid() and _ask(request, form, now=now):
        messages.success(
            request,
            _("The practices that we know by these tax IDs are asked. Each of them is shown here once it has agreed."),
        )
        return redirect("mandates_held", portal.key)
    context = {
        "portal": portal,
        "layout": layout(portal, is_inside=True),
        "vendors": vendors,
        "form": form,
        "mandates": mandates.given_to(vendors, portal_key=portal.key, now=now),
        "days": lifecycle.after("mandate_open").days,
    }
    return render(request, "enrollment/mandates/held.html", context)


def _ask(request: PortalRequest, form: MandateForm, *, now: datetime) -> bool:
    """Keep what is to be asked; what is too much for one day stands beside the tax IDs."""
    try:
        mandate_inquiries.ask(portal_key=request.portal.key, by=request.user, now=now, **form.asked())
    except mandates.NotOfTheVendor:
        raise Http404 from None  # it was their company until a moment ago
    except mandate_inquiries.TooManyToday as refused:
        form.add_error("tins", _too_many(refused))
        return False
    return True


def _too_many(refused: mandate_inquiries.TooManyToday) -> str:
    told = {"most": mandate_inquiries.MAX_A_DAY, "left": refused.left}
    said = _(
        "Nobody was asked: your company asks for at most %(most)s tax IDs within a day, and %(left)s are left. Ask the "
        "others tomorrow, or send us all of them by Contact Us."
    )
    return said % told


@portal_page(methods="button")
def give_up(request: PortalRequest, pk: int) -> HttpResponse:
    """The vendor ends a mandate, with one press; another vendor's, and what nobody agreed to, is not found."""
    if not is_vendor(request):
        raise Http404
    portal, now = request.portal, timezone.now()
    mandate = get_object_or_404(mandates.held_by(request.user, portal_key=portal.key, now=now), pk=pk)
    try:
        mandates.give_up(mandate=mandate, by=request.user, now=now)
    except mandates.NotOfTheVendor:
        raise Http404 from None
    except NotPossible:
        messages.error(request, _NOTHING)
    else:
        told = {"vendor": mandate.vendor.name, "practice": mandate.practice.name}
        messages.success(request, _said(mandate) % told)
    return redirect("mandates_held", portal.key)


@portal_page(methods="read")
def given(request: PortalRequest) -> HttpResponse:
    """Which vendors work for the practices that the reader answers for, and which ask to."""
    if not may_agree(request):
        raise Http404
    portal, now = request.portal, timezone.now()
    rows = mandates.to_answer_by(request.user, portal_key=portal.key, now=now)
    found = [row for row in rows if mandates.is_open(row, now=now)]
    context = {
        "portal": portal,
        "layout": layout(portal, is_inside=True),
        "asked": [row for row in found if row.state == Mandate.State.ASKED],
        "agreed": [row for row in found if row.state == Mandate.State.AGREED],
        "days": lifecycle.after("mandate_open"),
    }
    return render(request, "enrollment/mandates/given.html", context)


@portal_page(methods="button")
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    """Agree, decline or end, with one press; another practice's mandate is not found."""
    portal, now = request.portal, timezone.now()
    mandate = get_object_or_404(mandates.to_answer_by(request.user, portal_key=portal.key, now=now), pk=pk)
    act = next((act for name, act in ACTS.items() if name in request.POST), None)
    if act is None:
        raise Http404
    told = {"vendor": mandate.vendor.name, "practice": mandate.practice.name}
    try:
        act(mandate=mandate, by=request.user, now=now)
    except mandates.NotYours:
        raise Http404 from None
    except NotPossible:
        messages.error(request, _NOTHING)
    else:
        messages.success(request, _said(mandate) % told)
    return redirect("mandates_given", portal.key)


def _said(mandate: Mandate) -> str:
    match mandate.state:
        case Mandate.State.AGREED:
            return _("The people of %(vendor)s work for %(practice)s from now on.")
        case Mandate.State.DECLINED:
            return _("You have declined. The people of %(vendor)s do not work for %(practice)s.")
    return _("Ended: from now on nobody of %(vendor)s works for %(practice)s.")
