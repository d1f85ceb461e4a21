"""What the demo has of Education and Training in Optum Pro: two courses in both languages, a certificate that ends
soon, one that was just earned, answers that are under way, and a next version that waits for its publisher."""

from datetime import datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any

from config.demo import course_id_safe, course_referral

if TYPE_CHECKING:
    from identity.models import Account

PORTAL = "optum-pro"
WRITER, PUBLISHER = "desk.one", "desk.two"
COURSES = ((course_id_safe, 380), (course_referral, 2))  # published so many days ago
# Who passed "Keeping your ID safe" how many days ago: it is valid for 365.
PASSED = (("pia.stone", 350), ("ben.ortiz", 12))
UNDER_WAY = "pia.stone"  # in "Reading a referral that came back"


def seed(accounts: dict[str, "Account"], now: datetime) -> None:
    """Make all of it by the same calls as the pages do."""
    from portals.inside.domain import attempts, courses

    writer, publisher = accounts[WRITER], accounts[PUBLISHER]
    first, second = [_published(course, writer, publisher, now - timedelta(days=ago)) for course, ago in COURSES]
    for name, ago in PASSED:
        _pass(first, accounts[name], now - timedelta(days=ago))
    begun = attempts.begin(version=second, by=accounts[UNDER_WAY], now=now)
    attempts.keep(attempt=begun, answers=dict([_right(second)[0]]), now=now)
    courses.copy(version=second, by=writer, now=now)


def _published(course: ModuleType, writer: "Account", publisher: "Account", now: datetime) -> Any:
    from portals.inside.domain import courses

    version = _written(course, writer, now)
    return courses.publish(version=version, seen=version.version, by=publisher, now=now)


def _written(course: ModuleType, writer: "Account", now: datetime) -> Any:
    from portals.inside.domain import audiences, course_texts, courses

    audience = audiences.pairs_of(roles=course.AUDIENCE, markets=())
    version = courses.begin(portal_key=PORTAL, texts=course.TEXTS, audience=audience, by=writer, now=now)
    seen, lessons = version.version, []
    for title_en, text_en, title_es, text_es in course.LESSONS:
        texts = {"title_en": title_en, "text_en": text_en, "title_es": title_es, "text_es": text_es}
        lessons.append(
            course_texts.save_lesson(version=version, lesson=None, texts=texts, seen=seen, by=writer, now=now)
        )
        seen += 1
    for number, text_en, text_es, has_several, choices in course.QUESTIONS:
        course_texts.save_question(
            version=version, question=None, lesson=lessons[number - 1], seen=seen, by=writer, now=now,
            texts={"text_en": text_en, "text_es": text_es}, has_several=has_several,
            choices=[{"en": en, "es": es, "is_right": is_right} for en, es, is_right in choices],
        )  # fmt: skip
        seen += 1
    version.refresh_from_db()
    return version


def _pass(version: Any, account: "Account", now: datetime) -> None:
    from portals.inside.domain import attempts

    begun = attempts.begin(version=version, by=account, now=now)
    attempts.send(attempt=begun, answers=dict(_right(version)), by=account, now=now)


def _right(version: Any) -> list[tuple[int, list[int]]]:
    return [(question.pk, sorted(question.right)) for question in version.questions.all()]
