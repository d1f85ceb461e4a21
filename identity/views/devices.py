"""Where the own account is signed in, and which devices are remembered; and the answer "this was not me"."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from identity.factors import factors
from identity.governance import securing
from identity.models import Account
from identity.notices import alerts
from identity.notices import messages as sent
from identity.sessions import devices, idle, sessions
from identity.sessions.idle import is_poll
from identity.sign_in import step_up


def _own(request: HttpRequest) -> Account:
    return cast(Account, request.user)


@never_cache
@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Open sessions with device and last use, and remembered devices (policy: session, remembered device)."""
    now, key = timezone.now(), request.session.session_key
    open_sessions = [(one, one.session_key == key) for one in sessions.for_account(_own(request), now=now)]
    here = next((one.device_id for one, is_here in open_sessions if is_here), None)
    shown = {
        "sessions": open_sessions,
        "devices": [
            (one, devices.skips(one, now=now), one.pk == here) for one in devices.for_account(_own(request), now=now)
        ],
    }
    return render(request, "identity/devices/overview.html", shown)


@login_required
@require_POST
def end_session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End one session: that browser's next page asks for a sign-in."""
    if not sessions.end(account=_own(request), session=pk, now=timezone.now()):
        raise Http404
    messages.success(request, _("That session has ended."))
    return redirect("devices")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End every session but this one, listed or not."""
    account, now = _own(request), timezone.now()
    with step_up.staying(request):
        sessions.end_all(account=account, by=account, now=now)
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("devices")


@step_up.needs_fresh
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forget one remembered device, or all: the next sign-in there takes every step."""
    text = request.POST.get("device", "")
    try:
        device = UUID(text) if text else None
    except ValueError as error:
        raise Http404 from error
    if not devices.end(account=_own(request), device=device, by=_own(request), now=timezone.now()) and device:
        raise Http404
    messages.success(request, _("Forgotten. The next sign-in there takes every step."))
    return redirect("devices")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
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
@never_cache
@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """How many seconds the session may still rest: asked by every page's script, moves nothing (S3-17)."""
    if not request.user.is_authenticated:
        return JsonResponse({"state": "signed out"})
    return JsonResponse({"state": "open", "left": int(idle.left(request.session, now=timezone.now()).total_seconds())})


@is_poll
@never_cache
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """ "Stay signed in": moves the clock."""
    if not request.user.is_authenticated:
        return JsonResponse({"state": "signed out"})
    idle.move(request.session, now=timezone.now())
    return JsonResponse({"state": "open", "left": int(idle.limit().total_seconds())})
