"""The clinicians whom people of a portal may choose: added by NPI, corrected, taken off the list, by the staff who
answer for such a portal (S2-21, D-28)."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.domain import clinician_search, clinicians
from enrollment.forms.clinicians import ChangedClinicianForm, DetailsForm, NewClinicianForm
from enrollment.models import Clinician
from identity.admin.base import ReadOnlyAdmin, day, scope_of
from identity.admin.lists import KeysetAdmin
from identity.models import Account
from identity.record import journal
from identity.tenancy import Scope

SHOWN = 50  # entries of a history


class ClinicianAdmin(KeysetAdmin, ReadOnlyAdmin):
    """The list is Django's by key, "add" and a row are pages of ours."""

    list_display = ("name", "npi", "practice", "is_active", day("created_at", gettext_lazy("Added")))
    list_filter = ("is_active",)
    list_select_related = ("practice",)
    search_fields = ("npi",)  # where there are any, the list has a search box
    search_help_text = gettext_lazy("Words of the name, or the whole NPI")
    ordering = ("-pk",)

    def within(self, rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
        """All of them, for whoever answers for a portal that asks for clinicians."""
        return rows if clinicians.kept_by(sorted(scope.portals)) else rows.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(clinicians.kept_by(sorted(scope_of(request).portals)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """As the picker finds them."""
        typed = clinician_search.read(search_term)
        return (queryset.filter(pk__in=clinician_search.named(typed).values("pk")) if typed else queryset), False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Add one by NPI."""
        if not self.has_add_permission(request):
            raise Http404
        form = NewClinicianForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                row = clinicians.add(**form.cleaned_data, by=cast(Account, request.user), now=timezone.now())
            except clinicians.KnownAlready as known:
                form.add_error("npi", _("%(name)s has this NPI already.") % {"name": known.clinician.name})
            else:
                messages.success(
                    request, _("%(name)s was added: people may choose this clinician.") % {"name": row.name}
                )
                return redirect("admin:enrollment_clinician_changelist")
        return self._show(request, form, title=_("Add a clinician"), button=_("Add"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What is said of one, who works with them, and what was done."""
        row: Clinician = self.found_or_404(request, object_id)
        said = {"name": row.name, "practice": str(row.practice_id or ""), "is_active": row.is_active}
        form = ChangedClinicianForm(request.POST if request.method == "POST" else None, initial=said)
        if request.method == "POST" and form.is_valid():
            by, now = cast(Account, request.user), timezone.now()
            if clinicians.change(clinician=row, **form.cleaned_data, by=by, now=now):
                messages.success(request, _("What is said of %(name)s was changed.") % {"name": row.name})
            else:
                messages.info(request, _("Nothing was to be changed."))
            return redirect("admin:enrollment_clinician_change", row.pk)
        shown = {
            "row": row,
            "aligned": clinicians.count_of(row),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=row)[:SHOWN]],
        }
        return self._show(request, form, title=row.name, button=_("Save"), **shown)

    def _show(self, request: HttpRequest, form: DetailsForm, **shown: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, **shown}
        status = 422 if form.errors else 200
        return render(request, "admin/enrollment/clinician/desk.html", context, status=status)
