"""Contact Us: who helps with what, and a ticket with its number; and the messages that a person has with a portal."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.files import serving, stored
from identity.keys.fields import keyed_hash
from identity.models import Account, Ticket, is_signed_in
from identity.models.tickets import TicketQuerySet
from identity.notices import tickets
from identity.policy.realms import email_key
from identity.views import tickets as ticket_pages
from identity.views import unsent
from identity.views.limited import may_write
from identity.views.page import page
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import is_inside, layout, portal_page
from portals.guards import portal_or_404
from portals.inside.domain import conversations
from portals.inside.forms.contact import ContactForm, StrangerForm, page_of, who_reads
from portals.spec import PortalSpec

SENT = "contact_sent"  # of a stranger's session: the number, and the mark of what was sent
MAX_SHOWN = 100  # on the page; nobody has as many


@page(login=False)
def contact_us(request: HttpRequest, portal_key: str) -> HttpResponse:
    """CONTACT US (S1-25, S1-32, S1-37, S3-16): signed in or not, who writes gets a ticket number. Whoever is inside the
    portal stays there."""
    portal = portal_or_404(portal_key)
    account = request.user if is_signed_in(request) else None
    stays = is_inside(request, portal)
    practices = [one.practice for one in cast(PortalRequest, request).memberships] if stays else []
    kind = ContactForm if account else StrangerForm
    begins: dict[str, Any] = {"page": page_of(request.GET.get("page", ""))}
    begins |= unsent.typed(request) if account else {}
    form = kind(request.POST or None, portal=portal, account=account, practices=practices, initial=begins)
    if account and unsent.wants_files(request):
        return unsent.keep(request, form)
    if request.method == "POST" and portal.topics and form.is_valid() and _may_write(request, form, account):
        if account is None:
            return _sent_by_stranger(request, portal, form)
        try:
            return _sent_by(request, portal, form, account, stays=stays)
        except (stored.NotAttachable, stored.TooManyFiles):
            form.refuse_files()
    context = {"portal": portal, "form": form, "account": account, "layout": layout(portal, is_inside=stays)}
    return render(request, "portals/contact/contact.html", context)


@page(login=False, methods="read")
def contact_sent(request: HttpRequest, portal_key: str) -> HttpResponse:
    """The number of what this browser has sent, for a stranger to write down."""
    portal, sent = portal_or_404(portal_key), request.session.get(SENT)
    if not sent:
        return redirect("portal_contact", portal.key)
    return render(request, "portals/contact/sent.html", {"portal": portal, "number": sent["number"]})


@portal_page(methods="read")
def own_messages(request: PortalRequest) -> HttpResponse:
    """ "Messages" (S4-16): what the person wrote on this portal's pages, and what others wrote about a practice that
    they run; whether an answer is new to them, and to the practice. Whoever has no access has their own on "My
    tickets"."""
    portal = request.portal
    context = {
        "portal": portal,
        "tickets": conversations.listed(_seen(request), reader=request.user)[:MAX_SHOWN],
        "layout": layout(portal, is_inside=True),
    }
    return render(request, "portals/contact/messages.html", context)


@portal_page()
def conversation(request: PortalRequest, number: str) -> HttpResponse:
    """One of these messages, and what was said since (S4-16)."""
    portal = request.portal
    return ticket_pages.conversation(
        request,
        _seen(request),
        number,
        path=lambda ticket: reverse("portal_message", args=[portal.key, ticket.number]),
        template="portals/contact/conversation.html",
        context={
            "portal": portal,
            "who_reads": who_reads(portal),
            "layout": layout(portal, is_inside=True),
        },
    )


@portal_page(methods="read")
def message_file(request: PortalRequest, number: str, pk: UUID) -> HttpResponse:
    """A file of one of these messages, to be saved: a colleague's, too, where the conversation is the practice's."""
    file = get_object_or_404(conversations.files_of(_seen(request).filter(number=number)), pk=pk)
    try:
        return cast(HttpResponse, serving.open_for(file=file))
    except stored.NotServed:
        raise Http404 from None


def _seen(request: PortalRequest) -> TicketQuerySet:
    return conversations.seen_by(request.user, portal_key=request.portal.key, memberships=request.memberships)


def _may_write(request: HttpRequest, form: ContactForm, account: Account | None) -> bool:
    who = str(account.pk) if account else email_key(form.cleaned_data["email"])
    return may_write(request, form, who=who)


def _sent_by(
    request: HttpRequest, portal: PortalSpec, form: ContactForm, account: Account, *, stays: bool
) -> HttpResponse:
    ticket = _ask(portal, form, account)
    unsent.forget(request)
    told = {"number": ticket.number}
    messages.success(request, _("Your ticket number is %(number)s. We have sent it to you by email.") % told)
    return redirect("portal_message", portal.key, ticket.number) if stays else redirect("ticket", ticket.number)


def _sent_by_stranger(request: HttpRequest, portal: PortalSpec, form: ContactForm) -> HttpResponse:
    mark = keyed_hash("contact", repr((portal.key, sorted(form.cleaned_data.items()))))
    if request.session.get(SENT, {}).get("mark") != mark:  # else the same words, sent twice
        request.session[SENT] = {"number": _ask(portal, form, None).number, "mark": mark}
    return redirect("portal_contact_sent", portal.key)


def _ask(portal: PortalSpec, form: ContactForm, account: Account | None) -> Ticket:
    typed = form.cleaned_data
    return tickets.ask(
        account=account,
        portal_key=portal.key,
        queue=portal.queue_of(typed["topic"]),
        practice_id=form.practice_id,
        topic=typed["topic"],
        subject=typed["subject"],
        text=typed["text"],
        contact=form.contact(),
        page=typed["page"],
        files=form.keys(),
        now=timezone.now(),
    )
