""" "Ask my practice": the page for somebody whom nobody invited. It answers everybody alike."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from enrollment.domain import practice_inquiries
from enrollment.forms.practice_inquiries import PracticeInquiryForm
from identity.policy.realms import email_key
from identity.views.limited import may_write
from identity.views.page import page
from portals.guards import portal_or_404
from portals.spec import PortalSpec


def _by_practice_or_404(portal_key: str) -> PortalSpec:
    portal = portal_or_404(portal_key)
    if not portal.has_administrators:
        raise Http404
    return portal


@page(login=False, sensitive=("tin",))
def ask_my_practice(request: HttpRequest, portal_key: str) -> HttpResponse:
    """By tax ID, to the administrators of the practice; whether there are any is not said."""
    portal = _by_practice_or_404(portal_key)
    form = PracticeInquiryForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and may_write(request, form, who=email_key(form.cleaned_data["email"]), field=None)
    ):
        typed = form.cleaned_data
        tin, now = typed["tin"], timezone.now()
        who = {"name": typed["name"], "email": typed["email"]}
        practice_inquiries.ask(portal_key=portal.key, digits=tin["digits"], kind=tin["kind"], now=now, **who)
        return redirect("asked_my_practice", portal.key)
    return render(request, "enrollment/practice_inquiries/ask.html", {"portal": portal, "form": form})


@page(login=False, methods="read")
def asked(request: HttpRequest, portal_key: str) -> HttpResponse:
    """The same for everybody."""
    return render(request, "enrollment/practice_inquiries/asked.html", {"portal": _by_practice_or_404(portal_key)})
