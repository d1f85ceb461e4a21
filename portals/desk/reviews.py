"""Reviews of the users of practices, for those who answer for the portal to read: what was asked, and what was said."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin.base import ReadOnlyAdmin
from identity.admin.lists import KeysetAdmin
from identity.record import journal
from portals import registry
from portals.desk.grant_filters import portals_of
from rbac.domain import review_lines
from rbac.models import Review

State = Review.State
BADGES = {State.ANSWERED: "good", State.UNANSWERED: "bad"}


@admin.register(Review)
class ReviewAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Nobody answers in the place of a practice: its administrators do, or silence lets rest."""

    portal_path = "portal_key"
    is_for_deciders = True
    when_empty = gettext_lazy(
        "No review was opened yet. One opens by itself for each practice once a year, and its administrators answer it."
    )
    list_display = ("practice", "state_badge", "opened_at", "due_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("practice",)
    ordering = ("-pk",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(portal.has_administrators for portal in registry.known(sorted(portals_of(request))))

    @admin.display(description=gettext_lazy("State"))
    def state_badge(self, row: Review) -> SafeString:
        return format_html('<span class="badge badge--{}">{}</span>', _badge(row), row.get_state_display())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One review with everybody whom it asks about."""
        if request.method not in ("GET", "HEAD"):
            raise Http404
        row: Review = self.found_or_404(request, object_id)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Review of %(practice)s") % {"practice": row.practice},
            "opts": self.opts,
            "row": row,
            "portal": registry.get(row.portal_key),
            "badge": _badge(row),
            "said": review_lines.said(row),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=row)],
        }
        return render(request, "admin/rbac/review/desk.html", shown)


def _badge(row: Review) -> str:
    return BADGES.get(State(row.state), "wait")
