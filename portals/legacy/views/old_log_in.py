"""The old log-in beside the ID: what a landing page shows of it in each phase, and what a right old password leads to
(S0-05..09)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from identity.allauth_seam import get_client_ip
from identity.factors.forms.codes import wait_text
from identity.models import Account
from identity.views.page import page
from portals.guards import portal_or_404
from portals.legacy import legacy_sign_in, links, phases, verifications, wording
from portals.legacy.forms.links import OldLogInForm
from portals.models import LegacyAccount
from portals.spec import LegacySource, Phase, PortalSpec
from rbac.domain import grants

OPEN = (Phase.PRE_REGISTRATION, Phase.BOTH_WAYS)  # the old fields are on the page (S0-09)


def shown(portal: PortalSpec) -> dict[str, Any]:
    """What every page of a change-over is told: the phase, the words that hold now, when the ID takes over."""
    now = timezone.now()
    phase = phases.for_portal(portal, now=now)
    return {
        "portal": portal,
        "source": portal.legacy,
        "phase": phase.name.lower() if phase else "",
        "words": wording.for_portal(portal, get_language() or "en"),
        "goes_live": phases.goes_live(portal, now=now),
        "forgot": _forgot(portal),
    }


def is_linked(request: HttpRequest, portal: PortalSpec) -> bool:
    """Whether who reads the page has linked an old account of this portal: nothing of the change-over concerns them."""
    account = request.user
    if not isinstance(account, Account) or account.realm != portal.realm:
        return False
    return not links.is_wanted(account=account, portal=portal)


def _seen_by(request: HttpRequest, portal: PortalSpec) -> dict[str, bool]:
    """Who reads the landing page: nobody it knows; somebody who gets in; or an ID that has to be linked first."""
    account = request.user
    if not isinstance(account, Account) or account.realm != portal.realm:
        return {"linked": False, "gets_in": False, "is_to_tie": False}
    linked = is_linked(request, portal)
    gets_in = linked or any(grant.portal_key == portal.key for grant in grants.for_account(account))
    return {"linked": linked, "gets_in": gets_in, "is_to_tie": not gets_in}


def _forgot(portal: PortalSpec) -> str:
    """ "Forgot Password": the old system's own page, or ours (D-20)."""
    assert portal.legacy is not None
    return portal.legacy.forgot_address or reverse("forgot_old_password", args=[portal.key])


def linking_portal_or_404(portal_key: str) -> tuple[PortalSpec, LegacySource]:
    """A portal whose old accounts are linked to IDs, with their source."""
    portal = portal_or_404(portal_key)
    if portal.legacy is None or not portal.links_old_accounts:
        raise Http404
    return portal, portal.legacy


def landing(request: HttpRequest, portal: PortalSpec, *, form: OldLogInForm | None = None) -> HttpResponse:
    """The landing page of a portal that changes over (S0-05, S0-09)."""
    told = shown(portal) | _seen_by(request, portal) | {"form": form or OldLogInForm()}
    return render(request, portal.landing_template, told)


@page(login=False, sensitive=("password",))
def log_in(request: HttpRequest, portal_key: str) -> HttpResponse:
    """The old fields of the landing page: the button says whether the person goes on to the ID at once (S0-06)."""
    portal, _source = linking_portal_or_404(portal_key)
    if request.method != "POST" or phases.for_portal(portal, now=timezone.now()) not in OPEN:
        return redirect("landing", portal.key)
    form = OldLogInForm(request.POST)
    legacy = proved(request, portal, form)
    if legacy is None:
        return landing(request, portal, form=form)
    verifications.keep(request, legacy, now=timezone.now())
    if request.POST.get("step") == "pre-register":
        links.request(legacy=legacy, now=timezone.now())
        return redirect("link", portal.key)
    return redirect("old_account", portal.key)


def proved(request: HttpRequest, portal: PortalSpec, form: OldLogInForm) -> LegacyAccount | None:
    """The old account whose name and password were typed; else None, and the form says why. Raises hash_pool.Busy."""
    if not form.is_valid():
        return None
    assert portal.legacy is not None
    try:
        return legacy_sign_in.prove(
            source=portal.legacy,
            login_name=form.cleaned_data["login_name"],
            password=form.cleaned_data["password"],
            address=get_client_ip(request),
            now=timezone.now(),
            account=request.user if request.user.is_authenticated else None,
        )
    except legacy_sign_in.NotProved:
        params = {"name": portal.legacy.name}
        form.add_error("password", _("The %(name)s username or the password is not correct.") % params)
    except legacy_sign_in.Limited as refused:
        form.add_error("password", _("Too many attempts.") + " " + wait_text(refused.wait))
    except legacy_sign_in.SourceDown:
        params = {"name": portal.legacy.name}
        form.add_error(None, _("%(name)s does not answer right now. Try again in a few minutes.") % params)
    return None


@page(login=False)
def old_account(request: HttpRequest, portal_key: str) -> HttpResponse:
    """After "Log In": the person is known, and the button leads on to the ID. No session of the old system is opened
    here (docs/decisions/0021)."""
    portal, source = linking_portal_or_404(portal_key)
    legacy = verifications.find(request, source.key, now=timezone.now())
    if legacy is None:
        return redirect("landing", portal.key)
    if request.method == "POST":
        links.request(legacy=legacy, now=timezone.now())
        return redirect("link", portal.key)
    linked = legacy.account_id is not None
    return render(request, "portals/links/old_account.html", shown(portal) | {"legacy": legacy, "linked": linked})
