"""The life of a course: a version is written and proposed by one person, published by another, retired by the next
version or by hand (S3-06). Readers get the version that is published; who began another one finishes that."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from identity.models import Account
from identity.record.machine import Machine
from portals import events, registry
from portals.inside.domain import audiences, handling
from portals.models import Course, CourseAudience, CourseVersion, Lesson
from portals.spec import PortalSpec
from rbac.capabilities import Capability
from rbac.domain.grid import Pair

State = CourseVersion.State
RIGHT = "portals.change_courses"
CAPABILITY = Capability.EDUCATION
PAGE = "portal_courses"
MAX_LENGTH = 400  # characters of a reason
COPIED = ("title_en", "title_es", "summary_en", "summary_es", "pass_mark", "valid_for")


class CourseVersionMachine(Machine[CourseVersion]):
    """The life of a version."""

    model = CourseVersion
    compared = ("version",)
    begins = frozenset({State.PROPOSED})
    transitions = {
        State.PROPOSED: frozenset({State.PUBLISHED, State.DISCARDED}),
        State.PUBLISHED: frozenset({State.RETIRED}),
        State.RETIRED: frozenset(),
        State.DISCARDED: frozenset(),
    }
    events = {
        State.PROPOSED: events.CourseVersionProposed,
        State.PUBLISHED: events.CourseVersionPublished,
        State.RETIRED: events.CourseVersionRetired,
        State.DISCARDED: events.CourseVersionDiscarded,
    }
    messages = {State.PROPOSED: None, State.PUBLISHED: None, State.RETIRED: None, State.DISCARDED: None}
    needs_reason = frozenset({State.RETIRED, State.DISCARDED})
    by_two = {State.PUBLISHED: "proposed_by"}

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        return {"published_by": by, "published_at": now} if to == State.PUBLISHED else {"ended_at": now}

    def facts(self, row: CourseVersion, *, reason: str) -> dict[str, Any]:
        return {"account": None, "reason": reason, **where(row)}


MACHINE = CourseVersionMachine()


class ProposedAlready(Exception):
    """Another version of this course is being written: it is published or discarded first."""


class FitsNobody(Exception):
    """Nobody works in such a role in such a market."""


class NotComplete(Exception):
    """A course has lessons, each with a title and a text in both languages, and questions about them; `lacks` are
    words for what is missing."""

    def __init__(self, lacks: str) -> None:
        super().__init__(lacks)
        self.lacks = lacks


def where(version: CourseVersion) -> dict[str, Any]:
    """What every event says of a version."""
    return {
        "portal_key": version.course.portal_key,
        "course": version.course_id,
        "number": version.number,
    }


def has_courses(portal: PortalSpec) -> bool:
    """Whether a tile of the portal leads to its courses."""
    return portal.tile_to(PAGE) is not None


def lock(version: CourseVersion) -> Course:
    """The course of a version, held for the caller's transaction: whoever changes anything of it takes this first."""
    return Course.objects.select_for_update().get(pk=version.course_id)


@transaction.atomic
def begin(
    *, portal_key: str, texts: dict[str, Any], audience: Collection[Pair], by: Account, now: datetime
) -> CourseVersion:
    """A new course, whose first version is to be written. `texts` are columns of COPIED; no audience is everybody to
    whom the grid opens the page. Raises staff_rights.MayNotHandle or FitsNobody."""
    handling.check_can_handle(by, RIGHT, portal_key=portal_key)
    check_reaches(portal_key, audience, now=now)
    course = Course.objects.create(portal_key=portal_key, created_at=now)
    version = CourseVersion.objects.create(
        course=course, number=1, created_at=now, proposed_by=by, proposed_at=now, **texts
    )
    write_audience(version, audience)
    MACHINE.tell(version, by=by, now=now)
    return version


def write_audience(version: CourseVersion, audience: Collection[Pair]) -> None:
    """The rows of whom a version is for, within the caller's transaction."""
    CourseAudience.objects.bulk_create(
        CourseAudience(version=version, role=role, market=market) for role, market in sorted(audience)
    )


def check_reaches(portal_key: str, audience: Collection[Pair], *, now: datetime) -> None:
    """Raise FitsNobody for an audience of which nobody is now."""
    if audience and not audiences.members(registry.get(portal_key), CAPABILITY, audience, now=now).exists():
        raise FitsNobody


