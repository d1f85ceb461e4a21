"""The service desk's mandates: what waits and what holds, agreeing after a call where a practice has nobody who could,
and ending (S3-10)."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin.base import ReadOnlyAdmin, day, scope_of
from identity.admin.lists import KeysetAdmin
from identity.models import Account
from identity.record import journal, machine
from portals import registry
from rbac.domain import approvals, mandate_people, mandates
from rbac.models import Mandate, Membership

State = Mandate.State
BADGES = {State.AGREED: "good", State.DECLINED: "bad", State.LAPSED: "bad", State.ENDED: "bad"}
ACTS = {"agree": mandates.agree_for, "end": mandates.end_for}
REFUSED: dict[type[Exception], Any] = {
    machine.ReasonMissing: gettext_lazy("Enter a reason: whom you called, and who said what."),
    mandates.SomebodyThere: gettext_lazy("Nothing was changed: the practice has people who can agree themselves."),
    machine.NotPossible: gettext_lazy("Nothing was changed: it is over, or somebody was quicker."),
}


class WorkFilter(admin.SimpleListFilter):
    """What there is to do: where nobody of the practice could agree, the desk calls and does."""

    title = gettext_lazy("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("call", gettext_lazy("To agree to after a call"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mandate]) -> QuerySet[Mandate]:
        return queryset.filter(mandates.for_desk(now=timezone.now())) if self.value() else queryset


class MandateAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Each mandate of the portals that they answer for."""

    portal_path = "portal_key"
    is_for_deciders = True
    when_empty = gettext_lazy(
        "No vendor has asked yet to work for a practice. A vendor asks in the portal, or by its registration; here "
        "you agree after a call where a practice has nobody who could."
    )
    list_display = ("vendor", "practice", "state_badge", day("asked_at", gettext_lazy("Asked")), "agreed_by", "ends_on")
    list_filter = (WorkFilter, "state")
    list_select_related = ("vendor", "practice", "agreed_by")
    ordering = ("-pk",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        own = registry.known(sorted(scope_of(request).portals))
        return any(mandate_people.are_possible(portal.key) for portal in own)

    @admin.display(description=gettext_lazy("State"))
    def state_badge(self, row: Mandate) -> SafeString:
        badge = BADGES.get(State(row.state), "wait")
        return format_html('<span class="badge badge--{}">{}</span>', badge, row.get_state_display())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One mandate, who could agree to it, who works under it, and the two acts of the desk."""
        row: Mandate = self.found_or_404(request, object_id)
        problem = _act(request, row) if request.method == "POST" else ""
        if request.method == "POST" and not problem:
            return redirect("admin:rbac_mandate_change", row.pk)
        row.refresh_from_db()
        now = timezone.now()
        is_open = mandates.is_open(row, now=now)
        there = mandate_people.signers(row.practice, portal_key=row.portal_key, now=now)
        signers = [one.grant.account for one in there.select_related("grant__account").order_by("pk")]
        under = Membership.objects.open_at(now).filter(mandate=row).select_related("grant__account").order_by("pk")
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Mandate of %(vendor)s for %(practice)s") % {"vendor": row.vendor, "practice": row.practice},
            "opts": self.opts,
            "row": row,
            "portal": registry.get(row.portal_key),
            "badge": BADGES.get(State(row.state), "wait"),
            "signers": signers,
            "under": under,
            "can_agree": is_open and row.state == State.ASKED and not signers,
            "can_end": row.state == State.AGREED,
            "reason": request.POST.get("reason", ""),
            "problem": problem,
            "longest": mandates.MAX_LENGTH,
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=row)],
        }
        return render(request, "admin/rbac/mandate/desk.html", shown, status=422 if problem else 200)


def _act(request: HttpRequest, row: Mandate) -> Any:
    act = next((act for name, act in ACTS.items() if name in request.POST), None)
    if act is None:
        return REFUSED[machine.NotPossible]
    by, now = cast(Account, request.user), timezone.now()
    try:
        act(mandate=row, reason=request.POST.get("reason", ""), by=by, now=now)
    except approvals.MayNotDecide:
        raise Http404 from None
    except tuple(REFUSED) as refused:
        return REFUSED[type(refused)]
    messages.success(request, _("Done. Both sides are told by mail."))
    return ""
