"""Provider Services' desk for hand-overs: what waits, standing in for a signature, and naming an administrator where
nobody is left, each after a call to the number on file (D-15)."""

from typing import Any, cast

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.domain import hand_overs as acts
from identity.admin.base import ReadOnlyAdmin, scope_of
from identity.admin.lists import KeysetAdmin
from identity.models import Account
from identity.policy import text
from identity.record import journal, machine
from portals import registry
from portals.spec import PortalSpec
from rbac.domain import approvals, hand_overs, memberships, practices
from rbac.models import HandOver, Practice

State = HandOver.State
BADGES = {State.DONE: "good", State.DECLINED: "bad", State.LAPSED: "bad"}
REFUSED: dict[type[Exception], Any] = {
    machine.ReasonMissing: gettext_lazy("Enter a reason: whom you called, and who said what."),
    hand_overs.NoNumberOnFile: gettext_lazy(
        "Nothing was changed: the practice has no number on file, or one that was written down a moment ago. It "
        "proves nothing. The way is an administrator request."
    ),
    hand_overs.NotOfThePractice: gettext_lazy(
        "Nothing was changed: choose a user of the practice who can sign in; of those named one has left."
    ),
    hand_overs.AskedAlready: gettext_lazy("Nothing was changed: a hand-over of this practice waits already."),
    machine.NotPossible: gettext_lazy("Nothing was changed: it is over, or somebody was quicker."),
}


class HandOverAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Each hand-over of the portals that they answer for; "add" names an administrator."""

    portal_path = "portal_key"
    is_for_deciders = True
    when_empty = gettext_lazy(
        "No practice was handed over yet. Administrators ask for it in the portal; where a practice has none, name "
        "one with “Add”."
    )
    list_display = ("practice", "state_badge", "from_account", "to_account", "asked_at", "confirmed_by", "ended_at")
    list_filter = ("state",)
    list_select_related = ("practice", "from_account", "to_account", "confirmed_by")
    ordering = ("-pk",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(_portals(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=gettext_lazy("State"))
    def state_badge(self, row: HandOver) -> SafeString:
        badge = BADGES.get(State(row.state), "wait")
        return format_html('<span class="badge badge--{}">{}</span>', badge, row.get_state_display())

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Name an administrator: the practice by its tax ID or its number, then one of its users and why."""
        portals = {portal.key: portal for portal in _portals(request)}
        if not portals:
            raise Http404
        asked = request.POST if request.method == "POST" else request.GET
        portal = portals.get(asked.get("portal", "")) or next(iter(portals.values()))
        number = asked.get("practice", "").replace("\0", "").strip()
        practice = practices.having(number)
        problem = _("No practice has this number.") if number and not practice else ""
        if request.method == "POST" and practice is not None:
            named, problem = _name(request, portal, practice)
            if named is not None:
                messages.success(request, _("The person is asked to sign, and every administrator is told by mail."))
                return redirect("admin:rbac_handover_change", named.pk)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Name an administrator"),
            "opts": self.opts,
            "portal": portal,
            "portals": list(portals.values()),
            "number": number,
            "practice": practice,
            "reason": request.POST.get("reason", ""),
            "chosen": request.POST.get("to", ""),
            "problem": problem,
            "longest": hand_overs.MAX_LENGTH,
            **_known(practice, portal),
        }
        return render(request, "admin/rbac/handover/name.html", shown, status=422 if problem else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One hand-over, who signed, and standing in for the signature that is missing."""
        row: HandOver = self.found_or_404(request, object_id)
        problem = _confirm(request, row) if request.method == "POST" else ""
        if request.method == "POST" and not problem:
            return redirect("admin:rbac_handover_change", row.pk)
        row.refresh_from_db()
        now = timezone.now()
        is_open = row.state in HandOver.OPEN and not hand_overs.is_over(row, now=now)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Hand-over of %(practice)s") % {"practice": row.practice},
            "opts": self.opts,
            "row": row,
            "portal": registry.get(row.portal_key),
            "badge": BADGES.get(State(row.state), "wait"),
            "practice": row.practice,
            "can_confirm": is_open and row.confirmed_by_id is None,
            "reason": request.POST.get("reason", ""),
            "problem": problem,
            "longest": hand_overs.MAX_LENGTH,
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=row)],
            "has_number": hand_overs.has_number_on_file(row.practice, now=now),
        }
        return render(request, "admin/rbac/handover/desk.html", shown, status=422 if problem else 200)


def _portals(request: HttpRequest) -> list[PortalSpec]:
    """The portals that they answer for and that work by practice."""
    return [portal for portal in registry.known(sorted(scope_of(request).portals)) if portal.has_administrators]


def _known(practice: Practice | None, portal: PortalSpec) -> dict[str, Any]:
    if practice is None:
        return {}
    now = timezone.now()
    where: dict[str, Any] = {"practice": practice, "portal_key": portal.key}
    return {
        "administrators": memberships.administrators(practice, now=now),
        "candidates": hand_overs.candidates(now=now, **where),
        "waiting": hand_overs.opened(now=now, **where),
        "has_number": hand_overs.has_number_on_file(practice, now=now),
    }


def _name(request: HttpRequest, portal: PortalSpec, practice: Practice) -> tuple[HandOver | None, Any]:
    chosen = request.POST.get("to", "")
    told: dict[str, Any] = {
        "to": int(chosen) if text.is_number(chosen) else 0,
        "reason": request.POST.get("reason", ""),
    }
    by, now = cast(Account, request.user), timezone.now()
    try:
        return hand_overs.name(practice=practice, portal_key=portal.key, by=by, now=now, **told), ""
    except approvals.MayNotDecide:
        raise Http404 from None
    except tuple(REFUSED) as refused:
        return None, REFUSED[type(refused)]


def _confirm(request: HttpRequest, row: HandOver) -> Any:
    by, now = cast(Account, request.user), timezone.now()
    try:
        acts.confirm(hand_over=row, reason=request.POST.get("reason", ""), by=by, now=now)
    except approvals.MayNotDecide:
        raise Http404 from None
    except tuple(REFUSED) as refused:
        return REFUSED[type(refused)]
    messages.success(request, _("Done. Both are told by mail, and every other administrator."))
    return ""