@transaction.atomic
def copy(*, version: CourseVersion, by: Account, now: datetime) -> CourseVersion:
    """The next version: a copy of this one to be changed. What stands is read by everybody until it is published.
    Raises staff_rights.MayNotHandle or ProposedAlready."""
    course = lock(version)
    handling.check_can_handle(by, RIGHT, portal_key=course.portal_key)
    if course.versions.filter(state=State.PROPOSED).exists():
        raise ProposedAlready
    number = course.versions.aggregate(last=Max("number"))["last"] + 1
    texts = {name: getattr(version, name) for name in COPIED}
    made = CourseVersion.objects.create(
        course=course, number=number, created_at=now, proposed_by=by, proposed_at=now, **texts
    )
    _copy_parts(version, made)
    MACHINE.tell(made, by=by, now=now)
    return made


def _copy_parts(old: CourseVersion, new: CourseVersion) -> None:
    write_audience(new, [one.pair for one in old.audience.all()])
    lessons: dict[int, Lesson] = {}
    for lesson in old.lessons.all():
        before = lesson.pk
        lesson.pk, lesson.version, lesson._state.adding = None, new, True
        lesson.save()
        lessons[before] = lesson
    for question in old.questions.all():
        question.pk, question.version, question.lesson = None, new, lessons[question.lesson_id]
        question._state.adding = True
        question.save()


@transaction.atomic
def publish(*, version: CourseVersion, seen: int, by: Account, now: datetime) -> CourseVersion:
    """The second of two: readers get it at once, and the version before it is retired. `seen` is the version's own
    count of changes on the page that was read.

    Raises staff_rights.MayNotHandle, SamePerson, NotComplete, FitsNobody, NotPossible, or Stale: changed since.
    """
    course = lock(version)
    handling.check_can_handle(by, RIGHT, portal_key=course.portal_key)
    current = CourseVersion.objects.select_related("course").get(pk=version.pk)
    MACHINE.check_second(current, to=State.PUBLISHED, by=by)
    MACHINE.check_can_move(current, to=State.PUBLISHED, seen=seen)
    check_complete(current)
    check_reaches(course.portal_key, [one.pair for one in current.audience.all()], now=now)
    for old in course.versions.filter(state=State.PUBLISHED).select_related("course"):
        MACHINE.move(old, to=State.RETIRED, by=None, now=now, reason="the next version")
    return MACHINE.move(current, to=State.PUBLISHED, by=by, now=now, seen=seen)


def check_complete(version: CourseVersion) -> None:
    """Raise NotComplete for what cannot be read and answered in both languages."""
    lessons, questions = list(version.lessons.all()), list(version.questions.all())
    if not lessons:
        raise NotComplete(_("A course has at least one lesson."))
    if not questions:
        raise NotComplete(_("A course has at least one question."))
    named = [getattr(version, name) for name in COPIED[:4]]
    written = [text for one in lessons for text in (one.title_en, one.title_es, one.text_en, one.text_es)]
    asked = [text for one in questions for text in (one.text_en, one.text_es)]
    if not all(text.strip() for text in (*named, *written, *asked)):
        raise NotComplete(_("A text is missing in one of the two languages."))


@transaction.atomic
def retire(*, version: CourseVersion, reason: str, by: Account, now: datetime) -> CourseVersion:
    """Offer it to nobody any more; whoever began it may finish it. Raises staff_rights.MayNotHandle, ReasonMissing or
    NotPossible."""
    handling.check_can_handle(by, RIGHT, portal_key=lock(version).portal_key)
    return MACHINE.move(version, to=State.RETIRED, by=by, now=now, reason=reason[:MAX_LENGTH])


@transaction.atomic
def discard(*, version: CourseVersion, reason: str, by: Account, now: datetime) -> CourseVersion:
    """Give up what was never published. Raises staff_rights.MayNotHandle, ReasonMissing or NotPossible."""
    handling.check_can_handle(by, RIGHT, portal_key=lock(version).portal_key)
    return MACHINE.move(version, to=State.DISCARDED, by=by, now=now, reason=reason[:MAX_LENGTH])
