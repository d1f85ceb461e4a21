"""Writing a version of a course while it is proposed: its own texts, its lessons, its questions. Whoever wrote last
is the one who proposes it, and another person publishes (S3-06)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from identity.models import Account
from identity.record import journal
from identity.record.machine import Stale
from portals import events
from portals.inside.domain import courses, handling
from portals.models import CourseVersion, Lesson, Question
from portals.models.courses import Published
from portals.models.lessons import Part
from rbac.domain.grid import Pair

FEWEST_CHOICES, MOST_CHOICES = 2, 6
MOST_LESSONS, MOST_QUESTIONS = 30, 60
type Choice = dict[str, Any]  # {"en", "es", "is_right"}


class Unanswerable(Exception):
    """Two choices at least, each in both languages, and one of them is right; several only where that is said."""


class TooMany(Exception):
    """More lessons or questions than a course has room for."""


@transaction.atomic
def change(
    *, version: CourseVersion, texts: dict[str, Any], audience: Collection[Pair], seen: int, by: Account, now: datetime
) -> CourseVersion:
    """Other texts, pass mark or length: columns of courses.COPIED; and whom it is for. Raises
    staff_rights.MayNotHandle, Published, Stale or FitsNobody."""
    edited = _edit(version, seen=seen, by=by, now=now)
    courses.check_reaches(edited.course.portal_key, audience, now=now)
    edited.audience.all().delete()
    courses.write_audience(edited, audience)
    for name in courses.COPIED:
        setattr(edited, name, texts[name])
    edited.save(update_fields=list(courses.COPIED))
    return edited


@transaction.atomic
def save_lesson(
    *, version: CourseVersion, lesson: Lesson | None, texts: dict[str, str], seen: int, by: Account, now: datetime
) -> Lesson:
    """A new last lesson, or other texts of one. Raises staff_rights.MayNotHandle, Published, Stale or TooMany."""
    edited = _edit(version, seen=seen, by=by, now=now)
    saved = lesson or Lesson(version=edited, number=_next(edited.lessons.count(), MOST_LESSONS))
    for name, text in texts.items():
        setattr(saved, name, text)
    saved.save()
    return saved


@transaction.atomic
def save_question(
    *,
    version: CourseVersion,
    question: Question | None,
    lesson: Lesson,
    texts: dict[str, str],
    choices: Sequence[Choice],
    has_several: bool,
    seen: int,
    by: Account,
    now: datetime,
) -> Question:
    """A new last question about a lesson, or another wording of one. Raises staff_rights.MayNotHandle, Published,
    Stale, TooMany or Unanswerable."""
    edited = _edit(version, seen=seen, by=by, now=now)
    check_answerable(choices, has_several=has_several)
    saved = question or Question(version=edited, number=_next(edited.questions.count(), MOST_QUESTIONS))
    saved.lesson = edited.lessons.get(pk=lesson.pk)
    saved.choices, saved.has_several = list(choices), has_several
    for name, text in texts.items():
        setattr(saved, name, text)
    saved.save()
    return saved


def check_answerable(choices: Sequence[Choice], *, has_several: bool) -> None:
    """Raise Unanswerable for choices of which nobody could choose rightly."""
    right = sum(bool(one["is_right"]) for one in choices)
    written = all(one["en"].strip() and one["es"].strip() for one in choices)
    fits = FEWEST_CHOICES <= len(choices) <= MOST_CHOICES
    if not fits or not written or right < 1 or (right > 1 and not has_several):
        raise Unanswerable


@transaction.atomic
def remove(*, version: CourseVersion, part: Part, seen: int, by: Account, now: datetime) -> None:
    """Take out a question, or a lesson with the questions about it. Raises staff_rights.MayNotHandle, Published or
    Stale."""
    edited = _edit(version, seen=seen, by=by, now=now)
    part.delete()
    _number(list(edited.lessons.all()))
    _number(list(edited.questions.all()))


@transaction.atomic
def move_up(*, version: CourseVersion, part: Part, seen: int, by: Account, now: datetime) -> None:
    """Let a lesson or a question change places with the one before it; the first one stays. Raises
    staff_rights.MayNotHandle, Published or Stale."""
    edited = _edit(version, seen=seen, by=by, now=now)
    rows: list[Any] = list((edited.lessons if isinstance(part, Lesson) else edited.questions).all())
    place = next(place for place, row in enumerate(rows) if row.pk == part.pk)
    if place:
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
        rows[place].number = 0  # out of the way of the one that comes here
        rows[place].save(update_fields=["number"])
        _number(rows)


def _number(rows: Sequence[Any]) -> None:
    """In their order from 1 on: each place is free by the time that it is taken."""
    for number, row in enumerate(rows, start=1):
        if row.number != number:
            row.number = number
            row.save(update_fields=["number"])


def _next(count: int, most: int) -> int:
    if count >= most:
        raise TooMany
    return count + 1


def _edit(version: CourseVersion, *, seen: int, by: Account, now: datetime) -> CourseVersion:
    """Hold the version for one change of it, which its author proposes: after its course, as a publisher does."""
    courses.lock(version)
    current = CourseVersion.objects.select_related("course").get(pk=version.pk)
    handling.check_can_handle(by, courses.RIGHT, portal_key=current.course.portal_key)
    if current.state != CourseVersion.State.PROPOSED:
        raise Published
    if current.version != seen:
        raise Stale(current)
    CourseVersion.objects.filter(pk=current.pk).update(version=F("version") + 1, proposed_by=by, proposed_at=now)
    current.version, current.proposed_by, current.proposed_at = seen + 1, by, now
    journal.record(events.CourseVersionChanged(account=None, by=by, about=current, **courses.where(current)), now=now)
    return current
