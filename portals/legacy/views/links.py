"""Linking an old account to the ID that is signed in: by one last log-in, by the old log-in just before, or by a mail
(S0-31, S1-06, S1-07, S1-11, C25, D-06, D-20)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from identity.allauth_seam import get_client_ip
from identity.codes import attempts, codes
from identity.factors.forms.codes import wait_text
from identity.keys.fields import keyed_hash
from identity.models import Account, AccountRequest, Ticket
from identity.views.page import page
from portals.guards import needs_realm
from portals.legacy import links, mailed_links, phases, verifications
from portals.legacy.forms.links import OldLogInForm, OldNameForm
from portals.legacy.views import old_log_in
from portals.models import LegacyAccount
from portals.models.legacy import login_key
from portals.spec import Phase, PortalSpec


@page(guard=needs_realm)
def link(request: AccountRequest, portal_key: str) -> HttpResponse:
    """Both are proved in this browser: one press links them (S0-06, C25), if they are still those that it showed."""
    portal, source = old_log_in.linking_portal_or_404(portal_key)
    legacy = verifications.find(request, source.key, now=timezone.now())
    if legacy is None:
        return redirect("last_log_in", portal.key)
    told = old_log_in.shown(portal) | {"legacy": legacy, "shown": _mark(legacy, request.user)}
    if request.method == "POST" and not constant_time_compare(request.POST.get("shown", ""), told["shown"]):
        return render(request, "portals/links/link.html", told | {"is_another": True}, status=409)
    if request.method == "POST":
        early = phases.for_portal(portal, now=timezone.now()) == Phase.PRE_REGISTRATION
        way = links.Way.PRE_REGISTRATION if early else links.Way.FINAL_LOG_IN
        verifications.forget(request)
        return _link(request, portal, legacy, way)
    return render(request, "portals/links/link.html", told)


def _mark(legacy: LegacyAccount, account: Account) -> str:
    """What a page keeps of the two that it shows: another tab may prove another old account in between."""
    return keyed_hash("tying page", f"{legacy.pk} {account.pk}")


@page(guard=needs_realm, sensitive=("password",))
def last_log_in(request: AccountRequest, portal_key: str) -> HttpResponse:
    """ "Final Log In Screen" (S0-31): shown until an old account is linked, and never again."""
    portal, source = old_log_in.linking_portal_or_404(portal_key)
    now = timezone.now()
    if not links.is_wanted(account=request.user, portal=portal):
        return redirect("enter", portal.key)
    if verifications.find(request, source.key, now=now) is not None:
        return redirect("link", portal.key)
    phase = phases.for_portal(portal, now=now)
    if phase == Phase.PRE_REGISTRATION:
        return redirect("landing", portal.key)
    if phase == Phase.ID_ONLY:
        return render(request, "portals/links/id_only.html", old_log_in.shown(portal))
    form = OldLogInForm(request.POST or None)
    legacy = old_log_in.proved(request, portal, form) if request.method == "POST" else None
    if legacy is not None:
        return _link(request, portal, legacy, links.Way.FINAL_LOG_IN)
    return render(request, "portals/links/last_log_in.html", old_log_in.shown(portal) | {"form": form})


def _link(request: AccountRequest, portal: PortalSpec, legacy: LegacyAccount, way: str) -> HttpResponse:
    try:
        ticket = links.link(legacy=legacy, account=request.user, way=way, now=timezone.now())
    except links.AlreadyLinked as refused:
        return _refused(request, portal, refused)
    return _linked(request, portal, legacy, ticket)


def _linked(request: HttpRequest, portal: PortalSpec, legacy: LegacyAccount, ticket: Ticket | None) -> HttpResponse:
    """Say so, and go in; before the day the landing page says from when on the ID opens the portal. Where staff have
    to decide first, the ticket's page comes next."""
    assert portal.legacy is not None
    told = {"name": portal.legacy.name, "old_name": legacy.login_name, "brand": portal.brand.name}
    if ticket is not None:
        said = _("Your %(name)s username %(old_name)s is tied to your %(brand)s.") % told
        why = _("The service desk ended your access earlier, so it decides whether it opens again.")
        messages.warning(request, f"{said} {why}")
        return redirect("ticket", ticket.number)
    messages.success(request, _("Your %(name)s username %(old_name)s is tied to your %(brand)s.") % told)
    early = phases.for_portal(portal, now=timezone.now()) == Phase.PRE_REGISTRATION
    return redirect("landing" if early else "enter", portal.key)


def _refused(request: HttpRequest, portal: PortalSpec, refused: links.AlreadyLinked) -> HttpResponse:
    """One page for every reason: it does not say whose the old account is."""
    told = old_log_in.shown(portal) | {"ticket": refused.ticket}
    return render(request, "portals/links/refused.html", told, status=409)


@page(login=False)
def forgot(request: HttpRequest, portal_key: str) -> HttpResponse:
    """ "Forgot Password" of an old account (D-20): somebody signed in has a link mailed to its address. The answer is
    the same whatever was typed."""
    portal, _source = old_log_in.linking_portal_or_404(portal_key)
    told = old_log_in.shown(portal)
    if not request.user.is_authenticated:
        return render(request, "portals/links/forgot.html", told)
    return _forgot_signed_in(request, portal.key)


@needs_realm
def _forgot_signed_in(request: AccountRequest, portal_key: str) -> HttpResponse:
    portal, source = old_log_in.linking_portal_or_404(portal_key)
    account, now = request.user, timezone.now()
    if not links.is_wanted(account=account, portal=portal):
        return redirect("enter", portal.key)
    told = old_log_in.shown(portal)
    form = OldNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["login_name"]
        try:
            attempts.check_can_recover(typed=f"{source.key} {login_key(name)}", address=get_client_ip(request), now=now)
            mailed_links.ask(account=account, source=source, login_name=name, now=now)
        except (attempts.TooManyAttempts, codes.TooManySendings) as refused:
            form.add_error("login_name", _("No message was sent.") + " " + wait_text(refused.wait))
        else:
            return render(request, "portals/links/mail_sent.html", told)
    return render(request, "portals/links/forgot.html", told | {"form": form})


@page(guard=needs_realm, mailed=True)
def by_mail(request: AccountRequest, portal_key: str, token: str) -> HttpResponse:
    """The page behind the mailed link, for the ID that asked for it. Opening it changes nothing."""
    portal, source = old_log_in.linking_portal_or_404(portal_key)
    account, now = request.user, timezone.now()
    told = old_log_in.shown(portal)
    try:
        challenge, legacy = mailed_links.find(token, account=account, now=now)
        if legacy.source != source.key:
            raise codes.CodeEnded
        if request.method == "POST":
            ticket = mailed_links.link(challenge=challenge, legacy=legacy, account=account, now=now)
            return _linked(request, portal, legacy, ticket)
    except codes.CodeEnded:
        return render(request, "portals/links/link_ended.html", told, status=410)
    except links.AlreadyLinked as refused:
        return _refused(request, portal, refused)
    return render(request, "portals/links/link.html", told | {"legacy": legacy})
