"""Proving the phone at sign-up: text or call, another number, or later (S1-46..50)."""

from contextlib import suppress
from typing import cast

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.stagekit import stash_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from identity.domain import codes, phones
from identity.forms.codes import CodeForm, refusal, wait_text
from identity.forms.sign_up import PhoneFields, region_of
from identity.models import PhoneDevice
from identity.stages import VerifyPhoneStage, in_stage, send_code

Method = PhoneDevice.Method
PAGES = {"text": "verify_phone_text", "call": "verify_phone_call"}
_in_stage = in_stage(VerifyPhoneStage)


def _stage(request: HttpRequest) -> VerifyPhoneStage:
    return cast(VerifyPhoneStage, request._login_stage)  # type: ignore[attr-defined]


def _device(request: HttpRequest) -> PhoneDevice:
    return PhoneDevice.objects.select_related("user").get(user=_stage(request).login.user)


@_in_stage
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """ "Verify Phone Number": a text message or a call (S1-46); once it is proved, the success page (S1-50)."""
    stage, device = _stage(request), _device(request)
    if device.confirmed:
        if request.method == "POST":
            return _go_on(request, stage, device)
        return render(request, "identity/verify_phone/verified.html", {"device": device})
    if request.method == "POST":
        if "skip" in request.POST and stage.may_skip:
            return stage.exit()
        return _send(request, stage, device, Method.CALL if request.POST.get("method") == "call" else Method.TEXT)
    return render(request, "identity/verify_phone/choose.html", _shown(stage, device))


@_in_stage
@require_http_methods(["GET", "HEAD", "POST"])
def text(request: HttpRequest) -> HttpResponse:
    """The code of the text message (S1-47)."""
    stage, device = _stage(request), _device(request)
    if device.confirmed:
        return redirect("verify_phone")
    if request.method == "POST" and "resend" in request.POST:
        return _send(request, stage, device, Method.TEXT)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            phones.confirm_by_code(device=device, typed=form.cleaned_data["code"], now=timezone.now())
        except codes.CodeRefused as error:
            form.add_error("code", refusal(error))
        else:
            stage.state["proved"] = True
            stash_login(request, stage.login)
            return redirect("verify_phone")
    return render(request, "identity/verify_phone/text.html", {**_shown(stage, device), "form": form})


@_in_stage
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest) -> HttpResponse:
    """The code on the screen, keyed into the call (S1-49); "I have entered it" looks whether it was."""
    stage, device = _stage(request), _device(request)
    if device.confirmed:
        return redirect("verify_phone")
    if request.method == "POST" and "resend" in request.POST:
        return _send(request, stage, device, Method.CALL)
    if request.method == "POST":
        messages.warning(
            request, _("We have not received the code yet. Key it into the call, then press the button again.")
        )
        return redirect("verify_phone_call")
    challenge = phones.current_challenge(device=device, purpose="phone")
    alive = challenge is not None and challenge.channel == "call" and codes.is_alive(challenge, now=timezone.now())
    shown = {**_shown(stage, device), "code": codes.code_of(challenge) if challenge and alive else ""}
    return render(request, "identity/verify_phone/call.html", shown)


@_in_stage
@require_http_methods(["GET", "HEAD", "POST"])
def update(request: HttpRequest) -> HttpResponse:
    """ "Update Phone Number" (S1-48): another number, then back to "Verify Phone Number"."""
    device = _device(request)
    form = PhoneFields(request.POST or None, initial={"country": region_of(device.number), "phone": device.number[2:]})
    if request.method == "POST" and form.is_valid():
        with suppress(phones.AlreadyConfirmed):  # proved in another window meanwhile; the next page says so
            phones.change_unconfirmed(device=device, number=form.cleaned_data["phone"], now=timezone.now())
        return redirect("verify_phone")
    return render(request, "identity/verify_phone/update.html", {"form": form})


def _shown(stage: VerifyPhoneStage, device: PhoneDevice) -> dict[str, object]:
    return {"device": device, "may_skip": stage.may_skip}


def _send(request: HttpRequest, stage: VerifyPhoneStage, device: PhoneDevice, method: str) -> HttpResponse:
    """Send a code and go to the page that takes it; where none could be sent, say so where the last one counts."""
    try:
        send_code(stage, device, method=method, purpose="phone")
    except codes.TooManySendings as refused:
        messages.warning(request, _("No further code was sent yet.") + " " + wait_text(refused.wait))
        last = phones.current_challenge(device=device, purpose="phone")
        if last is None or not codes.is_alive(last, now=timezone.now()):
            return redirect("verify_phone")
        return redirect(PAGES[last.channel])
    told = _("We are calling you.") if method == Method.CALL else _("We sent a text message. Only its code works now.")
    messages.info(request, told)
    return redirect(PAGES[method])


def _go_on(request: HttpRequest, stage: VerifyPhoneStage, device: PhoneDevice) -> HttpResponse:
    """The proof counts as this sign-in's second factor only if it was made in this sign-in."""
    if stage.state.get("proved") or phones.was_answered(stage.state.get("challenge")):
        record_authentication(request, stage.login.user, method="mfa", type=device.method, id=device.persistent_id)
    return stage.exit()
