"""Jobs that were stopped, for they would touch too many rows or the clock jumped: two people release one."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin import asking, refusals
from identity.admin.base import ReadOnlyAdmin
from identity.jobs import clock, mass_acts
from identity.models import Account, MassAct
from identity.record import journal, machine

State = MassAct.State
MAX_LENGTH = 500  # characters of a reason


@admin.register(MassAct)
class MassActAdmin(ReadOnlyAdmin):
    """A list, and a page for each act whose steps are one call of the domain."""

    is_of_installation = True
    when_empty = gettext_lazy("No job was stopped. One that would touch too many rows waits here for two people.")
    list_display = ("as_of", "job", "state_name", "would_touch", "may_touch")
    list_filter = ("state",)
    ordering = ("-pk",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return mass_acts.MACHINE.may(cast(Account, request.user))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return mass_acts.MACHINE.may(cast(Account, request.user))

    def get_queryset(self, request: HttpRequest) -> QuerySet[MassAct]:
        return MassAct.objects.select_related("first_released_by", "released_by")

    @admin.display(description=gettext_lazy("job"), ordering="kind")
    def job(self, act: MassAct) -> str:
        return act.job

    @admin.display(description=gettext_lazy("State"))
    def state_name(self, act: MassAct) -> str:
        return act.get_state_display()

    @admin.display(description=gettext_lazy("rows it would touch"), ordering="counted")
    def would_touch(self, act: MassAct) -> str:
        return intcomma(act.counted)

    @admin.display(description=gettext_lazy("rows it may touch by itself"), ordering="allowed")
    def may_touch(self, act: MassAct) -> str:
        return intcomma(act.allowed)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One stopped job: what it would touch, its history, and the steps that are possible now."""
        if not self.has_view_permission(request) or not (object_id.isascii() and object_id.isdecimal()):
            raise Http404
        act = get_object_or_404(self.get_queryset(request), pk=object_id[:18])
        return self._step(request, act) if request.method == "POST" else self._show(request, act)

    def _show(self, request: HttpRequest, act: MassAct) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Stopped job"),
            "act": act,
            "clock_jumped": act.kind == clock.KIND,
            "can_release": act.state in (State.FROZEN, State.HALF_RELEASED),
            "released_it": act.first_released_by == request.user,
            "can_discard": mass_acts.MACHINE.can_move(act, to=State.DISCARDED),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=act)],
        }
        return render(request, "admin/identity/massact/act.html", shown)

    def _step(self, request: HttpRequest, act: MassAct) -> HttpResponse:
        """Say what the step does, then do it (C17)."""
        by, now, step = cast(Account, request.user), timezone.now(), request.POST.get("step", "")
        if step not in ("release", "discard"):
            raise Http404
        question, reason = _question(request, act, step), request.POST.get("reason", "").replace("\0", "")[:MAX_LENGTH]
        if _is_possible(request, act, step) and not asking.is_answered(request, question):
            return asking.page(request, self.admin_site, question, opts=self.opts)
        try:
            if step == "release":
                act = mass_acts.MACHINE.release(act, by=by, now=now)
            else:
                act = mass_acts.MACHINE.discard(act, by=by, reason=reason, now=now)
        except machine.ReasonMissing as refused:
            problem = refusals.words_of(refused, refusals.RELEASING)
            return asking.page(request, self.admin_site, question, opts=self.opts, problem=problem)
        except tuple(refusals.RELEASING) as refused:
            messages.error(request, refusals.words_of(refused, refusals.RELEASING))
        else:
            messages.success(request, _said(act))
        return redirect("admin:identity_massact_change", act.pk)


def _is_possible(request: HttpRequest, act: MassAct, step: str) -> bool:
    """Whether the domain will do it; else it says why not, and nothing is asked before."""
    if step == "discard":
        return mass_acts.MACHINE.can_move(act, to=State.DISCARDED)
    return act.state in (State.FROZEN, State.HALF_RELEASED) and act.first_released_by != request.user


def _question(request: HttpRequest, act: MassAct, step: str) -> asking.Question:
    """What a step does, and to how many."""
    clock_jumped, told = act.kind == clock.KIND, {"kind": act.job, "count": act.counted, "all": act.active}
    button = _("Discard it")
    if step == "discard":
        says = [_("Nothing is changed. The job looks again at its next run.")]
    else:
        button = _("The clock is right") if clock_jumped else _("Release this job")
        if clock_jumped:
            says = [_("The jobs that wait for the clock go on, as of the moment that it says now.")]
        else:
            says = [
                _("The job “%(kind)s” touches %(count)s of %(all)s rows. What it deletes does not come back.") % told
            ]
        if act.state == State.HALF_RELEASED and act.first_released_by != request.user:
            says += [_("You are the second of two: it is done at the job's next run.")]
        else:
            says += [_("You are the first of two: nothing happens before a second person has released it as well.")]
    return asking.Question(
        title=button,
        says=says,
        button=button,
        back=request.get_full_path(),
        is_bad=step == "discard",
        longest=MAX_LENGTH if step == "discard" else 0,
    )


def _said(act: MassAct) -> str:
    """What a press did."""
    if act.state == State.DISCARDED:
        return _("Discarded. Nothing was changed; the job looks again at its next run.")
    if act.state == State.RELEASED:
        return _("Released by two. It is done at the job's next run.")
    return _("Released by you. A second person has to do so as well; your colleagues are told by mail.")
