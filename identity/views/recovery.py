"""Forgot ID and forgot password: pages that answer everybody alike, and the reset behind the mailed link."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.allauth_seam import get_client_ip
from identity.codes import attempts, codes
from identity.factors import second_factor
from identity.forms.recovery import ForgotIdForm, ForgotPasswordForm
from identity.models import Account, Challenge, Factor
from identity.policy import recovery_routes
from identity.policy.realms import REALMS, email_key, login_key
from identity.recovery import recovery
from identity.sign_in import authentication_records, branding, login_intent, step_up
from identity.views import factor_prompt, lost_factors, new_password
from identity.views.limited import lets_through
from identity.views.page import page


@page(login=False)
def forgot_id(request: HttpRequest) -> HttpResponse:
    """ "Forgot One Healthcare ID?": the mail lists every ID with the address (S2-07, S4-30)."""
    login_intent.remember_next(request)
    form = ForgotIdForm(request.POST or None).spell(login_intent.tenant(request).brand.labels)
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"]
        if _may_ask(request, form, "email", typed=email_key(address)):
            _ask(request, kind="id", address=address)
            return redirect("forgot_id_sent")
    return render(request, branding.pages(request, "recovery/forgot_id.html"), {"form": form})


@page(login=False)
def forgot_password(request: HttpRequest) -> HttpResponse:
    """ "Forgot Password?": ID and address; the link goes to the mailbox (S2-07, S4-33, C27)."""
    login_intent.remember_next(request)
    form = ForgotPasswordForm(request.POST or None, initial={"login_name": login_intent.identifier(request)})
    form.name_field("login_name", login_intent.tenant(request).brand.login_name_label)
    form.spell(login_intent.tenant(request).brand.labels)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["login_name"]
        # By name and address together: a stranger who knows the name holds nobody up.
        typed = f"{login_key(login_intent.tenant(request).realm, name)} {form.cleaned_data['email']}"
        if _may_ask(request, form, "login_name", typed=typed):
            login_intent.remember_identifier(request, name)
            _ask(request, kind="password", address=form.cleaned_data["email"], login_name=name)
            return redirect("forgot_password_sent")
    return render(request, branding.pages(request, "recovery/forgot_password.html"), {"form": form})


def _may_ask(request: HttpRequest, form: ForgotIdForm | ForgotPasswordForm, field: str, *, typed: str) -> bool:
    def check() -> None:
        attempts.check_can_recover(typed=typed, address=get_client_ip(request), now=timezone.now())

    return lets_through(form, check, field=field, says=_("Too many attempts."))


def _ask(request: HttpRequest, *, kind: str, address: str, login_name: str = "") -> None:
    tenant = login_intent.tenant(request)
    recovery.ask(
        kind=kind, realm=tenant.realm, tenant=tenant.key, address=address, login_name=login_name, now=timezone.now()
    )


@page(login=False, methods="read")
def forgot_id_sent(request: HttpRequest) -> HttpResponse:
    """ "Email sent" (S4-31): the same for everybody."""
    return render(request, branding.pages(request, "recovery/sent.html"), {"names": True})


@page(login=False, methods="read")
def forgot_password_sent(request: HttpRequest) -> HttpResponse:
    """ "Email sent": the same for everybody."""
    return render(request, branding.pages(request, "recovery/sent.html"), {"names": False})


@page(login=False, mailed=True)
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the mailed link. Opening it changes nothing; its button begins the reset in this browser, and
    only the new password uses the link up."""
    request.portal_key = request.GET.get("portal", "")  # type: ignore[attr-defined]  # the tenant that asked
    try:
        challenge = recovery.open_link(token, now=timezone.now())
    except codes.CodeEnded:
        return render(request, "identity/recovery/link_ended.html", status=410)
    if request.method == "POST":
        if request.user.is_authenticated:
            step_up.new_session_id(request)
        else:
            request.session.cycle_key()
        request.session[authentication_records.RESET] = {
            "token": token,
            "epoch": challenge.account.session_epoch,
            "proved": [_mailbox(challenge)],
            "device": "",  # the second factor that was shown
            "state": {},
        }
        if request.portal_key and not login_intent.tenant_asked(request):  # type: ignore[attr-defined]
            login_intent.go_to(request, login_intent.tenant(request).enter)
        return redirect("reset")
    return render(request, "identity/recovery/link.html", {"login_name": challenge.account.login_name})


