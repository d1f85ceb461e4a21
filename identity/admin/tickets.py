"""The service desk's tickets: the queue, and one ticket with its text, its history and its answer."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin.base import PersonFilter, ReadOnlyAdmin
from identity.admin.lists import KeysetAdmin
from identity.merging import merges
from identity.models import Account, Ticket
from identity.notices import tickets
from identity.record import journal, machine


@admin.register(Ticket)
class TicketAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Seen by whoever may handle tickets; a row opens the page where it is taken and answered."""

    list_display = ("number", "topic", "status", "account", "opened_at", "handled_by")
    list_filter = ("status", "topic", PersonFilter)
    list_select_related = ("account", "handled_by")
    people = ("account",)
    realm_path = "account__realm"
    search_help_text = gettext_lazy("Ticket number, name, ID, email address, phone, practice or tax ID")
    ordering = ("opened_at",)  # whoever waits longest comes first

    def also_found(self, typed: str) -> Iterable[Q]:
        """The number as it was read out, with or without its T and its dashes."""
        return [Q(number__in=tickets.numbers(typed))]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_authenticated and tickets.can_handle(request.user)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One ticket, and the steps that are possible now."""
        ticket: Ticket = self.found_or_404(request, object_id)
        if request.method == "POST":
            return self._act(request, ticket)
        return self._show(request, ticket)

    def _show(self, request: HttpRequest, ticket: Ticket, *, problem: str = "") -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Ticket %(number)s") % {"number": ticket.number},
            "opts": self.opts,
            "ticket": ticket,
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=ticket)],
            "duplicates": _duplicates(ticket),
            "may_see_accounts": request.user.has_perm("identity.view_account"),
            "problem": problem,
        }
        return render(request, "admin/identity/ticket/desk.html", shown, status=422 if problem else 200)

    def _act(self, request: HttpRequest, ticket: Ticket) -> HttpResponse:
        by, now = cast(Account, request.user), timezone.now()
        answer = request.POST.get("answer", "").replace("\0", "")
        try:
            if request.POST.get("step") == "take":
                tickets.take(ticket=ticket, by=by, now=now)
                messages.success(request, _("The ticket is yours."))
            else:
                tickets.close(ticket=ticket, answer=answer, by=by, now=now)
                messages.success(request, _("Answered. The person is told by mail."))
        except tickets.AnswerMissing:
            return self._show(request, ticket, problem=_("Enter an answer: the person reads it."))
        except machine.NotPossible:
            messages.error(request, _("Nothing was changed: a colleague was quicker."))
            if answer:
                messages.info(request, _("You had written: %(reason)s") % {"reason": answer})
        return redirect("admin:identity_ticket_change", ticket.pk)


def _duplicates(ticket: Ticket) -> list[Account]:
    """Whom a ticket about two IDs may be about."""
    if ticket.topic != Ticket.Topic.MERGE or ticket.account is None:
        return []
    return list(merges.duplicates_of(ticket.account))
