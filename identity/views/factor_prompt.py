"""One page for every second factor: choose a method, ask for a code, type it. Sign-in and step-up both show it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.codes import codes, spending
from identity.factors import factors, phones, recovery_codes, second_factor, webauthn
from identity.factors.forms.codes import wait_text
from identity.factors.forms.second_factor import PasskeyForm
from identity.models import Account, Factor, PhoneDevice
from identity.sign_in import code_delivery

CHANNELS = tuple(PhoneDevice.Method.values)


@dataclass
class FactorPrompt:
    """Whom is asked, on which page, with which methods; `state` lives between its requests, `keep` saves it.

    `passed` is called with the device and its kind, and answers the request.
    """

    account: Account
    url: str
    template: str | list[str]  # or several to try, a brand's own first
    devices: dict[str, Factor]
    state: dict[str, Any]
    keep: Callable[[], None]
    passed: Callable[[Factor, str], HttpResponse]
    shown: dict[str, Any]

    def at(self, kind: str) -> str:
        """The page's address with this method chosen."""
        return f"{self.url}{'&' if '?' in self.url else '?'}use={kind}"


def respond(request: HttpRequest, prompt: FactorPrompt) -> HttpResponse:
    """Answer a request for the page. A GET sends nothing, a reload neither."""
    wish = request.GET.get("use", "")
    kind = wish if wish in prompt.devices else next(iter(prompt.devices))
    device = prompt.devices[kind]
    form_class = second_factor.method_of(device).get_token_form_class()
    if request.method != "POST":
        return _page(request, prompt, kind, form_class() if kind == "passkey" else form_class(device))
    if kind == "phone" and "send" in request.POST:
        return _send(request, prompt, device, request.POST["send"])
    if kind == "phone" and "entered" in request.POST:
        return _answered(request, prompt, device)
    if kind == "passkey":
        return _show_passkey(request, prompt)
    form = form_class(device, data=request.POST)
    if form.is_valid():
        return prompt.passed(device, kind)
    if kind == "phone" and not _sending(prompt, device)["sent"]:
        messages.warning(
            request, _("This code has ended: it was tried too often, or it is too old. Ask for a new one.")
        )
        return redirect(prompt.at("phone"))
    return _page(request, prompt, kind, form)


def _show_passkey(request: HttpRequest, prompt: FactorPrompt) -> HttpResponse:
    form = PasskeyForm(request.POST)
    if form.is_valid():
        try:
            device = webauthn.check_shown(form.cleaned_data["credential"], account=prompt.account)
        except webauthn.PasskeyRefused:
            pass
        else:
            return prompt.passed(device, "passkey")
    messages.warning(request, _("The passkey was not taken. Try again, or use another method."))
    return redirect(prompt.at("passkey"))


def _page(request: HttpRequest, prompt: FactorPrompt, kind: str, form: Any) -> HttpResponse:
    device = prompt.devices[kind]
    others = [
        (prompt.at(other), second_factor.method_of(one).get_action(one))
        for other, one in prompt.devices.items()
        if other != kind
    ]
    context = {
        "form": form,
        "kind": kind,
        "says": second_factor.method_of(device).get_verbose_action(device),
        "others": others,
        "url": prompt.at(kind),
        "paused": factors.is_paused(device, now=timezone.now()),
        **prompt.shown,
    }
    if kind == "phone":
        context |= _sending(prompt, device)
    if kind == "passkey":
        context["options"] = webauthn.options_to_show(prompt.account)
    return render(request, prompt.template, context)


def _sending(prompt: FactorPrompt, device: PhoneDevice) -> dict[str, Any]:
    """What the page says of the newest sending. The code of a call is shown only to the browser that asked for it."""
    now = timezone.now()
    newest = phones.current_challenge(device=device, purpose="second_factor")
    alive = newest is not None and codes.is_alive(newest, now=now)
    own = alive and newest is not None and str(newest.pk) == prompt.state.get("challenge")
    by_call = alive and newest is not None and newest.channel == PhoneDevice.Method.CALL
    return {
        "sent": newest.channel if newest and alive else "",
        "by_call": by_call,
        "code": codes.code_of(newest) if newest and own and by_call else "",
        "number": device.masked,
        "spend_closed": not spending.is_open(now=now),
    }


def _send(request: HttpRequest, prompt: FactorPrompt, device: PhoneDevice, wish: str) -> HttpResponse:
    """Send a code and remember that this browser asked for it; say so when none was sent."""
    channel = wish if wish in CHANNELS else PhoneDevice.Method.TEXT.value
    try:
        prompt.state["challenge"] = code_delivery.phone_code(request, device, method=channel, purpose="second_factor")
    except code_delivery.Refused as refused:
        messages.warning(request, _("No further code was sent yet.") + " " + wait_text(refused.wait))
    except spending.SpendLimitReached:
        messages.warning(
            request, _("We cannot send texts or place calls right now. Use another method, or try again tomorrow.")
        )
    else:
        prompt.keep()
        messages.info(request, code_delivery.said(channel))
    return redirect(prompt.at("phone"))


def _answered(request: HttpRequest, prompt: FactorPrompt, device: PhoneDevice) -> HttpResponse:
    shown = prompt.state.get("challenge")
    if phones.redeem_answer(challenge_id=shown, device=device, purpose="second_factor", now=timezone.now()):
        return prompt.passed(device, "phone")
    messages.warning(
        request,
        _("We have not received the code yet. Key it into the call, then press again; or be called again."),
    )
    return redirect(prompt.at("phone"))


def say_what_is_left(request: HttpRequest, account: Account) -> None:
    """After a recovery code was used: how many are left, and what to do when they come to an end."""
    left = recovery_codes.left(account)
    told = ngettext("You have %(count)s recovery code left.", "You have %(count)s recovery codes left.", left)
    messages.info(request, told % {"count": left} + " " + _("Make new ones under Sign-in methods in time."))
