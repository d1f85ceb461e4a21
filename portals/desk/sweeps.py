"""The operators' page on access that nobody uses: what will happen, the runs, releasing and undoing one."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin import asking, refusals
from identity.admin.base import ReadOnlyAdmin
from identity.models import Account
from identity.policy import lifecycle
from identity.record import journal, machine
from portals import registry
from portals.legacy.admin.plots import Plot, plot_of
from portals.spec import PortalSpec
from rbac.domain import forecast, sweeps
from rbac.domain.forecast import Forecast
from rbac.models import SweepRun

State = SweepRun.State
BADGES = {State.FROZEN: "bad", State.HALF_RELEASED: "bad", State.DONE: "good", State.UNDONE: "good"}
MAX_LENGTH = 500  # characters of a reason
ASKED = {
    "release": gettext_lazy("Release this run"),
    "discard": gettext_lazy("Discard this run"),
    "undo": gettext_lazy("Undo: give everybody their access back"),
}
SAID = {
    "discard": gettext_lazy("The run was discarded. Nothing was changed; the next one is planned tonight."),
    "undo": gettext_lazy(
        "The run is being undone. Within a minute access begins to come back; people are told by mail."
    ),
}
REFUSED: dict[type[Exception], Any] = {
    **refusals.RELEASING,
    sweeps.TooLate: gettext_lazy("The run is too old to be undone as a whole. Access is given back one by one."),
}


def describe(run: SweepRun) -> tuple[SweepRun, Any, str]:
    """A run with the name of its state and the colour of its badge."""
    state = State(run.state)
    return run, state.label, BADGES.get(state, "wait")


@admin.register(SweepRun)
class SweepRunAdmin(ReadOnlyAdmin):
    """Two pages of our own; each step is one call of the domain."""

    is_of_installation = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return sweeps.MACHINE.may(cast(Account, request.user))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return sweeps.MACHINE.may(cast(Account, request.user))

    def get_queryset(self, request: HttpRequest) -> QuerySet[SweepRun]:
        return SweepRun.objects.select_related("first_released_by", "released_by", "undone_by").order_by("-pk")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """What will happen in the next days, what would happen now, and the last runs."""
        self._check(request)
        now, periods = timezone.now(), registry.idle_periods()
        runs = self.get_queryset(request)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Idle accounts"),
            "planned": sweeps.plan(periods=periods, now=now),
            "plots": [_plot(found) for found in forecast.make(periods=periods, now=now)],
            "waiting": [describe(run) for run in runs.filter(state__in=[State.FROZEN, State.HALF_RELEASED])],
            "runs": [describe(run) for run in runs[:30]],
        }
        return render(request, "admin/rbac/sweeprun/overview.html", shown)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One run: its plan, what it did, its history, and the steps that are possible now."""
        self._check(request)
        run: SweepRun = self.found_or_404(request, object_id)
        if request.method == "POST":
            return self._step(request, run)
        return self._show(request, run)

    def _check(self, request: HttpRequest) -> None:
        """Without the right these pages do not exist."""
        if not self.has_view_permission(request):
            raise Http404

    def _show(self, request: HttpRequest, run: SweepRun) -> HttpResponse:
        _run, state_name, badge = describe(run)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Run of %(day)s") % {"day": timezone.localtime(run.as_of).strftime("%Y-%m-%d %H:%M")},
            "run": run,
            "state_name": state_name,
            "badge": badge,
            "can_release": _can_release(run),
            "released_it": run.first_released_by == request.user,
            "can_discard": sweeps.MACHINE.can_move(run, to=State.DISCARDED),
            "can_undo": sweeps.can_undo(run, now=timezone.now()),
            "still_resting": run.suspended_grants.count(),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=run)],
        }
        return render(request, "admin/rbac/sweeprun/run.html", shown)

    def _step(self, request: HttpRequest, run: SweepRun) -> HttpResponse:
        """Say what the step does, then do it (C17)."""
        by, now, step = cast(Account, request.user), timezone.now(), request.POST.get("step", "")
        if step not in ASKED:
            raise Http404
        question, reason = _question(request, run, step), request.POST.get("reason", "").replace("\0", "")[:MAX_LENGTH]
        if _is_possible(request, run, step) and not asking.is_answered(request, question):
            return asking.page(request, self.admin_site, question, opts=self.opts)
        try:
            if step == "release":
                run = sweeps.MACHINE.release(run, by=by, now=now)
            elif step == "discard":
                run = sweeps.MACHINE.discard(run, by=by, reason=reason, now=now)
            else:
                run = sweeps.undo(run=run, by=by, reason=reason, now=now)
        except machine.ReasonMissing as refused:
            problem = refusals.words_of(refused, REFUSED)
            return asking.page(request, self.admin_site, question, opts=self.opts, problem=problem)
        except tuple(REFUSED) as refused:
            messages.error(request, refusals.words_of(refused, REFUSED))
        else:
            messages.success(request, _said(step, run))
        return redirect("admin:rbac_sweeprun_change", run.pk)


def _is_possible(request: HttpRequest, run: SweepRun, step: str) -> bool:
    """Whether the domain will do it; else it says why not, and nothing is asked before."""
    if step == "undo":
        return sweeps.can_undo(run, now=timezone.now())
    if step == "discard":
        return sweeps.MACHINE.can_move(run, to=State.DISCARDED)
    return _can_release(run) and run.first_released_by != request.user


def _can_release(run: SweepRun) -> bool:
    return sweeps.MACHINE.can_move(run, to=State.HALF_RELEASED)  # from where it may be the second release as well


def _question(request: HttpRequest, run: SweepRun, step: str) -> asking.Question:
    """What a step does, and to how many. While a run is at work its numbers move: they are told besides."""
    portals = ", ".join(registry.name_of(key) for key in sorted(run.periods))
    told = {"warn": run.to_warn, "suspend": run.to_suspend, "portals": portals}
    says, besides = [], []
    if step == "release":
        says = [_("The run warns %(warn)s people and switches off the access of %(suspend)s, in %(portals)s.") % told]
        if run.state == State.HALF_RELEASED and run.first_released_by != request.user:
            says += [_("It begins within a minute of this press. Each of them is told by mail.")]
        else:
            says += [_("You are the first of two: nothing happens before a second person has released it as well.")]
        says += [
            _("It can be undone as a whole for %(time)s.")
            % {"time": lifecycle.humanize_duration(lifecycle.after("sweep_undo"))}
        ]
    elif step == "discard":
        says = [_("Nobody is warned and nobody's access is switched off. The next run is planned tonight.")]
    else:
        says = [
            _("Everybody whose access still rests because of this run gets it back, and is told by mail."),
            _("The clock of that access begins anew. Mails that were sent stay sent."),
        ]
        besides = [_("Now it rests for %(count)s.") % {"count": run.suspended_grants.count()}]
    return asking.Question(
        title=str(ASKED[step]),
        says=says,
        besides=besides,
        button=str(ASKED[step]),
        back=request.get_full_path(),
        is_bad=step != "release",
        longest=0 if step == "release" else MAX_LENGTH,
    )


def _plot(found: Forecast) -> tuple[PortalSpec, Plot]:
    """One portal's next days: who begins to rest below, who is warned above."""
    return registry.get(found.portal_key), plot_of([(day, off, warned) for day, warned, off in found.rows()])


def _said(step: str, run: SweepRun) -> str:
    """What a press did."""
    if step != "release":
        return str(SAID[step])
    if run.state == State.RUNNING:
        return _("Released by two. The run begins within a minute.")
    return _("Released by you. A second person has to do so as well; your colleagues are told by mail.")
