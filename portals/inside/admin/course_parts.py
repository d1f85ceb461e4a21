"""The desk's pages on which a course is written: its own texts, a lesson, a question, their order (S3-06)."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.accounts import staff_rights
from identity.admin.base import scope_of
from identity.models import Account
from identity.policy import text
from identity.record.machine import Stale
from portals.inside.domain import course_texts, courses, handling
from portals.inside.forms.course_texts import LessonForm, PartForm, QuestionForm, VersionForm
from portals.models import CourseVersion
from portals.models.courses import Published
from portals.models.lessons import Part

NEW = "new"  # in an address, in the place of a number
type Admin = ModelAdmin[CourseVersion]


def seen(request: HttpRequest) -> int:
    """The count of changes that the sent page was made of; of anything else one that no version has."""
    typed = request.POST.get("seen", "")
    return int(typed) if text.is_number(typed) else -1


def new(site: Admin, request: HttpRequest) -> HttpResponse:
    """A new course."""
    by = cast(Account, request.user)
    form = VersionForm(request.POST or None, portals=handling.within(scope_of(request), page=courses.PAGE))
    if request.method == "POST" and form.is_valid():
        try:
            version = courses.begin(
                portal_key=form.chosen_portal.key,
                texts=form.columns(),
                audience=form.audience(),
                by=by,
                now=timezone.now(),
            )
        except courses.FitsNobody:
            form.refuse_audience()
        except staff_rights.MayNotHandle:
            raise Http404 from None
        else:
            messages.success(request, _("Now write its lessons, and questions about them."))
            return redirect("admin:portals_courseversion_change", version.pk)
    return _written(site, request, form, None, _("Write a course"))


def texts(site: Admin, request: HttpRequest, version: CourseVersion) -> HttpResponse:
    """What the version says of itself, and whom it is for."""
    form = VersionForm(request.POST or None, initial=VersionForm.of(version) | {"seen": version.version})
    if request.method == "POST" and form.is_valid():

        def save(**by: Any) -> None:
            course_texts.change(version=version, texts=form.columns(), audience=form.audience(), **by)

        if _saved(request, form, save):
            return redirect("admin:portals_courseversion_change", version.pk)
    return _written(site, request, form, version, _("Title, summary, pass mark and audience"))


def lesson(site: Admin, request: HttpRequest, version: CourseVersion, which: str) -> HttpResponse:
    """One lesson, or a new one."""
    found = _part_or_404(version.lessons, which)
    begun = LessonForm.of(found) if found else {}
    form = LessonForm(request.POST or None, initial=begun | {"seen": version.version})
    if request.method == "POST" and form.is_valid():

        def save(**by: Any) -> None:
            course_texts.save_lesson(version=version, lesson=found, texts=form.texts(), **by)

        if _saved(request, form, save):
            return redirect("admin:portals_courseversion_change", version.pk)
    title = _("Lesson %(number)s") % {"number": found.number} if found else _("A new lesson")
    return _written(site, request, form, version, title)


def question(site: Admin, request: HttpRequest, version: CourseVersion, which: str) -> HttpResponse:
    """One question, or a new one."""
    if not version.lessons.exists():
        messages.warning(request, _("Write a lesson first: each question is about one."))
        return redirect("admin:portals_courseversion_change", version.pk)
    found = _part_or_404(version.questions, which)
    begun = QuestionForm.of(found) if found else {}
    form = QuestionForm(request.POST or None, version=version, initial=begun | {"seen": version.version})
    if request.method == "POST" and form.is_valid():

        def save(**by: Any) -> None:
            course_texts.save_question(
                version=version,
                question=found,
                lesson=form.cleaned_data["lesson"],
                texts=form.texts(),
                choices=form.choices(),
                has_several=form.cleaned_data["has_several"],
                **by,
            )

        if _saved(request, form, save):
            return redirect("admin:portals_courseversion_change", version.pk)
    title = _("Question %(number)s") % {"number": found.number} if found else _("A new question")
    return _written(site, request, form, version, title)


def arrange(site: Admin, request: HttpRequest, version: CourseVersion) -> HttpResponse:
    """Move a part up, or take it out: buttons of the version's page."""
    if request.method != "POST":
        return redirect("admin:portals_courseversion_change", version.pk)
    kind, _dash, number = request.POST.get("part", "").partition("-")
    rows = {"lesson": version.lessons, "question": version.questions}.get(kind)
    part = rows.filter(number=int(number)).first() if rows is not None and text.is_number(number) else None
    act = {"up": course_texts.move_up, "out": course_texts.remove}.get(request.POST.get("do", ""))
    try:
        if part is None or act is None:
            raise Stale(version)
        act(version=version, part=part, seen=seen(request), by=cast(Account, request.user), now=timezone.now())
    except (Published, Stale):
        messages.error(request, _("Somebody has changed it since you opened the page. Nothing was done."))
    except staff_rights.MayNotHandle:
        raise Http404 from None
    return redirect("admin:portals_courseversion_change", version.pk)


def _part_or_404(rows: Any, which: str) -> Any:
    """The part of this number; None where a new one is to be written."""
    if which == NEW:
        return None
    found: Part | None = rows.filter(number=int(which)).first() if text.is_number(which) else None
    if found is None:
        raise Http404
    return found


def _saved(request: HttpRequest, form: PartForm, save: Any) -> bool:
    """Whether it is stored; else the form says why not."""
    try:
        save(seen=seen(request), by=cast(Account, request.user), now=timezone.now())
    except courses.FitsNobody:
        assert isinstance(form, VersionForm)
        form.refuse_audience()
    except Published:
        form.add_error(None, _("This version is published: it never changes. Make a new version of it."))
    except Stale:
        form.add_error(None, _("Somebody has changed it since you opened the page. Open it anew, and write it again."))
    except course_texts.TooMany:
        form.add_error(None, _("A course has no room for more of them."))
    except staff_rights.MayNotHandle:
        raise Http404 from None
    else:
        messages.success(request, _("Saved. Another person publishes it; nobody reads it yet."))
        return True
    return False


def _written(
    site: Admin, request: HttpRequest, form: PartForm, version: CourseVersion | None, title: str
) -> HttpResponse:
    shown = {
        **site.admin_site.each_context(request),
        "title": title,
        "opts": site.opts,
        "form": form,
        "version": version,
        "is_frozen": version is not None and version.state != CourseVersion.State.PROPOSED,
    }
    return render(request, "admin/portals/courseversion/write.html", shown, status=422 if form.errors else 200)
