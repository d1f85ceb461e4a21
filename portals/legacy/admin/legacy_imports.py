"""Old accounts in the admin site: lists to check and import, and how far each import is."""

from collections.abc import Collection
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from identity.admin import asking
from identity.admin.base import ReadOnlyAdmin, scope_of
from identity.files import doors
from identity.models import Account
from identity.record import journal, machine
from identity.sessions import idle
from identity.sign_in import step_up
from identity.tenancy import Scope
from portals import registry
from portals.legacy import cut_over, legacy_imports, lines, links, reports, rows, wrapping
from portals.legacy.admin import cut_over as pages
from portals.models import LegacyImport, LegacyImportRow

State, Outcome = LegacyImport.State, LegacyImportRow.Outcome
BADGES = {State.DONE: "good", State.REFUSED: "bad"}
A_PAGE = 100


class UploadForm(forms.Form):
    """A list, and whose it is."""

    source = forms.ChoiceField(label=gettext_lazy("Old system"))
    file = forms.FileField(label=gettext_lazy("List (CSV)"), max_length=200)

    def __init__(self, *args: Any, sources: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        portals = [(key, registry.of_source(key)) for key in sources]
        choices = [(key, portal.legacy.name) for key, portal in portals if portal.legacy]
        self.fields["source"].choices = choices  # type: ignore[attr-defined]


def describe(found: LegacyImport) -> tuple[LegacyImport, Any, str, int]:
    """An import with the name of its state, the colour of its badge, and how far it is in percent."""
    state = State(found.state)
    return found, state.label, BADGES.get(state, "wait"), 100 * found.read // max(found.size, 1)


@admin.register(LegacyImport)
class LegacyImportAdmin(ReadOnlyAdmin):
    """Pages of our own; each step is one call of the domain."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return legacy_imports.may_import(cast(Account, request.user))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LegacyImport]:
        return self.within(LegacyImport.objects.select_related("by").order_by("-pk"), scope_of(request))

    def within(self, rows: QuerySet[LegacyImport], scope: Scope) -> QuerySet[LegacyImport]:
        """Of the sources whose old accounts come over to the scope's portals."""
        return rows if scope.is_all else rows.filter(source__in=links.sources_of(scope.portals))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/progress.json", idle.is_poll(view(self.progress)), name="portals_legacyimport_progress"),
            path("<int:pk>/report.csv", view(self.report), name="portals_legacyimport_report"),
            path("cut-over/<slug:source>/", view(self.cut_over), name="portals_cut_over"),
            path("cut-over/<slug:source>/stuck.csv", view(self.stuck), name="portals_cut_over_stuck"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The sources with how far they are, and the last imports."""
        self._check(request)
        sources = {key: registry.with_old_accounts()[key] for key in _sources(request)}
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Old accounts"),
            "sources": [(portal, cut_over.standing(key)) for key, portal in sources.items()],
            "to_wrap": wrapping.left(),
            "imports": [describe(found) for found in self.get_queryset(request)[:30]],
        }
        return render(request, "admin/portals/legacyimport/overview.html", shown)

    @doors.takes_file(legacy_imports.LARGEST, of_staff=True)
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form for a new list, after a fresh proof: a list gives access (policy: session)."""
        self._check(request)
        return never_cache(step_up.needs_fresh(self._add))(request)

    def _add(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST or None, request.FILES or None, sources=_sources(request))
        found = self._receive(request, form) if request.method == "POST" and form.is_valid() else None
        if found:
            return redirect("admin:portals_legacyimport_change", found.pk)
        shown = {**self.admin_site.each_context(request), "title": _("Check a new list"), "form": form}
        page = "admin/portals/legacyimport/upload.html"
        return render(request, page, shown, status=422 if form.errors else 200)

    def _receive(self, request: HttpRequest, form: UploadForm) -> LegacyImport | None:
        """Keep the list; or say in the form what is in the way."""
        file = form.cleaned_data["file"]
        try:
            return legacy_imports.receive(
                source_key=form.cleaned_data["source"],
                file_name=file.name,
                blocks=file.chunks(legacy_imports.BLOCK),
                by=cast(Account, request.user),
                now=timezone.now(),
            )
        except legacy_imports.AnotherIsOpen:
            form.add_error("source", _("Another list of this old system is under way. Finish it or stop it first."))
        except lines.FileRefused as refused:
            form.add_error("file", f"{file.name}: {lines.problem_text(refused.kept)}")
        except legacy_imports.TooLarge:
            form.add_error("file", _("The list is too large. Use the command import_legacy on the server."))
        return None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One import: how far it is, what became of each row, and the steps that are possible now."""
        self._check(request)
        found: LegacyImport = self.found_or_404(request, object_id)
        if request.method == "POST":
            return self._step(request, found)
        counts = legacy_imports.counts_of(found)
        chosen = request.GET.get("outcome", Outcome.REFUSED)
        after = request.GET.get("after", "")
        listed = found.rows.filter(outcome=chosen, line__gt=int(after) if after.isdecimal() and len(after) < 10 else 0)
        told = list(listed.order_by("line")[: A_PAGE + 1])
        _found, state_name, badge, percent = describe(found)
        shown = {
            **self.admin_site.each_context(request),
            "title": str(found),
            "found": found,
            "state_name": state_name,
            "badge": badge,
            "percent": percent,
            "at_work": found.state in LegacyImport.AT_WORK,
            "uploaded_it": found.by_id == request.user.pk,
            "can_start": legacy_imports.MACHINE.can_move(found, to=State.STORING),
            "can_stop": legacy_imports.MACHINE.can_move(found, to=State.DISCARDED),
            "problem": lines.problem_text(found.problem),
            "outcomes": [(key, Outcome(key).label, count) for key, count in counts.items()],
            "chosen": chosen,
            "rows": [(row, rows.reason_text(row.reason, row.detail)) for row in told[:A_PAGE]],
            "next": told[A_PAGE - 1].line if len(told) > A_PAGE else None,
            "begun_after": after,
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=found)],
        }
        return render(request, "admin/portals/legacyimport/import.html", shown)

    def _step(self, request: HttpRequest, found: LegacyImport) -> HttpResponse:
        """Say what the step does (C17), then start it, after a fresh proof, or stop it."""
        steps = {"start": step_up.needs_fresh(self._start), "stop": self._stop}
        if request.POST.get("step") not in steps:
            raise Http404
        question = _question(request, found, request.POST["step"])
        if question and not asking.is_answered(request, question):
            return asking.page(request, self.admin_site, question, opts=self.opts)
        try:
            return steps[request.POST["step"]](request, found)
        except machine.NotPossible:
            messages.error(request, _("Nothing was changed: a colleague was quicker."))
        except machine.SamePerson:
            messages.error(request, _("You uploaded this list: a colleague has to store it."))
        return redirect("admin:portals_legacyimport_change", found.pk)

    def _start(self, request: HttpRequest, found: LegacyImport) -> HttpResponse:
        legacy_imports.start(found=found, by=cast(Account, request.user), now=timezone.now())
        messages.success(request, _("The list is being stored."))
        return redirect("admin:portals_legacyimport_change", found.pk)

    def _stop(self, request: HttpRequest, found: LegacyImport) -> HttpResponse:
        legacy_imports.stop(found=found, by=cast(Account, request.user), now=timezone.now())
        messages.success(request, _("The import was stopped. What was stored before stays."))
        return redirect("admin:portals_legacyimport_change", found.pk)

    def report(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """What became of every row, as CSV."""
        self._check(request)
        found = get_object_or_404(self.get_queryset(request), pk=pk)
        told = found.rows.order_by("line").values_list("line", "login_name", "outcome", "reason", "detail")
        table = ((line, name, what, rows.reason_text(why, detail)) for line, name, what, why, detail in told.iterator())
        return pages.download(reports.table(reports.COLUMNS, table), name=f"import-{found.pk}.csv")

    def progress(self, request: HttpRequest, pk: int) -> JsonResponse:
        """How far it is, for the script that shows it; the page is shown anew when the work is done."""
        self._check(request)
        found = get_object_or_404(self.get_queryset(request), pk=pk)
        at_work = found.state in LegacyImport.AT_WORK
        return JsonResponse({"state": "waiting" if at_work else "done", "percent": describe(found)[3]})

    def cut_over(self, request: HttpRequest, source: str) -> HttpResponse:
        """How the cut-over of a source goes, and a rehearsal of the day."""
        self._check(request, source)
        return pages.page(request, source, context=self.admin_site.each_context(request))

    def stuck(self, request: HttpRequest, source: str) -> StreamingHttpResponse:
        """Everybody who would be stuck on a day, as CSV."""
        self._check(request, source)
        return pages.stuck(request, source)

    def _check(self, request: HttpRequest, source: str = "") -> None:
        """Without the right these pages do not exist, nor those of other people's sources."""
        if not self.has_view_permission(request) or (source and source not in _sources(request)):
            raise Http404


def _sources(request: HttpRequest) -> list[str]:
    """The old systems whose accounts this member of staff sees (D-28)."""
    scope = scope_of(request)
    return list(registry.with_old_accounts()) if scope.is_all else links.sources_of(scope.portals)


def _question(request: HttpRequest, found: LegacyImport, step: str) -> asking.Question | None:
    """What storing or stopping a list does, and to how many; nothing is asked where the domain refuses the step."""
    to = State.STORING if step == "start" else State.DISCARDED
    if not legacy_imports.MACHINE.can_move(found, to=to) or (step == "start" and found.by_id == request.user.pk):
        return None
    if step == "start":
        portal = registry.with_old_accounts().get(found.source)
        told = {"system": portal.legacy.name if portal and portal.legacy else found.source}
        return asking.Question(
            title=_("Store this list"),
            says=[
                _("Every row that is not refused is kept as an old account of %(system)s, with the rights of its line.")
                % told,
                _("What is stored is not taken back here: another list can replace it."),
            ],
            people=[f"{Outcome(key).label}: {count}" for key, count in legacy_imports.counts_of(found).items()],
            button=_("Store this list"),
            back=request.get_full_path(),
        )
    says = [_("The list is forgotten and cannot be started again: it has to be uploaded anew.")]
    besides = [_("Lines stored until this press stay as they are, now %(count)s.") % {"count": found.stored}]
    if found.state != State.STORING:
        says, besides = [*says, _("Nothing of it was stored: nobody's old account changes.")], []
    return asking.Question(
        title=_("Stop, and forget the list"),
        says=says,
        besides=besides,  # while it is at work the number moves
        button=_("Stop, and forget the list"),
        back=request.get_full_path(),
        is_bad=True,
    )
