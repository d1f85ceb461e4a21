"""The page that asks for the second factor at sign-in: a texted code, or the code on the screen keyed into a call."""

from typing import Any, cast

from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from identity import second_factor
from identity.domain import codes, phones
from identity.forms.codes import wait_text
from identity.models import PhoneDevice
from identity.stages import SecondFactorStage, in_stage, send_code


@in_stage(SecondFactorStage)
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Type the code of the text, or key the shown one into the call; ask for either. A reload sends nothing."""
    stage = cast(SecondFactorStage, request._login_stage)  # type: ignore[attr-defined]
    account = stage.login.user
    device = next(second_factor.devices_of(account), None)
    if device is None:
        return stage.abort()
    method = second_factor.method_of(device)
    form_class = method.get_token_form_class()
    form = form_class(account, device)
    if request.method == "POST" and "send" in request.POST:
        return _send(request, stage, device, request.POST["send"])
    if request.method == "POST" and "entered" in request.POST:
        if phones.was_answered(stage.state.get("challenge")):
            return _pass(request, stage, device)
        messages.warning(
            request, _("We have not received the code yet. Key it into the call, then press the button again.")
        )
        return redirect("second_factor")
    if request.method == "POST":
        form = form_class(account, device, data=request.POST)
        if form.is_valid():
            return _pass(request, stage, device)
    shown = {"form": form, "says": method.get_verbose_action(device), **_call(stage, device)}
    return render(request, "identity/sign_in/second_factor.html", shown)


def _pass(request: HttpRequest, stage: SecondFactorStage, device: PhoneDevice) -> HttpResponse:
    record_authentication(request, stage.login.user, method="mfa", type=device.method, id=device.persistent_id)
    return stage.exit()


def _call(stage: SecondFactorStage, device: PhoneDevice) -> dict[str, Any]:
    """The code to show, when this sign-in's newest sending is a call: only this browser may go on by it."""
    newest = phones.current_challenge(device=device, purpose="second_factor")
    if newest is None or newest.channel != PhoneDevice.Method.CALL:
        return {"by_call": False}
    own = str(newest.pk) == stage.state.get("challenge") and codes.is_alive(newest, now=timezone.now())
    return {"by_call": True, "code": codes.code_of(newest) if own else "", "number": device.masked}


def _send(request: HttpRequest, stage: SecondFactorStage, device: PhoneDevice, wish: str) -> HttpResponse:
    by_call = wish == PhoneDevice.Method.CALL
    try:
        send_code(stage, device, method="call" if by_call else "text", purpose="second_factor")
    except codes.TooManySendings as refused:
        messages.warning(request, _("No further code was sent yet.") + " " + wait_text(refused.wait))
    else:
        told = _("We are calling you.") if by_call else _("We sent a text message. Only its code works now.")
        messages.info(request, told)
    return redirect("second_factor")
