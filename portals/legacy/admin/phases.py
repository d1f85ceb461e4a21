"""The operators' page of phases: when each portal's change-over begins and ends, and moving it (S0-09, C30)."""

from datetime import datetime
from typing import Any, NamedTuple, cast

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.admin import asking
from identity.admin.base import ReadOnlyAdmin
from identity.models import Account
from identity.record import machine
from portals import registry
from portals.legacy import phases
from portals.legacy.forms.phases import MEANINGS, MEANINGS_IN_A_REALM, NAMES, MoveForm
from portals.models import PhaseMove
from portals.spec import Phase, PortalSpec


class Row(NamedTuple):
    """A phase on the page. `state` is "past", "current" or "to come"."""

    name: Any
    meaning: Any
    begins: datetime
    state: str


def _changing() -> list[PortalSpec]:
    return [portal for portal in registry.portals().values() if portal.phases]


@admin.register(PhaseMove)
class PhaseMoveAdmin(ReadOnlyAdmin):
    """One page of our own."""

    is_of_installation = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return phases.may_move(cast(Account, request.user))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return phases.may_move(cast(Account, request.user))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """All phases with their moments, the moves so far, and the form."""
        if not self.has_view_permission(request):
            raise Http404
        form = MoveForm(request.POST or None, portals=_changing())
        if request.method == "POST" and form.is_valid() and _keeps_order(form):
            question = _question(request, form)
            if not asking.is_answered(request, question):
                return asking.page(request, self.admin_site, question, opts=self.opts)
            if _move(request, form):
                return redirect("admin:portals_phasemove_changelist")
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Phases"),
            "opts": self.opts,
            "portals": [(portal, _rows(portal, now=timezone.now())) for portal in _changing()],
            "moves": [(row, _name_of(row.portal_key), NAMES[Phase(row.phase)]) for row in _last_moves()],
            "form": form,
        }
        return render(request, "admin/portals/phases.html", shown, status=422 if form.errors else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        raise Http404

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The page shows all moves."""
        raise Http404


def _last_moves() -> list[PhaseMove]:
    return list(PhaseMove.objects.select_related("by").order_by("-pk")[:50])


def _name_of(portal_key: str) -> str:
    """A portal's name; its key where no definition knows it any more."""
    portal = registry.portals().get(portal_key)
    return str(portal.name) if portal else portal_key


def _rows(portal: PortalSpec, *, now: datetime) -> list[Row]:
    """A portal's phases in the order in which they begin, and which one holds."""
    current = phases.for_portal(portal, now=now)
    meanings = MEANINGS if portal.links_old_accounts else MEANINGS_IN_A_REALM
    return [
        Row(
            NAMES[phase],
            meanings[phase],
            begins,
            "current" if phase == current else "past" if begins <= now else "to come",
        )
        for phase, begins in phases.schedule(portal)
    ]


def _chosen(form: MoveForm) -> tuple[PortalSpec, Phase, datetime | None]:
    """The portal, its phase, and when it is to begin; nothing means now."""
    key, _colon, phase = form.cleaned_data["which"].partition(":")
    return registry.get(key), Phase(phase), form.cleaned_data["at"]


def _keeps_order(form: MoveForm) -> bool:
    portal, phase, at = _chosen(form)
    try:
        phases.check_order(portal=portal, phase=phase, at=at or timezone.now())
    except phases.OutOfOrder as refused:
        form.add_error("at", _in_words(refused, moved=phase))
        return False
    return True


def _question(request: HttpRequest, form: MoveForm) -> asking.Question:
    """What a move changes, and for whom (C17)."""
    portal, phase, at = _chosen(form)
    meanings = MEANINGS if portal.links_old_accounts else MEANINGS_IN_A_REALM
    told = {
        "phase": NAMES[phase],
        "portal": portal.name,
        "meaning": meanings[phase],
        "at": date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else "",
    }
    says = (
        _("“%(phase)s” of %(portal)s begins on %(at)s: %(meaning)s.")
        if at
        else _("“%(phase)s” of %(portal)s begins now: %(meaning)s.")
    )
    return asking.Question(
        title=_("Move a phase"),
        says=[says % told, _("It holds for everybody who uses this portal. It is taken back by moving it again.")],
        button=_("Move"),
        back=request.get_full_path(),
    )


def _move(request: HttpRequest, form: MoveForm) -> bool:
    now = timezone.now()
    portal, phase, at = _chosen(form)
    try:
        phases.move(
            portal=portal,
            phase=phase,
            at=at or now,
            reason=form.cleaned_data["reason"],
            by=cast(Account, request.user),
            now=now,
        )
    except machine.ReasonMissing:
        form.add_error("reason", _("Enter a reason: the journal keeps it."))
        return False
    except phases.OutOfOrder as refused:
        form.add_error("at", _in_words(refused, moved=phase))
        return False
    messages.success(request, _("The phase is moved. The pages of the portal follow at once."))
    return True


def _in_words(refused: phases.OutOfOrder, *, moved: Phase) -> str:
    begins = date_format(timezone.localtime(refused.begins), "DATETIME_FORMAT")
    told = {"other": NAMES[refused.other], "begins": begins}
    if phases.ORDER.index(refused.other) < phases.ORDER.index(moved):
        words = _(
            "It has to begin after “%(other)s”, which begins on %(begins)s. Move that one first, or choose later."
        )
    else:
        words = _(
            "It has to begin before “%(other)s”, which begins on %(begins)s. Move that one first, or choose earlier."
        )
    return words % told
