"""My tickets: what the own account has asked, and the conversation about each."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.allauth_seam import get_client_ip
from identity.codes import attempts
from identity.factors.forms.codes import wait_text
from identity.forms.tickets import ReplyForm
from identity.models import AccountRequest, Ticket
from identity.notices import tickets
from identity.views.page import page

MAX_SHOWN = 100  # on the page; nobody has as many


@page(methods="read")
def overview(request: AccountRequest) -> HttpResponse:
    """The own tickets, newest first."""
    own = Ticket.objects.of(request.user).with_unread(reader=request.user, of_staff=True)
    context = {"tickets": own.order_by("-opened_at")[:MAX_SHOWN]}
    return render(request, "identity/tickets/overview.html", context)


@page()
def show(request: AccountRequest, number: str) -> HttpResponse:
    """The conversation, and the own reply to it; somebody else's ticket and a missing one are the same 404."""
    own = Ticket.objects.of(request.user).with_unread(reader=request.user, of_staff=True)
    ticket = get_object_or_404(own.select_related("earlier"), number=number)
    request.portal_key = ticket.portal_key  # type: ignore[attr-defined]  # the tenant whose page it was written on
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _may_write(request, form):
        return _write(request, ticket, form.cleaned_data["text"])
    said = list(ticket.messages.order_by("pk"))
    if ticket.is_unread:
        tickets.note_read(ticket=ticket, by=request.user, up_to=said[-1].pk)
    context = {"ticket": ticket, "said": said, "form": form, "later": ticket.later.order_by("pk").first()}
    return render(request, "identity/tickets/ticket.html", context)


def _may_write(request: AccountRequest, form: ReplyForm) -> bool:
    try:
        attempts.check_can_write(who=str(request.user.pk), address=get_client_ip(request), now=timezone.now())
    except attempts.TooManyAttempts as refused:
        form.add_error("text", _("You have sent many messages.") + " " + wait_text(refused.wait))
        return False
    return True


def _write(request: AccountRequest, ticket: Ticket, text: str) -> HttpResponse:
    reached = tickets.write(ticket=ticket, text=text, by=request.user, now=timezone.now())
    if reached.pk == ticket.pk:
        messages.success(request, _("Your message was added to the ticket."))
    else:
        told = {"old": ticket.number, "new": reached.number}
        messages.success(
            request, _("Ticket %(old)s was answered long ago. Your message is a ticket of its own: %(new)s.") % told
        )
    return redirect("ticket", reached.number)
