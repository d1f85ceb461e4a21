"""My tickets: what the own account has asked, and the answers."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from identity.models import AccountRequest, Ticket
from identity.record import journal
from identity.views.page import page

MAX_SHOWN = 100  # on the page; nobody has as many


@page(methods="read")
def overview(request: AccountRequest) -> HttpResponse:
    """The own tickets, newest first."""
    found = Ticket.objects.of(request.user).order_by("-opened_at")[:MAX_SHOWN]
    return render(request, "identity/tickets/overview.html", {"tickets": found})


@page(methods="read")
def show(request: AccountRequest, number: str) -> HttpResponse:
    """One ticket with its answer; somebody else's and a missing one are the same 404."""
    ticket = get_object_or_404(Ticket.objects.of(request.user), number=number)
    history = [(entry, journal.title_of(entry)) for entry in journal.history(of=ticket)]
    return render(request, "identity/tickets/ticket.html", {"ticket": ticket, "history": history})
