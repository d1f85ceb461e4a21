"""Who has passed which course, at the desk: a list with CSV, and a certificate that was not printed (S3-06)."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin.base import ReadOnlyAdmin, day
from identity.admin.lists import KeysetAdmin
from identity.models import Account
from identity.notices import ticket_numbers
from identity.record import journal
from portals import registry
from portals.inside.domain import certificates
from portals.legacy import reports
from portals.models import Certificate

RIGHT = "portals.view_certificates"
COLUMNS = ("number", "id", "first_name", "last_name", "portal", "course", "version", "score", "earned", "valid_until")


@admin.register(Certificate)
class CertificateAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Certificates of the portals that its reader answers for, newest first."""

    portal_path = "attempt__version__course__portal_key"
    people = ("attempt__account",)
    search_help_text = gettext_lazy("Name, ID, email address, phone, practice, tax ID or number of a certificate")
    when_empty = gettext_lazy(
        "Nobody has earned a certificate yet. Each one stands here once somebody passes a course."
    )
    list_display = (
        "number", "person", "course", "portal",
        day("passed_at", gettext_lazy("Earned")), day("valid_until", gettext_lazy("Valid until")),
    )  # fmt: skip
    list_select_related = ("attempt__account", "attempt__version__course")
    ordering = ("-pk",)
    change_list_template = "admin/portals/certificate/list.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_authenticated and request.user.has_perm(RIGHT)

    @admin.display(description=gettext_lazy("Person"))
    def person(self, certificate: Certificate) -> str:
        return str(certificate.attempt.account)

    @admin.display(description=gettext_lazy("Course"))
    def course(self, certificate: Certificate) -> str:
        return certificate.attempt.version.title

    @admin.display(description=gettext_lazy("Portal"))
    def portal(self, certificate: Certificate) -> str:
        return registry.name_of(certificate.attempt.version.course.portal_key)

    def also_found(self, typed: str) -> Iterable[Q]:
        """By its number, as it is read out."""
        return [Q(number__in=ticket_numbers.meant_by(typed, certificates.LETTER))]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export)
        return [path("export/", view, name="portals_certificate_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """All of them as a list; its cells are never formulas (policy: Always)."""
        if not self.has_view_permission(request):
            raise Http404
        rows = self.get_queryset(request).select_related(*self.list_select_related).order_by("pk")
        lines = reports.table(COLUMNS, _lines(rows))
        headers = {"Content-Disposition": 'attachment; filename="certificates.csv"'}
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One certificate; where its PDF could not be made, the button that tries it again."""
        certificate: Certificate = self.found_or_404(request, object_id)
        if request.method == "POST":
            if certificates.print_again(certificate=certificate, by=cast(Account, request.user), now=timezone.now()):
                messages.success(request, _("It is printed again."))
            return redirect("admin:portals_certificate_change", certificate.pk)
        shown = {
            **self.admin_site.each_context(request),
            "title": certificate.number,
            "opts": self.opts,
            "certificate": certificate,
            "attempt": certificate.attempt,
            "version": certificate.attempt.version,
            "is_valid": certificate.is_valid(now=timezone.now()),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=certificate)],
        }
        return render(request, "admin/portals/certificate/certificate.html", shown)


def _lines(rows: QuerySet[Certificate]) -> Iterator[list[object]]:
    for row in rows.iterator(chunk_size=500):
        account, version = row.attempt.account, row.attempt.version
        until = f"{timezone.localtime(row.valid_until):%Y-%m-%d}" if row.valid_until else ""
        yield [
            row.number, account.login_name, account.first_name, account.last_name, version.course.portal_key,
            version.title, version.number, row.attempt.score, f"{timezone.localtime(row.passed_at):%Y-%m-%d}", until,
        ]  # fmt: skip
