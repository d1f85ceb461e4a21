"""The clinicians whom people of a portal may choose: added by NPI, corrected, taken off the list, by the staff who
answer for such a portal (S2-21, D-28)."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.domain import clinician_search, clinicians, people_lists
from enrollment.domain.people_lists import Row
from enrollment.forms.clinicians import ChangedClinicianForm, NewClinicianForm, listed_clinician
from enrollment.forms.people import ListForm
from enrollment.models import Clinician
from identity.admin.base import ReadOnlyAdmin, day, scope_of
from identity.admin.lists import KeysetAdmin
from identity.factors.forms.base import PageForm
from identity.files import doors
from identity.models import Account
from identity.record import journal
from identity.tenancy import Scope
from portals.legacy import lines
from portals.legacy.lines import Columns
from portals.legacy.rows import reason_text

SHOWN = 50  # entries of a history
PAGE = "admin/enrollment/clinician/desk.html"
COLUMNS = Columns(required=("npi", "name"), optional=("practice",))


class ClinicianAdmin(KeysetAdmin, ReadOnlyAdmin):
    """The list is Django's by key, "add" and a row are pages of ours."""

    when_empty = gettext_lazy("No clinician is listed yet. Add one, or a whole table of them.")
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
        shown: dict[str, Any] = {
            "row": row,
            "aligned": clinicians.count_of(row),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=row)[:SHOWN]],
        }
        return self._show(request, form, title=row.name, button=_("Save"), **shown)

    def get_urls(self) -> list[URLPattern]:
        view = doors.takes_file(people_lists.MAX_BYTES, of_staff=True)(self.admin_site.admin_view(self.list_view))
        return [path("list/", view, name="enrollment_clinician_list"), *super().get_urls()]

    def list_view(self, request: HttpRequest) -> HttpResponse:
        """Add those of a list: a pasted table, or a file."""
        if not self.has_add_permission(request):
            raise Http404
        form = ListForm(request.POST if request.method == "POST" else None, request.FILES or None)
        shown: dict[str, Any] = {"columns": COLUMNS, "most": people_lists.MAX_ROWS}
        if request.method == "POST" and form.is_valid():
            try:
                rows = people_lists.parse(form.content(), columns=COLUMNS)
            except lines.FileRefused as refused:
                form.add_error(form.source(), lines.problem_text(refused.kept))
            except people_lists.TooManyRows:
                form.add_error(form.source(), _("A list has at most %(most)s rows.") % {"most": people_lists.MAX_ROWS})
            else:
                shown["listed"] = _added(rows, by=cast(Account, request.user))
        page = "admin/enrollment/clinician/list.html"
        return self._show(request, form, page, title=_("Add clinicians from a list"), **shown)

    def _show(self, request: HttpRequest, form: PageForm, page: str = PAGE, **shown: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, **shown}
        status = 422 if form.errors else 200
        return render(request, page, context, status=status)


def _added(rows: Sequence[Row], *, by: Account) -> list[tuple[int, list[tuple[Any, str]], bool]]:
    """Each line with what is wrong with it, or whether it is new."""
    read = [listed_clinician(row.cells) for row in rows]
    good = [typed for row, (typed, _problems) in zip(rows, read, strict=True) if typed and not row.reason]
    new = iter(clinicians.add_all(listed=good, by=by, now=timezone.now()))
    told = []
    for row, (typed, problems) in zip(rows, read, strict=True):
        wrong = [("", reason_text(row.reason, row.detail))] if row.reason else problems
        told.append((row.line, wrong, typed is not None and not row.reason and next(new)))
    return told
