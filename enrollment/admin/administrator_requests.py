"""Provider Services' desk for administrator requests: the queue by due time, and one request beside what is known.

Every look-up is limited to the portals that the member of staff decides for (C29); the rest does not exist for them.
"""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accessforms.forms.fields import read_as
from enrollment.admin import administrator_steps as steps
from enrollment.domain import administrator_decisions, administrator_requests, invitation_links
from enrollment.models import AdministratorRequest, Invitation, RequestState
from identity.admin.base import ReadOnlyAdmin, scope_of
from identity.admin.lists import KeysetAdmin
from identity.models import Account
from identity.notices import ticket_numbers
from identity.record import delivery, journal
from portals import registry

State = RequestState
BADGES = {State.APPROVED: "good", State.DENIED: "bad", State.RETURNED: "bad", State.EXPIRED: "bad"}
STATES = {
    "decide": [State.SUBMITTED],
    "open": [State.SUBMITTED, State.RETURNED],
    "done": [State.APPROVED, State.DENIED, State.WITHDRAWN, State.EXPIRED],
    "all": list(State),
}
LABELS = {"decide": gettext_lazy("To decide"), "open": gettext_lazy("Open"), "done": gettext_lazy("Decided")}


class WorkFilter(admin.SimpleListFilter):
    """What there is to do now comes first; whoever searches looks in all states."""

    title = gettext_lazy("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*LABELS.items(), ("all", gettext_lazy("All"))]

    def value(self) -> str:
        chosen = super().value()
        return str(chosen) if chosen in STATES else ("all" if self.is_looking else "decide")

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.is_looking = bool(request.GET.get("q", "").strip())
        super().__init__(request, *args, **kwargs)

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Without Django's own "All", which would mean whatever the queue shows by itself."""
        _all, *choices = super().choices(changelist)
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state__in=STATES[self.value()])


class AdministratorRequestAdmin(KeysetAdmin, ReadOnlyAdmin):
    """The queue. A row opens the desk; what nobody has proved is not there."""

    portal_path = "portal_key"
    is_for_deciders = True
    when_empty = gettext_lazy("No administrator request waits. The filter “All” shows those that are decided.")
    list_display = ("number", "practice_name", "state_badge", "due", "submitted_at", "holder")
    list_filter = (WorkFilter,)
    list_select_related = ("claimed_by",)
    search_fields = ("number",)
    search_help_text = gettext_lazy("Number of the request")
    ordering = ("due_at",)  # what is due first comes first

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).exclude(state=State.UNPROVED)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The number as it was read out, with or without its letter and its dashes."""
        if not search_term.strip():
            return queryset, False
        numbers = ticket_numbers.meant_by(search_term, administrator_requests.LETTER)
        return queryset.filter(number__in=numbers), False

    # --- rights: seen by whoever decides for a portal; added, changed and deleted by nobody -------------------------
    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(portal.has_administrators for portal in registry.known(sorted(scope_of(request).portals)))

    # --- columns ------------------------------------------------------------------------------------------------------
    @admin.display(description=gettext_lazy("State"))
    def state_badge(self, row: AdministratorRequest) -> SafeString:
        badge = BADGES.get(State(row.state), "wait")
        return format_html('<span class="badge badge--{}">{}</span>', badge, row.get_state_display())

    @admin.display(description=gettext_lazy("due at"), ordering="due_at")
    def due(self, row: AdministratorRequest) -> Any:
        """Until when it is decided, or corrected; nothing where nobody waits."""
        return row.due_at if row.state in administrator_requests.WAITS else None

    @admin.display(description=gettext_lazy("taken by"))
    def holder(self, row: AdministratorRequest) -> str:
        held = row.claimed_by if row.is_held(now=timezone.now()) else None
        return held.get_full_name() if held else "–"

    # --- the desk -----------------------------------------------------------------------------------------------------
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One request, what is known of its practice, its invitations, and the steps that are possible now."""
        row: AdministratorRequest = self.found_or_404(request, object_id)
        problem = steps.take_step(request, row) if request.method == "POST" else ""
        if request.method == "POST" and not problem:
            return redirect("admin:enrollment_administratorrequest_change", row.pk)
        return self._show(request, self.found_or_404(request, object_id), problem=problem)

    def _show(self, request: HttpRequest, row: AdministratorRequest, *, problem: str) -> HttpResponse:
        by, now = cast(Account, request.user), timezone.now()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Administrator request %(number)s") % {"number": row.number},
            "opts": self.opts,
            "row": row,
            "portal": registry.get(row.portal_key),
            "tin": read_as({"digits": row.tin, "kind": row.tin_kind}),  # whole: staff look it up
            "badge": BADGES.get(State(row.state), "wait"),
            "known": administrator_decisions.known_of(row, now=now) if row.state == State.SUBMITTED else None,
            "is_late": row.state == State.SUBMITTED and now >= row.due_at,
            "held": row.is_held(now=now, by=by),
            "mine": row.claimed_by_id == by.pk and row.is_held(now=now),
            "invitations": list(_shown(administrator_decisions.invitations_of(row))),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=row)],
            "typed": request.POST.get("reason", "").replace("\0", ""),
            "typed_email": request.POST.get("email", ""),
            "asked_of": request.POST.get("invitation", ""),
            "problem": problem,
        }
        return render(
            request, "admin/enrollment/administratorrequest/desk.html", context, status=422 if problem else 200
        )


def _shown(found: Iterable[Invitation]) -> Iterator[dict[str, Any]]:
    """Each invitation, where it stands, and whether its mail came back."""
    now, rows = timezone.now(), list(found)
    stopped = delivery.stopped([row.email for row in rows])
    for row in rows:
        standing = invitation_links.standing(row, now=now)
        yield {
            "row": row,
            "state": steps.STANDINGS[standing],
            "is_pending": standing in steps.PENDING,
            "is_over": standing == invitation_links.Standing.LAPSED,
            "ends_at": invitation_links.ends_at(row),
            "cause": stopped.get(row.email, ""),
        }
