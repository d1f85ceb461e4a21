"""The page behind a help-desk reset's notice: "stop this" (S4-37)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from identity.record import machine
from identity.recovery import factor_resets
from identity.views.page import page


@page(login=False, mailed=True)
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
