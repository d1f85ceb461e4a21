"""The operators' page of phases: when each portal's change-over begins and ends, and moving it (S0-09, C30)."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from identity.admin.records import ToLookAt
from identity.models import Account
from portals import registry
from portals.domain import phases
from portals.models import PhaseMove
from portals.spec import Phase, PortalSpec

NAMES = {
    Phase.PRE_REGISTRATION: gettext_lazy(
        "Pre-registration: the old log-in, and the button that ties the account to an ID"
    ),
    Phase.BOTH_WAYS: gettext_lazy("Both ways: the ID opens the portal, the old fields stand beside it"),
    Phase.ID_ONLY: gettext_lazy("ID only: the old fields are gone"),
}
FIRST_YEAR, LAST_YEAR = 2000, 2099  # a slip of the finger lies outside


class MoveForm(forms.Form):
    """Which phase begins when, and why. An empty moment means now."""

    which = forms.ChoiceField(label=gettext_lazy("Phase"))
    at = forms.DateTimeField(
        label=gettext_lazy("Begins (empty: now)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
    )
    reason = forms.CharField(
        label=pgettext_lazy("of a change", "Reason (the journal keeps it)"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise forms.ValidationError(_("Check the year."))
        return at

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (f"{portal.key}:{phase.value}", f"{portal.name}: {NAMES[phase]}")
            for portal in _changing()
            for phase, _day in portal.phases
        ]
        self.fields["which"].choices = choices  # type: ignore[attr-defined]


def _changing() -> list[PortalSpec]:
    return [portal for portal in registry.portals().values() if portal.phases]


@admin.register(PhaseMove)
class PhaseMoveAdmin(ToLookAt):
    """One page of our own."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return phases.may_move(cast(Account, request.user))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return phases.may_move(cast(Account, request.user))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """All phases with their moments, the moves so far, and the form."""
        if not self.has_view_permission(request):
            raise Http404
        form = MoveForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and _move(request, form):
            return redirect("admin:portals_phasemove_changelist")
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Phases"),
            "opts": self.opts,
            "portals": [_described(portal, now=timezone.now()) for portal in _changing()],
            "moves": [(row, NAMES[Phase(row.phase)]) for row in _last_moves()],
            "form": form,
        }
        return render(request, "admin/portals/phases.html", shown, status=422 if form.errors else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        raise Http404


def _last_moves() -> list[PhaseMove]:
    return list(PhaseMove.objects.select_related("by").order_by("-pk")[:50])


def _described(portal: PortalSpec, *, now: datetime) -> tuple[PortalSpec, list[tuple[Any, datetime, bool]]]:
    """A portal with its phases in the order in which they begin, and which one holds."""
    current = phases.of(portal, now=now)
    return portal, [(NAMES[phase], begins, phase == current) for phase, begins in phases.schedule(portal)]


def _move(request: HttpRequest, form: MoveForm) -> bool:
    now = timezone.now()
    key, _colon, phase = form.cleaned_data["which"].partition(":")
    try:
        phases.move(
            portal=registry.get(key),
            phase=Phase(phase),
            at=form.cleaned_data["at"] or now,
            reason=form.cleaned_data["reason"],
            by=cast(Account, request.user),
            now=now,
        )
    except phases.ReasonMissing:
        form.add_error("reason", _("Enter a reason: the journal keeps it."))
        return False
    messages.success(request, _("The phase is moved. The pages of the portal follow at once."))
    return True
