"""Who of one's practice has passed which course, for whoever answers for its people (S3-06)."""

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from portals.inside.domain import course_reports, courses
from portals.inside.views.answering import practice_or_404
from portals.inside.views.courses import show
from portals.legacy import reports
from portals.models import CourseVersion
from rbac.models import Practice
from rbac.models.memberships import MembershipQuerySet

ON_A_PAGE = 50
COLUMNS = ("first_name", "last_name", "email", "role", "market", "passed", "valid_until")


@portal_page(methods="read", capability=courses.CAPABILITY)
def practice_courses(request: PortalRequest, practice: int) -> HttpResponse:
    """How a practice stands with the courses that are for its people."""
    office = practice_or_404(request, practice)
    lines = course_reports.of_practice(office, portal=request.portal, now=timezone.now())
    return show(request, "practice", practice=office, lines=lines)


@portal_page(methods="read", capability=courses.CAPABILITY)
def report(request: PortalRequest, practice: int, course: int) -> HttpResponse:
    """Who of a practice has passed one course, and until when it counts."""
    office, version, rows = _reported(request, practice, course)
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    return show(request, "report", practice=office, version=version, page=page, now=timezone.now())


@portal_page(methods="read", capability=courses.CAPABILITY)
def export(request: PortalRequest, practice: int, course: int) -> HttpResponse:
    """The same people as a list; its cells are never formulas (policy: Always)."""
    _office, version, rows = _reported(request, practice, course)
    headers = {"Content-Disposition": f'attachment; filename="course-{version.course_id}.csv"'}
    content = "".join(reports.table(COLUMNS, _lines(rows)))
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def _reported(request: PortalRequest, practice: int, course: int) -> tuple[Practice, CourseVersion, MembershipQuerySet]:
    """A published course that is for somebody of the practice, whether it is for the reader or not."""
    office = practice_or_404(request, practice)
    published = CourseVersion.objects.in_portal(request.portal.key).published().prefetch_related("audience")
    version = get_object_or_404(published, course=course)
    rows = course_reports.people(version, portal=request.portal, practice=office, now=timezone.now())
    if not rows.exists():
        raise Http404
    return office, version, rows


def _lines(rows: MembershipQuerySet) -> Iterator[list[object]]:
    for row in rows:
        days = [f"{timezone.localtime(at):%Y-%m-%d}" if at else "" for at in (row.passed_at, row.valid_until)]  # type: ignore[attr-defined]
        yield [*row.person_names, row.person_email, row.role_label, row.market_label, *days]
