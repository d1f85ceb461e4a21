"""Merges of two IDs for the service desk: what changed, and the button that takes it back."""

from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin.base import ReadOnlyAdmin
from identity.merging import merges
from identity.models import Account, Merge
from identity.record import journal
from identity.views.merge_failures import REASONS


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin):
    """Seen by whoever may undo merges."""

    when_empty = gettext_lazy(
        "Nobody has made one ID of two yet. People do it under “My Profile”; here it can be undone."
    )
    list_display = ("at", "absorbed", "survivor", "undone_at", "undone_by")
    list_filter = (("undone_at", admin.EmptyFieldListFilter),)
    list_select_related = ("absorbed", "survivor", "undone_by")
    people = ("absorbed", "survivor")
    realm_path = "survivor__realm"  # two of one realm
    search_help_text = gettext_lazy("Name, ID, email address, phone, practice, tax ID or old username")
    ordering = ("-at",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_authenticated and merges.may_undo(request.user)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One merge: both IDs, how many rows of what changed, its history, and its undo while there is time."""
        merge = self.found_or_404(request, object_id)
        problem = self._undo(request, merge) if request.method == "POST" else ""
        if request.method == "POST" and not problem:
            return redirect("admin:identity_merge_change", merge.pk)
        models = [change["model"] for change in merge.changes]
        shown = {
            **self.admin_site.each_context(request),
            "title": str(merge),
            "opts": self.opts,
            "merge": merge,
            "changed": sorted((model, models.count(model)) for model in set(models)),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=merge)],
            "refused": _refused(merge),
            "problem": problem,
        }
        return render(request, "admin/identity/merge/desk.html", shown, status=422 if problem else 200)

    def _undo(self, request: HttpRequest, merge: Merge) -> str:
        """Separate the two again and say so; or say what is in the way."""
        if "sure" not in request.POST:
            return _("Tick the box first: the two IDs are separated at once.")
        try:
            merges.undo(merge=merge, by=cast(Account, request.user), now=timezone.now())
        except merges.MergeRefused as refused:
            messages.error(request, str(REASONS[refused.reason]) + " " + _("Nothing was changed."))
        else:
            messages.success(request, _("The two IDs are separated again. Both are told."))
        return ""


def _refused(merge: Merge) -> str:
    """Why it cannot be undone, or nothing."""
    try:
        merges.check_can_undo(merge, now=timezone.now())
    except merges.MergeRefused as refused:
        return str(REASONS[refused.reason])
    return ""
