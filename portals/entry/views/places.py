"""The front page, a portal's public pages, its user guide, and its stylesheet."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from identity.models import AccountRequest
from identity.policy.realms import REALMS, password_rules
from identity.sign_in import anonymous_page_cache, login_intent
from identity.views.page import page
from identity.views.sign_in import leave
from portals import registry, themes
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import layout_of, portal_page
from portals.guards import portal_or_404
from portals.legacy import wording
from portals.legacy.views import old_log_in


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """The front page of the ID: one clear first action, and a card a portal."""
    login_intent.leave_portal(request)
    landings = [portal for portal in registry.portals().values() if not portal.part_of]
    cards = [(landing, registry.parts_of(landing.key)) for landing in landings]
    return anonymous_page_cache.render(request, "portals/front.html", {"cards": cards})


@require_safe
def landing(request: HttpRequest, portal_key: str) -> HttpResponse:
    """A portal's public landing page (S1-06..12); a part leads to the page of its whole."""
    portal = portal_or_404(portal_key)
    if portal.part_of:
        return redirect("landing", portal.part_of)
    if portal.phases and portal.links_old_accounts:
        return old_log_in.landing(request, portal)
    words = wording.for_portal(portal, get_language() or "en")
    shown = {"portal": portal, "parts": registry.parts_of(portal.key), "words": words}
    return anonymous_page_cache.render(request, portal.landing_template, shown, words=tuple(words.items()))


@require_safe
def sign_me_up(request: HttpRequest, portal_key: str) -> HttpResponse:
    """ "Validate with One Healthcare ID" (S1-13) as a page of its own, for browsers without script."""
    portal = portal_or_404(portal_key)
    if portal.part_of:
        return redirect("sign_me_up", portal.part_of)
    return render(request, "portals/optum_connect/validate.html", {"portal": portal})


@require_safe
def existing_user(request: HttpRequest, portal_key: str) -> HttpResponse:
    """What somebody with an old Optum Connect account does: the last log-in follows (S1-06, S1-11, D-06)."""
    portal, _source = old_log_in.linking_portal_or_404(portal_key)
    return render(request, "portals/optum_connect/existing_user.html", {"portal": portal})


@page()
def other_realm(request: AccountRequest, portal_key: str) -> HttpResponse:
    """One browser session holds one account: say so, and let the person leave this one for the portal's own sign-in."""
    portal = portal_or_404(portal_key)
    account = request.user
    if account.realm == portal.realm:
        return redirect("enter", portal.landing_key)
    if request.method == "POST":
        leave(request)
        query = urlencode({"portal": portal.key, "next": reverse("enter", args=[portal.landing_key])})
        return redirect(f"{reverse('account_login')}?{query}")
    return render(request, "portals/other_realm.html", {"portal": portal, "account": account})


@portal_page(methods="read")
def guide(request: PortalRequest) -> HttpResponse:
    """The portal's user guide (S4-16), with the rules that hold for names and passwords."""
    portal = request.portal
    if not portal.guide_template:
        raise Http404
    context = {
        "portal": portal,
        "login_name_rules": REALMS[portal.realm].login_name_rules,
        "password_rules": password_rules(portal.realm),
    }
    return render(request, portal.guide_template, context)


@require_safe
def help_and_faqs(request: HttpRequest, portal_key: str) -> HttpResponse:
    """HELP & FAQs (S1-25)."""
    portal = portal_or_404(portal_key)
    return render(request, "portals/help.html", {"portal": portal, "layout": layout_of(request, portal)})


@require_safe
def public_page(request: HttpRequest, portal_key: str, key: str) -> HttpResponse:
    """A page of the portal's own beside its landing page: how to get in, what to do when that fails (S2-03, S2-31)."""
    portal = portal_or_404(portal_key)
    for found in portal.pages:
        if found.key == key:
            context = {"portal": portal, "shown": found, "layout": layout_of(request, portal)}
            return render(request, found.template, context)
    raise Http404


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def theme(request: HttpRequest, portal_key: str) -> HttpResponse:
    """The portal's stylesheet."""
    return HttpResponse(themes.stylesheet(portal_or_404(portal_key)), content_type="text/css")
