"""My tickets: what the own account has asked, and the conversation about each."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.files import stored
from identity.forms.tickets import ReplyForm
from identity.models import Account, AccountRequest, Ticket
from identity.models.tickets import TicketQuerySet
from identity.notices import ticket_links, tickets
from identity.views import unsent
from identity.views.limited import may_write
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
    """The conversation, and the own reply to it."""
    own = Ticket.objects.of(request.user)
    return conversation(request, own, number, path=lambda ticket: reverse("ticket", args=[ticket.number]))


def conversation(
    request: AccountRequest,
    own: TicketQuerySet,
    number: str,
    *,
    path: Callable[[Ticket], str],
    template: str = "identity/tickets/ticket.html",
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page of one of the reader's own tickets, wherever it stands; somebody else's and a missing one are the same
    404. `path` is where a ticket stands there."""
    found = own.with_unread(reader=request.user, of_staff=True).select_related("account", "earlier")
    ticket = get_object_or_404(found, number=number)
    form = ReplyForm(request.POST or None, account=request.user, initial=unsent.typed(request))
    if unsent.wants_files(request):
        return unsent.keep(request, form)
    is_sent = request.method == "POST" and form.is_valid() and may_write(request, form, who=str(request.user.pk))
    if is_sent and (reached := _write(request, ticket, form, by=request.user)):
        unsent.forget(request)
        return redirect(path(reached))
    said = list(ticket.messages.select_related("author").prefetch_related("files").order_by("pk"))
    if ticket.is_unread:
        tickets.note_read(ticket=ticket, by=request.user, up_to=said[-1].pk)
    later = ticket.later.order_by("pk").first() if ticket.status == Ticket.Status.CLOSED else None
    return _show(request, ticket, form, template=template, said=said, later=later, **(context or {}))


@page(login=False)
def by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The same for whoever wrote without an account, behind the link that only their mailbox got (S3-16)."""
    try:
        ticket = ticket_links.find(token, now=timezone.now())
    except ticket_links.LinkEnded:
        return render(request, "identity/tickets/link_ended.html", status=410)
    form = ReplyForm(request.POST or None, account=None)
    if request.method == "POST" and form.is_valid() and may_write(request, form, who=f"ticket {ticket.pk}"):
        _write(request, ticket, form, by=None)
        return redirect("ticket_by_mail", token)
    return _show(request, ticket, form, said=ticket.messages.order_by("pk"))


def _show(
    request: HttpRequest,
    ticket: Ticket,
    form: ReplyForm,
    *,
    template: str = "identity/tickets/ticket.html",
    **more: Any,
) -> HttpResponse:
    request.portal_key = ticket.portal_key  # type: ignore[attr-defined]  # in the look of where it was written
    return render(request, template, {"ticket": ticket, "form": form, **more})


def _write(request: HttpRequest, ticket: Ticket, form: ReplyForm, *, by: Account | None) -> Ticket | None:
    text, now = form.cleaned_data["text"], timezone.now()
    try:
        reached = tickets.write(ticket=ticket, text=text, files=form.keys(), by=by, now=now)
    except (stored.NotAttachable, stored.TooManyFiles):
        form.refuse_files()
        return None
    if reached.pk == ticket.pk:
        messages.success(request, _("Your message was added to the ticket."))
    else:
        told = {"old": ticket.number, "new": reached.number}
        messages.success(
            request, _("Ticket %(old)s was answered long ago. Your message is a ticket of its own: %(new)s.") % told
        )
    return reached
