"""Give feedback on a page (S3-09)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.keys.fields import keyed_hash
from identity.views.limited import may_write
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import layout, portal_page
from portals.inside.domain import feedback
from portals.inside.forms.contact import page_of
from portals.inside.forms.feedback import FeedbackForm

GIVEN = "feedback_given"  # of the session: the mark of what was given last, which a doubled press gives once


@portal_page()
def give(request: PortalRequest) -> HttpResponse:
    """ "Give feedback on this page": a few words, with or without a name."""
    portal = request.portal
    if not portal.takes_feedback:
        raise Http404
    form = FeedbackForm(request.POST or None, initial={"page": page_of(request.GET.get("page", ""))})
    if request.method == "POST" and form.is_valid() and _may_write(request, form):
        _keep(request, form)
        messages.success(request, _("Thank you. Your feedback was sent to %(staff)s.") % {"staff": portal.staff.name})
        return redirect(form.cleaned_data["page"] or reverse("portal_home", args=[portal.key]))
    context = {
        "portal": portal,
        "form": form,
        "page": page_of(form["page"].value() or ""),
        "layout": layout(portal, is_inside=True),
    }
    return render(request, "portals/feedback/give.html", context)


def _may_write(request: PortalRequest, form: FeedbackForm) -> bool:
    return may_write(request, form, who=f"feedback {request.user.pk}", says=_("You have sent much feedback."))


def _keep(request: PortalRequest, form: FeedbackForm) -> None:
    typed = form.cleaned_data
    mark = keyed_hash("feedback", repr((request.portal.key, sorted(typed.items()))))
    if request.session.get(GIVEN) == mark:
        return
    by = request.user if typed["named"] else None
    feedback.give(portal=request.portal, page=typed["page"], text=typed["text"], by=by, now=timezone.now())
    request.session[GIVEN] = mark
