"""Education and Training at the desk: a course as it will be read, whom it reaches, and who takes its next step
(S3-06)."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from identity.accounts import staff_rights
from identity.admin import asking
from identity.admin.base import ReadOnlyAdmin, day, scope_of
from identity.models import Account
from identity.policy import text
from identity.record import journal, machine
from portals import registry
from portals.inside.admin import course_parts
from portals.inside.domain import audiences, courses, handling, markdown
from portals.models import CourseVersion

SHOWN = 50  # entries of a history
State = CourseVersion.State
STEPS = ("publish", "retire", "discard", "copy")
REFUSED: dict[type[Exception], Any] = {
    machine.ReasonMissing: gettext_lazy("Enter a reason: the journal keeps it."),
    machine.SamePerson: gettext_lazy("You wrote the last change: another person publishes it."),
    machine.Stale: gettext_lazy("Somebody has changed it since you opened the page. Look at it once more."),
    machine.NotPossible: gettext_lazy("This is no longer possible: somebody was quicker."),
    staff_rights.MayNotHandle: gettext_lazy("You may not handle the courses of this portal."),
    courses.ProposedAlready: gettext_lazy("The next version is being written already: publish or discard that one."),
    courses.FitsNobody: gettext_lazy("Nobody has such a role in such a market any more: change whom it is for."),
}


@admin.register(CourseVersion)
class CourseVersionAdmin(ReadOnlyAdmin):
    """The versions of courses of the portals that its reader answers for, newest first; a row opens its page."""

    portal_path = "course__portal_key"
    when_empty = gettext_lazy("No course is there yet. Write the first one with “Add”; a colleague publishes it.")
    list_display = (
        "shown_title", "number", "portal", "state", "pass_mark", "proposed_by",
        day("published_at", gettext_lazy("Published")),
    )  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("course", "proposed_by")
    sortable_by = ()
    ordering = ("-pk",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_authenticated and handling.can_handle(request.user, courses.RIGHT)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and bool(handling.within(scope_of(request), page=courses.PAGE))

    @admin.display(description=gettext_lazy("Course"))
    def shown_title(self, version: CourseVersion) -> str:
        return version.title

    @admin.display(description=gettext_lazy("Portal"))
    def portal(self, version: CourseVersion) -> str:
        return registry.name_of(version.course.portal_key)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CourseVersion]:
        rows: QuerySet[CourseVersion] = super().get_queryset(request)
        return rows.select_related("course", "proposed_by", "published_by")

    def get_urls(self) -> list[URLPattern]:
        """With the pages on which it is written."""
        pages = {
            "<path:object_id>/texts/": (course_parts.texts, "texts"),
            "<path:object_id>/lessons/<slug:which>/": (course_parts.lesson, "lesson"),
            "<path:object_id>/questions/<slug:which>/": (course_parts.question, "question"),
            "<path:object_id>/parts/": (course_parts.arrange, "parts"),
        }
        own = [
            path(route, self.admin_site.admin_view(self._page(view)), name=f"portals_courseversion_{name}")
            for route, (view, name) in pages.items()
        ]
        return [*own, *super().get_urls()]

    def _page(self, view: Any) -> Any:
        def shown(request: HttpRequest, object_id: str, **named: str) -> HttpResponse:
            return cast(HttpResponse, view(self, request, self.found_or_404(request, object_id), **named))

        return shown

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new course: what it is called, and whom it is for. Its lessons and questions come next."""
        if not self.has_add_permission(request):
            raise Http404
        return course_parts.new(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A version as it is read, whom it reaches, and its next step."""
        version: CourseVersion = self.found_or_404(request, object_id)
        problem: Any = ""
        if request.method == "POST":
            if request.POST.get("step") == "publish" and version.state == State.PROPOSED:
                question = _question(version)
                if not asking.is_answered(request, question):
                    return asking.page(request, self.admin_site, question, opts=self.opts)
            problem, led = _step(request, version)
            if led is not None:
                return redirect("admin:portals_courseversion_change", led.pk)
        shown = {
            **self.admin_site.each_context(request),
            "title": str(version),
            "opts": self.opts,
            "version": version,
            "portal_name": registry.name_of(version.course.portal_key),
            "is_proposed": version.state == State.PROPOSED,
            "is_published": version.state == State.PUBLISHED,
            "is_own": version.proposed_by_id == request.user.pk,
            "audience": audiences.labels(version.audience.all()),
            "people": _people(version),
            "lessons": list(version.lessons.all()),
            "questions": list(version.questions.select_related("lesson")),
            "languages": _read_in(version),
            "passed": version.attempts.filter(state="passed").count(),
            "reason": text.line(request.POST.get("reason", "")),
            "longest": courses.MAX_LENGTH,
            "problem": problem,
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=version)[:SHOWN]],
        }
        return render(request, "admin/portals/courseversion/version.html", shown, status=422 if problem else 200)


def _read_in(version: CourseVersion) -> list[dict[str, Any]]:
    """The version in each language, as readers get it."""
    found = []
    for code, name in settings.LANGUAGES:
        with translation.override(code):
            lessons = [(one, one.title, markdown.html(one.text)) for one in version.lessons.all()]
            questions = [
                (one, one.text, [(words, place in one.right) for place, words in one.options])
                for one in version.questions.all()
            ]
            texts = {"title": version.title, "summary": version.summary}
        found.append(
            {"code": code, "name": translation.gettext(name), "lessons": lessons, "questions": questions, **texts}
        )
    return found


def _people(version: CourseVersion) -> int:
    """How many people find it now."""
    portal = registry.portals().get(version.course.portal_key)
    if portal is None:
        return 0
    pairs = [one.pair for one in version.audience.all()]
    rows = audiences.members(portal, courses.CAPABILITY, pairs, now=timezone.now())
    return rows.order_by().values("grant").distinct().count()


def _question(version: CourseVersion) -> asking.Question:
    """What publishing does, to how many."""
    people = _people(version)
    said = ngettext("%(count)s person finds it at once.", "%(count)s people find it at once.", people)
    before = version.course.versions.filter(state=State.PUBLISHED).first()
    retired = _("It takes the place of version %(number)s; whoever has begun that one finishes it.")
    return asking.Question(
        title=_("Publish “%(title)s”") % {"title": version.title},
        says=[
            said % {"count": people},
            *([retired % {"number": before.number}] if before else []),
            _("What is published never changes: a new version is a copy of it."),
        ],
        button=_("Publish it"),
        back=f"../../{version.pk}/change/",
    )


def _step(request: HttpRequest, version: CourseVersion) -> tuple[Any, CourseVersion | None]:
    """Take the step, say so, and answer where it leads; or what is in the way."""
    by, now = cast(Account, request.user), timezone.now()
    step, reason = request.POST.get("step"), text.line(request.POST.get("reason", ""))
    if step not in STEPS:
        raise Http404
    try:
        if step == "publish":
            courses.publish(version=version, seen=course_parts.seen(request), by=by, now=now)
            messages.success(request, _("Published."))
        elif step == "retire":
            courses.retire(version=version, reason=reason, by=by, now=now)
            messages.success(request, _("Retired. Whoever has begun it may finish it."))
        elif step == "discard":
            courses.discard(version=version, reason=reason, by=by, now=now)
            messages.success(request, _("Discarded."))
        else:
            version = courses.copy(version=version, by=by, now=now)
            messages.success(
                request, _("This is the next version, to be changed. Until then everybody reads the old one.")
            )
    except courses.NotComplete as refused:
        return refused.lacks, None
    except tuple(REFUSED) as refused:
        return next(words for kind, words in REFUSED.items() if isinstance(refused, kind)), None
    return "", version
