"""The life of one mail at the desk: handed over, put off, delivered, bounced, opened, and the button that sends it
again."""

from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.admin.base import ReadOnlyAdmin
from identity.models import Account, OutboxMessage, SuppressedAddress
from identity.record import delivery, outbox

Delivery, State = OutboxMessage.Delivery, OutboxMessage.State


class MailLife(ReadOnlyAdmin):
    """What the page of a message adds to its columns."""

    change_form_template = "admin/identity/outboxmessage/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        again = self.admin_site.admin_view(self.send_this_again)
        return [path("<int:pk>/send-again/", again, name="identity_outboxmessage_again"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """The steps so far, what stops its address, and whether it may be sent again."""
        row = context["original"]
        context |= {
            "heading": title_of(row),
            "steps": steps(row),
            "stopped": delivery.stopped_because(row.address_key),
            "causes": SuppressedAddress.Cause,
            "may_send": outbox.is_failed(row),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def send_this_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button: lifts a bounce of its address, at most once an hour."""
        row = self.found_or_404(request, str(pk))
        if request.method == "POST":
            if outbox.give_again([row], by=cast(Account, request.user), now=timezone.now()):
                messages.success(request, _("The message is sent again."))
            else:
                messages.error(request, _refusal(row))
        return redirect(reverse("admin:identity_outboxmessage_change", args=[row.pk]))


def title_of(row: OutboxMessage) -> str:
    """What the desk calls a message; of a kind that is no more, its stored name."""
    kind = outbox.KINDS.get(row.kind)
    return str(kind.title) if kind and kind.title else row.kind


def recipient_of(row: OutboxMessage) -> outbox.Recipient | None:
    """Who reads a message, as the rows say now; None when nobody is left, or its kind is no more."""
    try:
        return outbox.KINDS[row.kind](**row.ids).recipient()
    except (KeyError, TypeError, ObjectDoesNotExist):
        return None


def _refusal(row: OutboxMessage) -> str:
    match delivery.stopped_because(row.address_key):
        case SuppressedAddress.Cause.COMPLAINED:
            return _(
                "It was not sent: its reader marked our mail as spam. It goes there once they verify the address anew."
            )
        case SuppressedAddress.Cause.BOUNCED:
            return _("It was not sent: mail to this address was tried again a short while ago and bounced once more.")
    return _("Nothing was changed: a colleague was quicker.")


def steps(row: OutboxMessage) -> list[tuple[str, datetime | None]]:
    """What happened to it, in order, each with its moment, where that is known."""
    found: list[tuple[str, datetime | None]] = [(_("Written"), row.created_at)]
    if row.state == State.WAITING and row.attempts:
        found.append((_("Tried, and tried again at"), row.due_at))
    if row.state == State.SENT and row.delivery not in (Delivery.UNNEEDED, Delivery.MUTED):
        found.append((_("Handed over"), row.done_at))
    if row.delivered_at:
        found.append((_("Delivered"), row.delivered_at))
    if row.first_opened_at:
        found.append((_("Its link was first opened, by its reader or by a robot"), row.first_opened_at))
    if row.delivery == Delivery.UNNEEDED:
        found.append((_("Not sent: there was no longer a reason"), row.done_at))
    elif row.delivery == Delivery.MUTED:
        found.append((_("Not sent: its reader turned these messages off"), row.done_at))
    elif row.delivery in (Delivery.DEFERRED, Delivery.BOUNCED, Delivery.COMPLAINED, Delivery.SUPPRESSED):
        found.append((str(Delivery(row.delivery).label).capitalize(), row.reported_at))
    elif row.state == State.GIVEN_UP:
        found.append((_("Given up"), row.done_at))
    return found
