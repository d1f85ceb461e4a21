"""Who decides the requests of each portal: check boxes and a reason by one operator, the second one's press (C29)."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.accounts import staff_rights
from identity.admin.base import ReadOnlyAdmin
from identity.models import Account
from identity.policy import text
from identity.record import journal, machine
from portals import registry
from rbac.domain import deciders
from rbac.models import ApprovalQueue, DecidersChange

SHOWN = 50  # entries of the history
REFUSED: dict[type[Exception], Any] = {
    machine.ReasonMissing: gettext_lazy("Enter a reason: the journal keeps it."),
    deciders.NothingChanges: gettext_lazy("The boxes say what holds already: nothing was to be changed."),
    deciders.AskedAlready: gettext_lazy("A colleague asked for a change meanwhile: look at that one first."),
    machine.SamePerson: gettext_lazy("You asked for it: a second operator has to make it."),
    machine.NotPossible: gettext_lazy("This is no longer possible: it was done, cancelled, or somebody was closed."),
    staff_rights.OwnAccount: gettext_lazy("This is about your own rights. A colleague does this."),
    staff_rights.MayNotHandle: gettext_lazy("You may not say who decides."),
}


@admin.register(ApprovalQueue)
class ApprovalQueueAdmin(ReadOnlyAdmin):
    """The portals with those who decide; a row opens its page. A key is never typed: it comes of a definition."""

    is_of_installation = True
    when_empty = gettext_lazy("No portal has anybody who decides. They stand here as soon as a portal is defined.")
    list_display = ("portal", "decided_by", "waits")
    sortable_by = ()
    ordering = ("portal_key",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_authenticated and deciders.may_change(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalQueue]:
        return ApprovalQueue.objects.order_by("portal_key")

    @admin.display(description=gettext_lazy("Portal"))
    def portal(self, queue: ApprovalQueue) -> str:
        """Its name; an operator reads here which key no definition knows any more."""
        if registry.known([queue.portal_key]):
            return registry.name_of(queue.portal_key)
        return _("%(key)s: no definition knows this portal") % {"key": queue.portal_key}

    @admin.display(description=gettext_lazy("Decided by"))
    def decided_by(self, queue: ApprovalQueue) -> str | None:
        people = [one.get_full_name() for one in deciders.for_queue(queue)]
        return ", ".join([*people, *deciders.groups_of(queue)]) or None

    @admin.display(description=gettext_lazy("Waits for a second operator"), boolean=True)
    def waits(self, queue: ApprovalQueue) -> bool:
        return deciders.waiting(queue, now=timezone.now()) is not None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The change that waits, with its two buttons; or the boxes."""
        queue: ApprovalQueue = self.found_or_404(request, object_id)
        waiting = deciders.waiting(queue, now=timezone.now())
        reason = text.line(request.POST.get("reason", ""))
        problem = _step(request, queue, waiting, reason) if request.method == "POST" else ""
        if request.method == "POST" and not problem:
            return redirect("admin:rbac_approvalqueue_change", queue.pk)
        ticked = set(request.POST.getlist("decider")) if problem else {str(one.pk) for one in deciders.for_queue(queue)}
        made = DecidersChange.objects.filter(queue=queue).values_list("pk", flat=True)
        history = journal.history_of_all(DecidersChange, [str(key) for key in made])[:SHOWN]
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Who decides: %(portal)s") % {"portal": registry.name_of(queue.portal_key)},
            "opts": self.opts,
            "unknown": not registry.known([queue.portal_key]),
            "queue": queue,
            "waiting": waiting,
            "asked_it": waiting is not None and waiting.asked_by_id == request.user.pk,
            "people": [(one, str(one.pk) in ticked) for one in deciders.candidates(queue)],
            "groups": deciders.groups_of(queue),
            "reason": reason,
            "longest": deciders.MAX_LENGTH,
            "problem": problem,
            "history": [(entry, journal.title_of(entry)) for entry in history],
        }
        return render(request, "admin/rbac/approvalqueue/desk.html", shown, status=422 if problem else 200)


def _step(request: HttpRequest, queue: ApprovalQueue, waiting: DecidersChange | None, reason: str) -> Any:
    """Ask for a change, make it or give it up, and say so; or what is in the way."""
    by, now, step = cast(Account, request.user), timezone.now(), request.POST.get("step", "")
    try:
        if step == "ask":
            chosen = [int(key) for key in request.POST.getlist("decider") if key.isascii() and key.isdecimal()]
            deciders.ask(queue=queue, deciders=chosen, reason=reason, by=by, now=now)
            messages.success(request, _("A second operator has to look at it now. Nothing was changed yet."))
        elif waiting is None or request.POST.get("change") != str(waiting.pk):
            return REFUSED[machine.NotPossible]
        elif step == "do":
            deciders.do(change=waiting, by=by, now=now)
            messages.success(request, _("Changed. Each of them is told by mail."))
        else:
            deciders.cancel(change=waiting, reason=reason, by=by, now=now)
            messages.success(request, _("Cancelled."))
    except tuple(REFUSED) as refused:
        return REFUSED[type(refused)]
    return ""
