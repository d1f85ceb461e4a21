"""Attempts at the questions of a course: begun once, kept, sent once, or over after a day (S3-06)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from identity.jobs import mass_acts
from identity.models import Account
from identity.policy import lifecycle
from identity.record.machine import Machine, NotPossible
from portals import events
from portals.inside.domain import certificates, courses
from portals.models import Attempt, CourseVersion, Lesson, Question

State = Attempt.State
MOST_FAILED = 5  # of one person at one course, within `attempt_again`
type Answers = Mapping[int, Collection[int]]  # chosen places by the question's key


class AttemptMachine(Machine[Attempt]):
    """The life of an attempt."""

    model = Attempt
    begins = frozenset({State.OPEN})
    transitions = {
        State.OPEN: frozenset({State.PASSED, State.FAILED}),
        State.PASSED: frozenset(),
        State.FAILED: frozenset(),
    }
    events = {State.OPEN: events.CourseBegun, State.PASSED: events.CoursePassed, State.FAILED: events.CourseFailed}
    messages = {State.OPEN: None, State.PASSED: None, State.FAILED: None}

    def facts(self, row: Attempt, *, reason: str) -> dict[str, Any]:
        return {"account": row.account, **courses.where(row.version)}


MACHINE = AttemptMachine()


class NotOffered(Exception):
    """This version is not the one that is offered: another one is, or the course was retired."""


class HasCertificate(Exception):
    """There is a certificate of this version that does not end soon: nothing is to be done."""


class TooManyFailed(Exception):
    """As many attempts as MOST_FAILED were sent and not passed within `attempt_again`; the next one may begin after
    `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


class Incomplete(Exception):
    """A question without an answer, or an answer that the question does not offer."""


@transaction.atomic
def begin(*, version: CourseVersion, by: Account, now: datetime) -> Attempt:
    """Begin the questions of the version that was read, or go on with what is begun: pressed twice is once.

    Raises NotOffered, HasCertificate or TooManyFailed.
    """
    if (begun := open_one(course=version.course_id, account=by, now=now)) is not None:
        return begun
    if not CourseVersion.objects.filter(pk=version.pk, state=CourseVersion.State.PUBLISHED).exists():
        raise NotOffered
    held = certificates.newest(course=version.course_id, account=by)
    if held is not None and held.attempt.version_id == version.pk and not held.ends_soon(now=now):
        raise HasCertificate
    _check_failed(version.course_id, by, now=now)
    for over in _over(now).filter(version=version, account=by):
        _close(over, now=now)
    try:
        with transaction.atomic():
            made = Attempt.objects.create(version=version, account=by, created_at=now)
    except IntegrityError:  # the other press was quicker
        return Attempt.objects.of(by).get(version=version, state=State.OPEN)
    MACHINE.tell(made, by=by, now=now)
    return made


def _check_failed(course: int, account: Account, *, now: datetime) -> None:
    """Raise TooManyFailed: whoever guesses reads the lessons first (decision 0061)."""
    counted = lifecycle.counted("sent_at", "attempt_again", now=now)
    failed = Attempt.objects.of(account).filter(counted, version__course=course, state=State.FAILED)
    sent = list(failed.order_by("-sent_at").values_list("sent_at", flat=True)[:MOST_FAILED])
    if len(sent) == MOST_FAILED and sent[-1] is not None:
        raise TooManyFailed(sent[-1] + lifecycle.after("attempt_again") - now)


def open_one(*, course: int, account: Account, now: datetime) -> Attempt | None:
    """The attempt at a course that is under way, of whichever version."""
    own = Attempt.objects.of(account).open_at(now).filter(version__course=course)
    return own.select_related("version__course").order_by("pk").first()


@transaction.atomic
def keep(*, attempt: Attempt, answers: Answers, now: datetime) -> None:
    """Keep what is chosen so far, for later. Raises NotPossible once it was sent or its time is over, or Incomplete
    for what no question offers."""
    current = _held(attempt, now=now)
    current.answers = _readable(current, answers)
    current.save(update_fields=["answers"])


@transaction.atomic
def send(*, attempt: Attempt, answers: Answers, by: Account, now: datetime) -> Attempt:
    """Send the answers: passed with its certificate, or not passed. Once: two tabs, a double click and the back button
    send one. Raises NotPossible, with what became of it, or Incomplete."""
    current = _held(attempt, now=now)
    chosen = _readable(current, answers)
    questions = list(current.version.questions.all())
    if any(not chosen.get(str(question.pk)) for question in questions):
        raise Incomplete
    right = sum(_is_right(question, chosen) for question in questions)
    passed = right * 100 >= current.version.pass_mark * len(questions)
    written: dict[str, Any] = {"answers": chosen, "score": right * 100 // len(questions), "sent_at": now}
    MACHINE.move(current, to=State.PASSED if passed else State.FAILED, by=by, now=now, **written)
    if passed:
        certificates.issue(attempt=current, now=now)
    return current


def lessons_to_read(attempt: Attempt) -> list[Lesson]:
    """The lessons that a failed attempt leads back to: where an answer was wrong, or none was given. Which answers
    would have been right stays untold."""
    questions = attempt.version.questions.select_related("lesson").order_by("lesson__number")
    wrong = [question.lesson for question in questions if not _is_right(question, attempt.answers)]
    return list(dict.fromkeys(wrong))


def close_over(*, now: datetime) -> int:
    """Close attempts whose time is over as not passed, with the answers that were kept; returns how many. Too many at
    once wait for two people (policy: mass acts)."""
    over = mass_acts.admitted(
        kind=gettext_noop("close attempts at courses"),
        rows=_over,
        active=Attempt.objects.filter(state=State.OPEN),
        limit=mass_acts.ENDING,
        now=now,
    )
    return sum(_close(attempt, now=now) for attempt in over.iterator())


def _over(now: datetime) -> QuerySet[Attempt]:
    """Those that nobody has closed yet, and that can be sent no more."""
    rows = Attempt.objects.filter(state=State.OPEN, created_at__lte=now - lifecycle.after("attempt_open"))
    return rows.select_related("account", "version__course")


def _close(attempt: Attempt, *, now: datetime) -> bool:
    try:
        with transaction.atomic():
            MACHINE.move(attempt, to=State.FAILED, by=None, now=now)
    except NotPossible:
        return False  # sent since the row was read
    return True


def _held(attempt: Attempt, *, now: datetime) -> Attempt:
    """The attempt as it is now, held for one step. Raises NotPossible."""
    rows = Attempt.objects.select_for_update(of=("self",)).select_related("version__course", "account")
    current = rows.get(pk=attempt.pk)
    if current.state != State.OPEN or now >= current.ends_at:
        raise NotPossible(current)
    return current


def _readable(attempt: Attempt, answers: Answers) -> dict[str, list[int]]:
    """The answers as the row keeps them. Raises Incomplete for what no question of the version offers."""
    questions = {question.pk: question for question in attempt.version.questions.all()}
    for key, chosen in answers.items():
        question = questions.get(key)
        if question is None or not _offers(question, chosen):
            raise Incomplete
    return {str(key): sorted(set(chosen)) for key, chosen in answers.items() if chosen}


def _offers(question: Question, chosen: Collection[int]) -> bool:
    most = len(question.choices) if question.has_several else 1
    return len(chosen) <= most and set(chosen) <= set(range(len(question.choices)))


def _is_right(question: Question, answers: Mapping[str, Iterable[int]]) -> bool:
    return frozenset(answers.get(str(question.pk), ())) == question.right
