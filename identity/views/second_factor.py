"""The page that asks for the second factor at sign-in."""

from typing import cast

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from identity import second_factor
from identity.domain import codes
from identity.forms.codes import wait_text
from identity.stages import SecondFactorStage


@login_stage_required(stage=SecondFactorStage.key, redirect_urlname="account_login")
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Type the code of the text message, or ask for another one. A reload sends nothing."""
    stage = cast(SecondFactorStage, request._login_stage)  # type: ignore[attr-defined]
    account = stage.login.user
    device = next(second_factor.devices_of(account), None)
    if device is None:
        return stage.abort()
    method = second_factor.method_of(device)
    form_class = method.get_token_form_class()
    form, notice = form_class(account, device), ""
    if request.method == "POST" and "resend" in request.POST:
        notice = _resend(device)
    elif request.method == "POST":
        form = form_class(account, device, data=request.POST)
        if form.is_valid():
            record_authentication(request, account, method="mfa", type=method.code, id=device.persistent_id)
            return stage.exit()
    shown = {"form": form, "notice": notice, "says": method.get_verbose_action(device)}
    return render(request, "identity/sign_in/second_factor.html", shown)


def _resend(device: object) -> str:
    try:
        device.generate_challenge()  # type: ignore[attr-defined]
    except codes.TooManySendings as refused:
        return _("No further code was sent yet.") + " " + wait_text(refused.wait)
    return _("We sent another text message. Only its code works now.")
