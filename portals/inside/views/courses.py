"""Education and Training behind a portal's door: the courses that are for the reader, and their lessons (S3-06)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.factors.forms.codes import wait_text
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import layout, portal_page
from portals.inside.domain import attempts, course_standings, courses, markdown
from portals.inside.domain.course_standings import Standing
from portals.inside.views.answering import practices
from portals.models import Attempt, CourseVersion

SHOWN = 20  # attempts of one person at one course


def show(request: PortalRequest, template: str, **context: object) -> HttpResponse:
    """A page of the courses, in the portal's layout."""
    shown = {"portal": request.portal, "layout": layout(request.portal, is_inside=True), **context}
    return render(request, f"portals/courses/{template}.html", shown)


def standing_or_404(request: PortalRequest, course: int) -> Standing:
    """Where the reader stands with a course: one that is not for them and a missing one are the same 404."""
    found = course_standings.standings(
        portal_key=request.portal.key,
        account=request.user,
        memberships=request.memberships,
        now=timezone.now(),
        course=course,
    )
    if not found:
        raise Http404
    return found[0]


@portal_page(methods="read", capability=courses.CAPABILITY)
def course_list(request: PortalRequest) -> HttpResponse:
    """The courses that are for the reader, and where they stand with each."""
    found = course_standings.standings(
        portal_key=request.portal.key, account=request.user, memberships=request.memberships, now=timezone.now()
    )
    return show(request, "list", standings=found, practices=practices(request))


@portal_page(methods="read", capability=courses.CAPABILITY)
def course(request: PortalRequest, course: int) -> HttpResponse:
    """One course: its lessons, what is asked, and what the reader does next."""
    standing = standing_or_404(request, course)
    own = Attempt.objects.of(request.user).filter(version__course=course).select_related("version", "certificate")
    context = {
        "lessons": list(standing.version.lessons.defer("text_en", "text_es")),
        "asked": standing.version.questions.count(),
        "tries": own.order_by("-pk")[:SHOWN],
    }
    return show(request, "course", standing=standing, version=standing.version, **context)


@portal_page(methods="read", capability=courses.CAPABILITY)
def lesson(request: PortalRequest, course: int, number: int, lesson: int) -> HttpResponse:
    """A lesson of the version that is read now; of an older one the way to the new one."""
    standing = standing_or_404(request, course)
    if standing.version.number != number or not (standing.is_offered or standing.attempt):
        return changed(request, standing)
    lessons = {one.number: one for one in standing.version.lessons.all()}
    if lesson not in lessons:
        raise Http404
    return show(
        request,
        "lesson",
        standing=standing,
        version=standing.version,
        lesson=lessons[lesson],
        text=markdown.html(lessons[lesson].text),
        before=lessons.get(lesson - 1),
        following=lessons.get(lesson + 1),
        last=len(lessons),
    )


@portal_page(methods="button", capability=courses.CAPABILITY)
def begin(request: PortalRequest, course: int, number: int) -> HttpResponse:
    """Begin the questions of the version that was read, or go on with them: pressed twice is once."""
    standing = standing_or_404(request, course)
    version = get_object_or_404(CourseVersion, course=course, number=number)
    if standing.attempt is None and not (standing.is_offered and standing.version == version):
        return changed(request, standing)
    try:
        attempt = attempts.begin(version=version, by=request.user, now=timezone.now())
    except attempts.NotOffered:
        return changed(request, standing)
    except attempts.HasCertificate:
        messages.info(request, _("You have passed this course already: your certificate counts."))
        return redirect("portal_course", request.portal.key, course)
    except attempts.TooManyFailed as refused:
        told = _("You have tried the questions of this course several times. Read its lessons again first.")
        messages.warning(request, f"{told} {wait_text(refused.wait)}")
        return redirect("portal_course", request.portal.key, course)
    return redirect("portal_attempt", request.portal.key, attempt.pk)


def changed(request: PortalRequest, standing: Standing) -> HttpResponse:
    """To the course as it is now, and why."""
    told = (
        _("This course has changed since you opened the page. Read the lessons of the new version.")
        if standing.is_offered
        else _("This course is not offered any more.")
    )
    messages.warning(request, told)
    return redirect("portal_course", request.portal.key, standing.version.course_id)
