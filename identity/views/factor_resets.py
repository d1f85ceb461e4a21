"""The page behind a help-desk reset's notice: "stop this" (S4-37)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from identity.record import machine
from identity.recovery import factor_resets


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Opening it changes nothing; its button stops the reset, up to the last second of the day."""
    reset, now = factor_resets.find(token), timezone.now()
    if reset is None or not factor_resets.is_stoppable(reset, now=now):
        return render(request, "identity/factor_resets/ended.html", status=410)
    if request.method == "POST":
        try:
            factor_resets.stop(reset=reset, now=now)
        except machine.NotPossible:
            return render(request, "identity/factor_resets/ended.html", status=410)
        return render(request, "identity/factor_resets/stopped.html")
    return render(
        request,
        "identity/factor_resets/stop.html",
        {"due_at": reset.due_at, "login_name": reset.account.login_name},
    )
