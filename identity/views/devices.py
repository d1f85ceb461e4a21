"""Where the own account is signed in, and which devices are remembered; and the answer "this was not me"."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.factors import factors
from identity.governance import securing
from identity.models import AccountRequest
from identity.notices import alerts
from identity.notices import messages as sent
from identity.sessions import devices, idle, sessions
from identity.sessions.idle import is_poll
from identity.sign_in import step_up
from identity.views.page import page


@page(methods="read")
def overview(request: AccountRequest) -> HttpResponse:
    """Open sessions with device and last use, and remembered devices (policy: session, remembered device)."""
    now, key = timezone.now(), request.session.session_key
    open_sessions = [(one, one.session_key == key) for one in sessions.for_account(request.user, now=now)]
    here = next((one.device_id for one, is_here in open_sessions if is_here), None)
    shown = {
        "sessions": open_sessions,
        "devices": [
            (one, devices.skips(one, now=now), one.pk == here) for one in devices.for_account(request.user, now=now)
        ],
    }
    return render(request, "identity/devices/overview.html", shown)


@page(methods="button")
def end_session(request: AccountRequest, pk: UUID) -> HttpResponse:
    """End one session: that browser's next page asks for a sign-in."""
    if not sessions.end(account=request.user, session=pk, now=timezone.now()):
        raise Http404
    messages.success(request, _("That session has ended."))
    return redirect("devices")


@page(methods="button")
def end_other_sessions(request: AccountRequest) -> HttpResponse:
    """End every session but this one, listed or not."""
    account, now = request.user, timezone.now()
    with step_up.staying(request):
        sessions.end_all(account=account, by=account, now=now)
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("devices")


@page(fresh=True, methods="button")
def forget(request: AccountRequest) -> HttpResponse:
    """Forget one remembered device, or all: the next sign-in there takes every step."""
    text = request.POST.get("device", "")
    try:
        device = UUID(text) if text else None
    except ValueError as error:
        raise Http404 from error
    if not devices.end(account=request.user, device=device, by=request.user, now=timezone.now()) and device:
        raise Http404
    messages.success(request, _("Forgotten. The next sign-in there takes every step."))
    return redirect("devices")


@page(login=False, mailed=True)
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an alert's link. Opening it changes nothing; its button secures the account."""
    now = timezone.now()
    try:
        alert = alerts.find(token, now=now)
        if request.method == "POST":
            securing.secure(alert=alert, now=now)
            return render(request, "identity/devices/secured.html")
    except alerts.AlertEnded:
        return render(request, "identity/devices/alert_ended.html", status=410)
    taken_back = [sent.factor_name(factors.kind_of(device)) for device in securing.added_since(alert)]
    shown = {"alert": alert, "said": sent.said_of(alert), "taken_back": taken_back}
    return render(request, "identity/devices/not_me.html", shown)


@is_poll
@page(login=False, methods="read")
def state(request: HttpRequest) -> HttpResponse:
    """How many seconds the session may still rest: asked by every page's script, moves nothing (S3-17)."""
    if not request.user.is_authenticated:
        return JsonResponse({"state": "signed out"})
    return JsonResponse({"state": "open", "left": int(idle.left(request.session, now=timezone.now()).total_seconds())})


@is_poll
@page(login=False, methods="button")
def stay(request: HttpRequest) -> HttpResponse:
    """ "Stay signed in": moves the clock."""
    if not request.user.is_authenticated:
        return JsonResponse({"state": "signed out"})
    idle.move(request.session, now=timezone.now())
    return JsonResponse({"state": "open", "left": int(idle.limit().total_seconds())})
