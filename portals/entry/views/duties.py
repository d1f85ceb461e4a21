"""The duties of somebody who runs a practice's users: read and signed before the first act."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from identity.accounts import agreements
from identity.forms.agreements import AgreeForm
from identity.sign_in.login_intent import is_ours
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from rbac.roles import ADMINISTRATOR


@portal_page(practice=ADMINISTRATOR, agreed=False)
def duties(request: PortalRequest) -> HttpResponse:
    """The newest version, in full, signed by the typed name (S4-15, C18); what was asked for follows."""
    account = request.user
    agreement = agreements.for_role(account, ADMINISTRATOR)
    if agreement is None:
        raise Http404
    asked = request.GET.get("next", "")
    onward = asked if is_ours(asked) else reverse("portal_home", args=[request.portal.key])
    if not agreements.owes(account, ADMINISTRATOR):
        return redirect(onward)
    form = AgreeForm(request.POST if request.method == "POST" else None, mode=agreement.current.mode)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data.get("typed_name", "")
        language, now = get_language() or "en", timezone.now()
        try:
            agreements.sign(account=account, typed_name=typed, language=language, agreement=agreement, now=now)
        except agreements.NameDiffers:
            says = _("Type the name “%(name)s” as it is shown.") % {"name": account.get_full_name()}
            form.add_error("typed_name", says)
        else:
            messages.success(
                request, _("You have agreed to your duties. A copy is among your agreements on My Profile.")
            )
            return redirect(onward)
    version = agreement.current
    context = {"form": form, "agreement": agreement, "version": version, "text": agreement.template(version.number)}
    return render(request, "portals/duties.html", {**context, "name": account.get_full_name()})
