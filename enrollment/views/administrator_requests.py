"""The pages of somebody who asks to be a practice's administrator: the form, the mailbox, and the request by its link
(S4-01..04)."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from enrollment.domain import administrator_request_links as request_links
from enrollment.domain import administrator_requests
from enrollment.domain.administrator_requests import RequestEnded
from enrollment.forms.administrator_requests import AdministratorRequestForm
from enrollment.models import AdministratorRequest, RequestState
from identity.accounts import addresses
from identity.allauth_seam import get_client_ip
from identity.codes import attempts, codes
from identity.keys import clients
from identity.keys.fields import keyed_hash
from identity.models import Challenge, is_signed_in
from identity.policy import text
from identity.policy.realms import email_key
from identity.record.machine import NotPossible
from identity.views import code_prompt
from identity.views.limited import may_write
from identity.views.page import page
from portals import registry
from portals.guards import portal_or_404
from portals.spec import PortalSpec

type View = Callable[[HttpRequest, AdministratorRequest], HttpResponse]
_BEGUN = "administrator_request"  # of the sealed session: whose mailbox this browser is about to prove
_READS = "reads_mailbox"  # of the same: the mailbox that a link has come from which this browser opened


def _portal_or_404(portal_key: str) -> PortalSpec:
    portal = portal_or_404(portal_key)
    if not portal.has_administrators:
        raise Http404
    return portal


@page(login=False)
def ask(request: HttpRequest, portal_key: str) -> HttpResponse:
    """The public form: the same page and time whatever the tax ID is."""
    portal = _portal_or_404(portal_key)
    form = AdministratorRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _may_ask(request, form):
        return _begin(request, portal, form)
    return render(request, "enrollment/administrator_requests/ask.html", {"portal": portal, "form": form})


def _may_ask(request: HttpRequest, form: AdministratorRequestForm) -> bool:
    who = f"administrator request {email_key(form.cleaned_data['primary_email'])}"
    return may_write(request, form, who=who, field=None, says=_("Too many requests were sent."))


def _begin(request: HttpRequest, portal: PortalSpec, form: AdministratorRequestForm) -> HttpResponse:
    """Keep it, and mail link and code; the same words sent twice are one request."""
    application = form.application()
    mark = keyed_hash("administrator request", repr((portal.key, application)))
    if request.session.get(_BEGUN, {}).get("mark") != mark:
        row = administrator_requests.ask(
            application=application,
            portal_key=portal.key,
            language=get_language() or "en",
            sender=clients.tenant_of(get_client_ip(request)),
            now=timezone.now(),
        )
        request.session[_BEGUN] = {"request": row.pk, "mark": mark, "purpose": _purpose(request, row)}
        code_prompt.send(request, _prompt(request, row))
    return redirect("administrator_request_code", portal.key)


@page(login=False)
def prove(request: HttpRequest, portal_key: str) -> HttpResponse:
    """ "Prove your mailbox" by the code; the link of the same mail does it as well."""
    portal = _portal_or_404(portal_key)
    begun = request.session.get(_BEGUN, {})
    row = AdministratorRequest.objects.filter(pk=begun.get("request"), portal_key=portal.key).first()
    if row is None:
        return redirect("administrator_request", portal.key)
    try:
        administrator_requests.check_can_prove(row, now=timezone.now())
        return code_prompt.respond(request, _prompt(request, row))
    except NotPossible:
        if begun.get("proved"):  # pressed twice
            return redirect(request_links.path_of(row))
        # By the mailed link, perhaps in another browser: whoever only typed the address does not get the link by it.
        return render(request, "enrollment/administrator_requests/confirmed.html", {"portal": portal})
    except RequestEnded:
        return _too_late(request, row)


def _prompt(request: HttpRequest, row: AdministratorRequest) -> code_prompt.CodePrompt:
    purpose: codes.Purpose = request.session[_BEGUN].get("purpose", "mailbox")  # begun before there were two

    def accept(typed: str) -> None:
        now = timezone.now()
        proof = administrator_requests.check_code(request=row, purpose=purpose, typed=typed, now=now)
        administrator_requests.prove(request=row, proof=proof, now=now)
        request.session[_BEGUN] = {**request.session[_BEGUN], "proved": True}

    return code_prompt.CodePrompt(
        account=None,
        purpose=purpose,
        target=row.primary.email,
        url=reverse("administrator_request_code", args=[row.portal_key]),
        template="enrollment/administrator_requests/code.html",
        send=lambda _tenant: _send_code(request, row, purpose),
        accept=accept,
        on_success=lambda: redirect(request_links.path_of(row)),
        shown={"portal": registry.get(row.portal_key)},
    )


def _purpose(request: HttpRequest, row: AdministratorRequest) -> codes.Purpose:
    """Whose codes these are: those of whoever has shown in this browser that they read the mailbox, by an account that
    has proved it or a link that was mailed there, are counted apart from what strangers ask for (decision 0061)."""
    email = email_key(row.primary.email)
    own = {email_key(one.email) for one in addresses.proved(request.user)} if is_signed_in(request) else set()
    return "mailbox" if email in own or request.session.get(_READS) == _mark_of(email) else "typed_mailbox"


def _note_reader(request: HttpRequest, row: AdministratorRequest) -> None:
    """Only the mailbox gets the link: whoever opens it reads that mailbox."""
    if request.session.get(_READS) != (mark := _mark_of(email_key(row.primary.email))):
        request.session[_READS] = mark


def _mark_of(email: str) -> str:
    return keyed_hash("administrator request mailbox", email)


def _send_code(request: HttpRequest, row: AdministratorRequest, purpose: codes.Purpose) -> Challenge:
    """Within what somebody at one network may ask for of a mailbox that they typed. Raises attempts.TooManyAttempts or
    codes.TooManySendings."""
    now = timezone.now()
    mailbox = f"administrator request {email_key(row.primary.email)}"
    attempts.check_can_send_for(what=mailbox, address=get_client_ip(request), now=now)
    return administrator_requests.send_code(request=row, purpose=purpose, now=now)


# --- behind the link ------------------------------------------------------------------------------------------------
def by_link(view: View) -> Callable[..., HttpResponse]:
    """Decorator of a page behind the link, which looks like the portal. A step that somebody took meanwhile leads to
    the page that says how things stand."""

    @wraps(view)
    def led(request: HttpRequest, token: str) -> HttpResponse:
        try:
            row = request_links.find(token)
        except request_links.LinkUnknown:
            return render(request, "enrollment/administrator_requests/unknown.html", status=404)
        request.portal_key = row.portal_key  # type: ignore[attr-defined]
        _note_reader(request, row)
        try:
            return view(request, row)
        except NotPossible:
            return redirect("administrator_request_page", token)
        except RequestEnded:
            return _too_late(request, row)

    return led


def _too_late(request: HttpRequest, row: AdministratorRequest) -> HttpResponse:
    return render(request, "enrollment/administrator_requests/too_late.html", _shown(row), status=410)


def _shown(row: AdministratorRequest) -> dict[str, Any]:
    return {"row": row, "portal": registry.get(row.portal_key), "token": request_links.token_of(row)}


@page(login=False, mailed=True)
@by_link
def show(request: HttpRequest, row: AdministratorRequest) -> HttpResponse:
    """Before it is proved: what was asked with this address, and one button. Then number, state, and what is next.

    Opening it uses nothing up.
    """
    if row.state == RequestState.UNPROVED:
        administrator_requests.check_can_prove(row, now=timezone.now())
        if request.method == "POST":
            administrator_requests.prove(request=row, proof=None, now=timezone.now())
            return redirect(request_links.path_of(row))
        return render(request, "enrollment/administrator_requests/confirm.html", _shown(row))
    now = timezone.now()
    context = {
        **_shown(row),
        "state": administrator_requests.state_at(row, now=now),
        "may_withdraw": administrator_requests.can_withdraw(row, now=now),
    }
    return render(request, "enrollment/administrator_requests/show.html", context)


@page(login=False)
@by_link
def correct(request: HttpRequest, row: AdministratorRequest) -> HttpResponse:
    """A returned request, with what was typed; the address that was proved stays."""
    administrator_requests.check_can_correct(row, now=timezone.now())
    form = AdministratorRequestForm(request.POST or None, returned=row)
    if request.method == "POST" and form.is_valid():
        typed = request.POST.get("version", "")
        seen = int(typed) if text.is_number(typed) else -1
        sent = form.application()
        administrator_requests.correct(request=row, application=sent, seen=seen, now=timezone.now())
        messages.success(request, _("Your request was sent again."))
        return redirect(request_links.path_of(row))
    return render(request, "enrollment/administrator_requests/correct.html", {**_shown(row), "form": form})


@page(login=False)
@by_link
def withdraw(request: HttpRequest, row: AdministratorRequest) -> HttpResponse:
    """Take an undecided request back, after a question."""
    if request.method == "POST":
        with suppress(NotPossible):  # decided meanwhile: its page says so
            administrator_requests.withdraw(request=row, now=timezone.now())
        return redirect(request_links.path_of(row))
    administrator_requests.check_can_withdraw(row, now=timezone.now())
    return render(request, "enrollment/administrator_requests/withdraw.html", _shown(row))