@page(login=False, sensitive=("password", "password_again"))
def reset(request: HttpRequest) -> HttpResponse:
    """The second factor, then the new password (S4-34, S4-35): what identity.policy.recovery_routes asks for."""
    begun = _begun_in(request)
    if begun is None:
        return redirect("forgot_password")
    challenge, notes = begun
    account = challenge.account
    devices = second_factor.devices_of(account)
    # S4-33: where everybody has a phone, a mail resets nothing for who has not set one up yet.
    never_registered = REALMS[account.realm].needs_phone and account.last_login is None
    has_factors = bool(devices) or account.factors_taken_back or never_registered
    names = ("forgot password", "forgot password by mail")
    if any(recovery_routes.open_to(name, proved=notes["proved"], has_factors=has_factors) for name in names):
        if account.is_staff and not devices:  # an operator helps: see D-22
            return render(request, "identity/sign_in/no_factor.html", status=403)
        return new_password.ask(request, account, lambda password: _store(request, challenge, password))
    if not devices:
        return redirect("reset_lost_methods")
    return _ask_factor(request, account, devices, notes)


def _ask_factor(
    request: HttpRequest, account: Account, devices: dict[str, Factor], notes: dict[str, Any]
) -> HttpResponse:
    def keep() -> None:
        request.session.modified = True

    def passed(device: Factor, kind: str) -> HttpResponse:
        notes["proved"].append(kind)
        notes["device"] = device.persistent_id
        keep()
        return redirect("reset")

    prompt = factor_prompt.FactorPrompt(
        account=account,
        url=reverse("reset"),
        template=branding.pages(request, "sign_in/second_factor.html"),
        devices=devices,
        state=notes["state"],
        keep=keep,
        passed=passed,
        shown={"lost": reverse("reset_lost_methods")},
    )
    return factor_prompt.respond(request, prompt)


def _store(request: HttpRequest, challenge: Challenge, password: str) -> HttpResponse:
    try:
        recovery.reset_password(challenge=challenge, password=password, now=timezone.now())
    except codes.CodeEnded:  # another browser with the same link was quicker
        return _ended(request)
    del request.session[authentication_records.RESET]
    login_intent.remember_identifier(request, challenge.account.login_name)
    return render(request, "identity/recovery/done.html")


@page(login=False)
def lost(request: HttpRequest) -> HttpResponse:
    """No second factor is left, and the password neither: two mailboxes and the security questions."""
    begun = _begun_in(request)
    if begun is None:
        return redirect("forgot_password")
    challenge, notes = begun

    def keep() -> None:
        request.session.modified = True

    flow = lost_factors.Flow(
        account=challenge.account,
        proved=notes["proved"],
        url=reverse("reset_lost_methods"),
        keep=keep,
        done=lambda: _go_on_without_methods(request, challenge, notes),
        resets=True,
    )
    return lost_factors.answer(request, flow)


def _go_on_without_methods(request: HttpRequest, challenge: Challenge, notes: dict[str, Any]) -> HttpResponse:
    """Removing the methods ended all sessions of the account; this reset, which proved two mailboxes, goes on."""
    notes["epoch"] = challenge.account.session_epoch
    request.session.modified = True
    return redirect("reset")


def _begun_in(request: HttpRequest) -> tuple[Challenge, dict[str, Any]] | None:
    """The reset that this browser has begun, while its link counts."""
    notes: dict[str, Any] | None = request.session.get(authentication_records.RESET)
    if notes is None:
        return None
    try:
        challenge = recovery.open_link(notes["token"], begun=True, now=timezone.now())
        if notes["epoch"] != challenge.account.session_epoch:  # secured, or all sessions ended, since
            raise codes.CodeEnded
    except codes.CodeEnded:
        del request.session[authentication_records.RESET]
        messages.warning(request, _("The link has ended: ask for a new one."))
        return None
    if notes["device"] and not second_factor.is_of(notes["device"], challenge.account):  # removed since
        notes["proved"], notes["device"] = notes["proved"][:1], ""
        request.session.modified = True
    return challenge, notes


def _ended(request: HttpRequest) -> HttpResponse:
    return render(request, "identity/recovery/link_ended.html", status=410)


def _mailbox(challenge: Challenge) -> str:
    return "mailbox" if codes.is_for(challenge, challenge.account.email) else "second mailbox"
