"""The grid at the desk: its versions, a proposal as a table of 140 boxes, what it changes, and who publishes it."""

from datetime import datetime, time
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.accounts import staff_rights
from identity.accounts.backend import RealmBackend
from identity.admin.base import ReadOnlyAdmin, day
from identity.models import Account
from identity.policy import text
from identity.record import journal, machine
from rbac.admin import grid_table
from rbac.admin.grid_table import Typed
from rbac.capabilities import GRID_COLUMNS
from rbac.domain import grid, grid_changes, grid_versions
from rbac.models import AccessGrant, GridVersion

SHOWN = 50  # people of a preview, and entries of a history
State = GridVersion.State
REFUSED: dict[type[Exception], Any] = {
    machine.ReasonMissing: gettext_lazy("Enter a reason: the journal keeps it."),
    machine.SamePerson: gettext_lazy("You have taken a step of this version already: another person takes the next."),
    machine.NotPossible: gettext_lazy("This is no longer possible: somebody was quicker."),
    machine.Stale: gettext_lazy("What this does has changed meanwhile. Look at it once more; nothing was done yet."),
    staff_rights.MayNotHandle: gettext_lazy("You may not change the grid."),
    grid_versions.InThePast: gettext_lazy("Choose a day that is still to come: the past stays as it was."),
    grid_versions.DayTaken: gettext_lazy("Another version holds from that very day: propose this one for another day."),
    grid_versions.NothingChanges: gettext_lazy("The boxes say what holds already: nothing was to be changed."),
    grid_versions.ProposedAlready: gettext_lazy("A colleague proposed a version meanwhile: look at that one first."),
    grid_versions.UnknownBox: gettext_lazy("A role, a market or a capability that is not the grid's."),
}
OF_DAY = (grid_versions.InThePast,)  # said beside the day; what is about the reason, beside the reason


