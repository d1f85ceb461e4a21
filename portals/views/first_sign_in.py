"""The first sign-in of people whose accounts came over into the realm itself (S4-25..28)."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from identity import door, proofs
from portals.domain import first_sign_ins
from portals.entry import portal_or_404
from portals.forms.links import OldLogInForm
from portals.models import LegacyAccount
from portals.spec import PortalSpec
from portals.views.old_log_in import proved


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def first_sign_in(request: HttpRequest, portal_key: str) -> HttpResponse:
    """Old user name and password, once; then the same steps as at every sign-in, of which the new password is one.

    Raises hash_pool.Busy.
    """
    portal = portal_or_404(portal_key)
    if portal.legacy is None or not portal.legacy.realm_account:
        raise Http404
    if request.user.is_authenticated:
        return redirect("enter", portal.key)
    form = OldLogInForm(request.POST or None)
    legacy = proved(request, portal, form) if request.method == "POST" else None
    if legacy is not None:
        return _begin(request, portal, legacy)
    return render(request, "portals/first_sign_in/first_sign_in.html", {"portal": portal, "form": form})


def _begin(request: HttpRequest, portal: PortalSpec, legacy: LegacyAccount) -> HttpResponse:
    try:
        account = first_sign_ins.begin(
            legacy=legacy, portal=portal, language=get_language() or "en", now=timezone.now()
        )
    except first_sign_ins.DoneAlready:
        messages.info(request, _("You have been here before: log in with the password that you chose then."))
        door.remember_realm(request, portal.realm)
        return redirect("enter", portal.key)
    except (first_sign_ins.NotComplete, first_sign_ins.NameTaken):
        return render(request, "portals/first_sign_in/help.html", {"portal": portal}, status=409)
    door.remember_realm(request, portal.realm)
    door.go_to(request, door.place(request).enter)
    proofs.begin_anew(request)
    return perform_login(request, Login(user=account))
