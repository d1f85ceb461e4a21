"""The service desk's tickets: the queue, and one ticket with its conversation, its history and the steps there are."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin.base import PersonFilter, day
from identity.admin.lists import KeysetAdmin
from identity.admin.ticket_files import TicketFilesAdmin
from identity.files import stored
from identity.forms.tickets import AnswerForm, files_refused
from identity.merging import merges
from identity.models import Account, Ticket
from identity.models.tickets import TO_ANSWER, TicketQuerySet
from identity.notices import ticket_numbers, tickets
from identity.policy import text
from identity.record import journal, machine
from identity.tenancy import Scope, tenancy
from identity.views import unsent

OPENED = day("opened_at", gettext_lazy("opened"))
MAX_COLLEAGUES = 100  # in the list of those who may be handed a ticket


class WorkFilter(admin.SimpleListFilter):
    """What there is to do."""

    title = gettext_lazy("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("answer", gettext_lazy("To answer")), ("mine", gettext_lazy("Taken by me"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> QuerySet[Ticket]:
        if self.value() == "answer":
            return queryset.filter(TO_ANSWER)
        return queryset.filter(claimed_by=cast(Account, request.user)) if self.value() == "mine" else queryset


@admin.register(Ticket)
class TicketAdmin(KeysetAdmin, TicketFilesAdmin):
    """Seen by whoever may handle tickets; a row opens the page where it is taken and answered."""

    when_empty = gettext_lazy("No ticket waits. What people write by Contact Us stands here, the oldest first.")
    list_display = ("number", "topic", "queue_name", "status", "is_new", "account", OPENED, "claimed_by")
    list_filter = (WorkFilter, "status", "topic", PersonFilter)
    list_select_related = ("account", "claimed_by")
    people = ("account",)
    search_help_text = gettext_lazy("Ticket number, name, ID, email address, phone, practice or tax ID")
    ordering = ("opened_at",)  # whoever waits longest comes first

    @admin.display(description=gettext_lazy("queue"))
    def queue_name(self, ticket: Ticket) -> str:
        """Whose staff answer it (S3-16)."""
        return str(tenancy().tenant(ticket.queue).name) if ticket.queue else "–"

    @admin.display(description=gettext_lazy("not read by me"), boolean=True)
    def is_new(self, ticket: Any) -> bool:
        """Whether the person wrote something that this reader has not seen."""
        return bool(ticket.is_unread)

    def within(self, rows: QuerySet[Ticket], scope: Scope) -> QuerySet[Ticket]:
        return rows.filter(tickets.within(scope))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        found = cast(TicketQuerySet, super().get_queryset(request))
        return found.with_unread(reader=request.user, of_staff=False)

    def also_found(self, typed: str) -> Iterable[Q]:
        """The number as it was read out, with or without its T and its dashes."""
        return [Q(number__in=ticket_numbers.meant_by(typed))]

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

    def _show(
        self, request: HttpRequest, ticket: Any, *, problem: str = "", typed: dict[str, Any] | None = None
    ) -> HttpResponse:
        by, now = cast(Account, request.user), timezone.now()
        said = list(ticket.messages.select_related("author").prefetch_related("files").order_by("pk"))
        if ticket.is_unread:
            tickets.note_read(ticket=ticket, by=by, up_to=said[-1].pk)
        begins = unsent.typed(request) if typed is None else typed
        context = {
            **self.admin_site.each_context(request),
            "title": _("Ticket %(number)s") % {"number": ticket.number},
            "opts": self.opts,
            "ticket": ticket,
            "said": said,
            "form": AnswerForm(initial={**begins, "seen": said[-1].pk}, account=_attaches(ticket, by)),
            "held": ticket.is_held(now=now, by=by),
            "own": ticket.claimed_by == by and ticket.is_held(now=now),
            "colleagues": tickets.colleagues(by, ticket)[:MAX_COLLEAGUES],
            "queue": self.queue_name(ticket),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=ticket)],
            "duplicates": _duplicates(ticket),
            "may_see_accounts": request.user.has_perm("identity.view_account"),
            "problem": problem,
            "typed": begins.get("answer", ""),
        }
        return render(request, "admin/identity/ticket/desk.html", context, status=422 if problem else 200)

    def _act(self, request: HttpRequest, ticket: Ticket) -> HttpResponse:
        form = AnswerForm(request.POST, account=_attaches(ticket, cast(Account, request.user)))
        if unsent.wants_files(request):
            return unsent.keep(request, form)
        if form.is_valid():
            problem = self._step(request, ticket, form)
        else:
            problem = " ".join(str(error) for errors in form.errors.values() for error in errors)
        if not problem:
            return redirect("admin:identity_ticket_change", ticket.pk)
        typed = {"answer": form.typed, "left_out": form.left_out()}
        return self._show(request, self.found_or_404(request, str(ticket.pk)), problem=problem, typed=typed)

    def _step(self, request: HttpRequest, ticket: Ticket, form: AnswerForm) -> str:
        """Take the step that was pressed; answers what hindered it, in words."""
        by = cast(Account, request.user)
        try:
            messages.success(request, self._take_step(request, ticket, form, by))
        except tickets.AnswerMissing:
            return _("Enter an answer: the person reads it.")
        except (stored.NotAttachable, stored.TooManyFiles):
            return files_refused()
        except tickets.MayNotHandle:
            return _("Choose a colleague who may answer this ticket.")
        except machine.Stale:
            return _("Nothing was sent: something was said meanwhile. Read it, and send again.")
        except machine.NotPossible as refused:
            if request.POST.get("step") != "take" or refused.current.claimed_by != by:
                return _("Nothing was changed: a colleague was quicker.")
            messages.success(request, _("The ticket is yours."))  # pressed twice
        return ""

    def _take_step(self, request: HttpRequest, ticket: Ticket, form: AnswerForm, by: Account) -> str:
        now, answer, seen = timezone.now(), form.cleaned_data["answer"], form.cleaned_data["seen"]
        match request.POST.get("step"):
            case "take":
                tickets.take(ticket=ticket, by=by, now=now)
                return _("The ticket is yours.")
            case "release":
                tickets.release(ticket=ticket, by=by, now=now)
                return _("The ticket is free for your colleagues.")
            case "hand over":
                to = _colleague(request.POST.get("to", ""), by, ticket)
                tickets.hand_over(ticket=ticket, to=to, by=by, now=now)
                return _("%(name)s has the ticket now, and is told by mail.") % {"name": to.get_full_name()}
            case "reply":
                tickets.reply(ticket=ticket, text=answer, files=form.keys(), by=by, now=now, seen=seen)
                unsent.forget(request)
                return _("Sent. The person is told by mail.")
            case _:
                tickets.close(ticket=ticket, answer=answer, files=form.keys(), by=by, now=now, seen=seen)
                unsent.forget(request)
                return _("Answered. The person is told by mail.")


def _attaches(ticket: Ticket, by: Account) -> Account | None:
    """Whose files may go with an answer; nobody's where nobody has an account to open them with."""
    return by if ticket.account else None


def _colleague(typed: str, by: Account, ticket: Ticket) -> Account:
    """Who was chosen. Raises MayNotHandle for anybody else."""
    found = tickets.colleagues(by, ticket).filter(pk=typed).first() if text.is_number(typed) else None
    if found is None:
        raise tickets.MayNotHandle
    return found


def _duplicates(ticket: Ticket) -> list[Account]:
    """Whom a ticket about two IDs may be about."""
    if ticket.topic != Ticket.Topic.MERGE or ticket.account is None:
        return []
    return list(merges.duplicates_of(ticket.account))