@admin.register(GridVersion)
class GridVersionAdmin(ReadOnlyAdmin):
    """The versions, newest first; a row opens its page, "Propose a version" the table of boxes."""

    is_of_installation = True
    when_empty = gettext_lazy("There is no version yet. Propose one.")
    list_display = ("number", "state", day("effective_from", gettext_lazy("In force from")), "reason", "proposed_by")
    list_select_related = ("proposed_by",)
    sortable_by = ()
    ordering = ("-number",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_authenticated and grid_versions.may_change(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The table of boxes, as the version before it has them; sent, a proposal."""
        if not self.has_view_permission(request):
            raise Http404
        base = grid.of(_latest().pk)
        is_sent = request.method == "POST"
        typed = grid_table.typed(request.POST) if is_sent else Typed(base.cells, base.switches)
        problems = _propose(request, typed) if is_sent else {}
        if is_sent and not problems:
            return redirect("admin:rbac_gridversion_changelist")
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Propose a version of the grid"),
            "opts": self.opts,
            "columns": GRID_COLUMNS,
            "rows": grid_table.rows_of(typed.boxes, base.cells),
            "extras": grid_table.extras_of(typed.boxes, base.cells),
            "switches": grid_table.switches_of(typed.switches, base.switches),
            "choices": grid_table.choices(),
            "typed": typed,
            "problems": problems,
            "base": _latest(),
            "waiting": grid_versions.waiting(),
            "longest": grid_versions.MAX_LENGTH,
        }
        return render(request, "admin/rbac/gridversion/propose.html", shown, status=422 if problems else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A version: its table beside the one before it, who gains and who loses, and its next step."""
        version: GridVersion = self.found_or_404(request, object_id)
        reason = text.line(request.POST.get("reason", ""))
        problem = _step(request, version, reason) if request.method == "POST" else ""
        if request.method == "POST" and not problem:
            return redirect("admin:rbac_gridversion_change", version.pk)
        now = timezone.now()
        own, before = grid.read(version.pk), grid_changes.before(version)
        history = journal.history(of=version)[:SHOWN]
        shown = {
            **self.admin_site.each_context(request),
            "title": str(version),
            "opts": self.opts,
            "version": version,
            "state_name": version.get_state_display(),
            "is_in_force": version.pk == grid.in_force(now=now),
            "columns": GRID_COLUMNS,
            "rows": grid_table.rows_of(own.cells, before.cells if before.number else own.cells),
            "extras": grid_table.extras_of(own.cells),
            "switches": grid_table.switches_of(own.switches),
            "differences": grid_table.differences(own, before) if before.number else {},
            "before": before.number,
            "is_open": version.state in GridVersion.OPEN,
            "took_part": request.user.pk in (version.proposed_by_id, version.first_published_by_id),
            "publishers": RealmBackend().with_perm(grid_versions.RIGHT).filter(is_staff=True).order_by("login_name"),
            "reason": reason,
            "longest": grid_versions.MAX_LENGTH,
            "problem": problem,
            "history": [(entry, journal.title_of(entry)) for entry in history],
            **(_previewed(version, now=now) if version.state in GridVersion.OPEN else {}),
        }
        return render(request, "admin/rbac/gridversion/version.html", shown, status=422 if problem else 200)

    def get_queryset(self, request: HttpRequest) -> QuerySet[GridVersion]:
        return GridVersion.objects.select_related("proposed_by", "first_published_by", "published_by").order_by(
            "-number"
        )


def _latest() -> GridVersion:
    """What a proposal begins with: the published version that holds last, so that nothing published is undone."""
    return GridVersion.objects.filter(state=State.PUBLISHED).latest("effective_from")


def _previewed(version: GridVersion, *, now: datetime) -> dict[str, Any]:
    """Who gains and who loses, and the first of those who lose by name."""
    old, new = grid_changes.before(version), grid.read(version.pk)
    losing = list(grid_changes.losing(old, new, now=now)[:SHOWN])
    people = AccessGrant.objects.filter(pk__in=losing).select_related("account").order_by("account__login_name")
    return {
        "preview": grid_changes.preview(version, now=now),
        "needs_two": grid_versions.needs_two(version, now=now),
        "mark": grid_versions.mark(version, now=now),
        "losing": [grant.account for grant in people],
    }


def _propose(request: HttpRequest, typed: Typed) -> dict[str, Any]:
    """Propose it, and say so; or what is in the way, by the field that it is about ("": the whole)."""
    problems = typed.problems | ({} if typed.day else {"day": _("Enter the day from which it holds.")})
    if problems or typed.day is None:
        return problems
    by, now = cast(Account, request.user), timezone.now()
    try:
        grid_versions.propose(
            boxes=typed.boxes,
            switches=typed.switches,
            effective_from=timezone.make_aware(datetime.combine(typed.day, time())),
            reason=typed.reason,
            by=by,
            now=now,
        )
    except tuple(REFUSED) as refused:
        field = "day" if isinstance(refused, OF_DAY) else ""
        field = "reason" if isinstance(refused, machine.ReasonMissing) else field
        return {field or "whole": REFUSED[type(refused)]}
    messages.success(request, _("Proposed. Another person has to look at it and publish it; nothing was changed yet."))
    return {}


def _step(request: HttpRequest, version: GridVersion, reason: str) -> Any:
    """Publish it or give it up, and say so; or what is in the way."""
    by, now = cast(Account, request.user), timezone.now()
    try:
        if request.POST.get("step") == "publish":
            moved = grid_versions.publish(version=version, seen=request.POST.get("seen", ""), by=by, now=now)
            done = _("Published. It holds from its day; whoever loses something is told before.")
            half = _("Noted. It takes something from many people: one more person has to publish it.")
            messages.success(request, done if moved.state == State.PUBLISHED else half)
        elif request.POST.get("step") != "discard":
            raise Http404
        else:
            grid_versions.discard(version=version, reason=reason, by=by, now=now)
            messages.success(request, _("Discarded."))
    except tuple(REFUSED) as refused:
        return REFUSED[type(refused)]
    return ""
