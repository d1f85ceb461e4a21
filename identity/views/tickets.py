"""My tickets: what the own account has asked, and the answers."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from identity.models import Account, Ticket
from identity.record import journal

MAX_SHOWN = 100  # on the page; nobody has as many


@never_cache
@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The own tickets, newest first."""
    found = Ticket.objects.of(cast(Account, request.user)).order_by("-opened_at")[:MAX_SHOWN]
    return render(request, "identity/tickets/overview.html", {"tickets": found})


@never_cache
@login_required
@require_safe
def show(request: HttpRequest, number: str) -> HttpResponse:
    """One ticket with its answer; somebody else's and a missing one are the same 404."""
    ticket = get_object_or_404(Ticket.objects.of(cast(Account, request.user)), number=number)
    history = [(entry, journal.title_of(entry)) for entry in journal.history(of=ticket)]
    return render(request, "identity/tickets/ticket.html", {"ticket": ticket, "history": history})
