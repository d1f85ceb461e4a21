"""Contact Us: who helps with what, and a ticket with its number; and the messages that a person has with a portal."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.allauth_seam import get_client_ip
from identity.codes import attempts
from identity.factors.forms.codes import wait_text
from identity.keys.fields import keyed_hash
from identity.models import Account, AccountRequest, Ticket, is_signed_in
from identity.notices import tickets
from identity.policy.realms import email_key
from identity.views.page import page
from portals.entry.portal_page import layout_of
from portals.guards import needs_realm, portal_or_404
from portals.inside.forms.contact import ContactForm, StrangerForm
from portals.spec import PortalSpec

SENT = "contact_sent"  # of a stranger's session: the number, and the mark of what was sent
MAX_SHOWN = 100  # on the page; nobody has as many


@page(login=False)
def contact_us(request: HttpRequest, portal_key: str) -> HttpResponse:
    """CONTACT US (S1-25, S1-32, S1-37, S3-16): signed in or not, who writes gets a ticket number."""
    portal = portal_or_404(portal_key)
    account = request.user if is_signed_in(request) else None
    form = (ContactForm if account else StrangerForm)(request.POST or None, portal=portal)
    if request.method == "POST" and portal.topics and form.is_valid() and _may_write(request, form, account):
        return _sent_by(request, portal, form, account) if account else _sent_by_stranger(request, portal, form)
    context = {"portal": portal, "form": form, "account": account, "layout": layout_of(request, portal)}
    return render(request, "portals/contact/contact.html", context)


@page(login=False, methods="read")
def contact_sent(request: HttpRequest, portal_key: str) -> HttpResponse:
    """The number of what this browser has sent, for a stranger to write down."""
    portal, sent = portal_or_404(portal_key), request.session.get(SENT)
    if not sent:
        return redirect("portal_contact", portal.key)
    return render(request, "portals/contact/sent.html", {"portal": portal, "number": sent["number"]})


@page(guard=needs_realm, methods="read")
def own_messages(request: AccountRequest, portal_key: str) -> HttpResponse:
    """ "Messages" (S4-16): what the person wrote on this portal's pages, and whether an answer is new."""
    portal = portal_or_404(portal_key)
    own = Ticket.objects.of(request.user).in_portal(portal.key).with_unread(reader=request.user, of_staff=True)
    context = {
        "portal": portal,
        "tickets": own.order_by("-opened_at")[:MAX_SHOWN],
        "layout": layout_of(request, portal),
    }
    return render(request, "portals/contact/messages.html", context)


def _may_write(request: HttpRequest, form: ContactForm, account: Account | None) -> bool:
    who = str(account.pk) if account else email_key(form.cleaned_data["email"])
    try:
        attempts.check_can_write(who=who, address=get_client_ip(request), now=timezone.now())
    except attempts.TooManyAttempts as refused:
        form.add_error("text", _("You have sent many messages.") + " " + wait_text(refused.wait))
        return False
    return True


def _sent_by(request: HttpRequest, portal: PortalSpec, form: ContactForm, account: Account) -> HttpResponse:
    ticket = _ask(portal, form, account)
    told = {"number": ticket.number}
    messages.success(request, _("Your ticket number is %(number)s. We have sent it to you by email.") % told)
    return redirect("ticket", ticket.number)


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
        topic=typed["topic"],
        subject=typed["subject"],
        text=typed["text"],
        contact=form.contact(),
        now=timezone.now(),
    )
