"""Steps around courses: one that is written and published, somebody whom it is for, and answers to it."""

from datetime import datetime, timedelta
from typing import Any

from identity.models import Account
from portals.inside.domain import attempts, course_texts, courses
from portals.models import Attempt, CourseVersion
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory
from tests.steps import grid

PRO = "optum-pro"
TEXTS: dict[str, Any] = {
    "title_en": "Hand hygiene", "title_es": "Higiene de manos",
    "summary_en": "When and how.", "summary_es": "Cuándo y cómo.",
    "pass_mark": 75, "valid_for": 365,
}  # fmt: skip
ONE = [("Yes", "Sí", True), ("No", "No", False), ("Perhaps", "Quizás", False)]
SEVERAL = [("Before", "Antes", True), ("After", "Después", True), ("Never", "Nunca", False)]


def staff() -> tuple[Account, Account]:
    return tuple(make_staff(name, "service desk", portals=(PRO,)) for name in ("course.one", "course.two"))


def choices(rows) -> list[dict[str, Any]]:
    return [{"en": en, "es": es, "is_right": right} for en, es, right in rows]


def written(by: Account, *, audience=(), lessons: int = 3, now: datetime = NOW, **texts) -> CourseVersion:
    """A proposed version with so many lessons, and a question about each; the last one has several right answers."""
    version = courses.begin(portal_key=PRO, texts=TEXTS | texts, audience=audience, by=by, now=now)
    for number in range(1, lessons + 1):
        add_lesson(version, by, number, now=now)
    version.refresh_from_db()
    return version


def add_lesson(version: CourseVersion, by: Account, number: int, *, now: datetime = NOW) -> None:
    version.refresh_from_db()
    lesson = course_texts.save_lesson(
        version=version, lesson=None, seen=version.version, by=by, now=now,
        texts={"title_en": f"Lesson {number}", "title_es": f"Lección {number}",
               "text_en": f"Text **{number}**.", "text_es": f"Texto **{number}**."},
    )  # fmt: skip
    last = number % 3 == 0
    course_texts.save_question(
        version=version, question=None, lesson=lesson, seen=version.version + 1, by=by, now=now,
        texts={"text_en": f"Question {number}?", "text_es": f"¿Pregunta {number}?"},
        choices=choices(SEVERAL if last else ONE), has_several=last,
    )  # fmt: skip


def published(*, audience=(), lessons: int = 3, pair=None, now: datetime = NOW, **texts) -> CourseVersion:
    first, second = pair or staff()
    version = written(first, audience=audience, lessons=lessons, now=now, **texts)
    return courses.publish(version=version, seen=version.version, by=second, now=now)


def next_version(version: CourseVersion, pair, *, now: datetime = NOW) -> CourseVersion:
    """A copy with one lesson more, published in its place."""
    first, second = pair
    copy = courses.copy(version=version, by=first, now=now)
    add_lesson(copy, first, copy.lessons.count() + 1, now=now)
    copy.refresh_from_db()
    return courses.publish(version=copy, seen=copy.version, by=second, now=now)


def learner(role: str = "front_office", market: str = "CO", **names) -> Account:
    account = AccountFactory(**names)
    grid.works_as(role, market=market, grant=GrantFactory(account=account, portal_key=PRO))
    return account


def right(version: CourseVersion, *, wrong: int = 0) -> dict[int, list[int]]:
    """Answers to every question, the first so many of them wrong."""
    return {
        question.pk: [2] if place < wrong else sorted(question.right)
        for place, question in enumerate(version.questions.all())
    }


def passed(version: CourseVersion, account: Account, *, now: datetime = NOW) -> Attempt:
    attempt = attempts.begin(version=version, by=account, now=now)
    return attempts.send(attempt=attempt, answers=right(version), by=account, now=now + timedelta(minutes=5))
