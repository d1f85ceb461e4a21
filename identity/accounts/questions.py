"""Security questions: three different ones, answers hashed; asked only before a code is sent, never enough alone
(S2-04, D-05; policy: security questions)."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from identity.accounts import accounts
from identity.keys.hash_pool import pool
from identity.models import Account, QuestionTries, SecurityAnswer
from identity.models.alerts import SecurityAlert
from identity.notices import alerts
from identity.policy import lifecycle
from identity.policy.questions import HOW_MANY, QUESTIONS, normalised
from identity.policy.realms import REALMS
from identity.record import events, journal

TRIES = 3


class AnswersRefused(Exception):
    """Not three different questions of the list, or an answer without a letter or digit."""


class WrongAnswers(Exception):
    """At least one answer is not the one that was given."""


class TooManyTries(Exception):
    """Three wrong tries within a day: the help desk helps."""


def are_used(account: Account) -> bool:
    """Whether the account's realm asks security questions (D-19)."""
    return REALMS[account.realm].asks_questions and account.profile == "source"


def for_account(account: Account) -> list[str]:
    """The keys of the questions that the account has answered, in the order of the list."""
    chosen = set(SecurityAnswer.objects.filter(account=account).values_list("question", flat=True))
    return [key for key in QUESTIONS if key in chosen]


def choose(*, account: Account, answers: dict[str, str], now: datetime) -> None:
    """Keep three answers, in place of earlier ones: three hashes, before the transaction.

    Raises AnswersRefused or hash_pool.Busy.
    """
    plain = {key: normalised(answer) for key, answer in answers.items() if key in QUESTIONS}
    if len(plain) != HOW_MANY or len(answers) != HOW_MANY or not all(plain.values()):
        raise AnswersRefused
    hashes = {key: accounts.hashed(answer) for key, answer in plain.items()}
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        if SecurityAnswer.objects.filter(account=account).delete()[0]:
            alerts.raise_alert(account=account, kind=SecurityAlert.Kind.QUESTIONS_CHANGED, now=now)
        SecurityAnswer.objects.bulk_create(
            SecurityAnswer(account=account, question=key, answer=encoded, chosen_at=now)
            for key, encoded in hashes.items()
        )
        journal.record(events.QuestionsChosen(account=account, by=account), now=now)


def check(*, account: Account, answers: dict[str, str], now: datetime) -> None:
    """Whether all three answers are right; the try is counted before they are compared.

    Raises WrongAnswers, TooManyTries or hash_pool.Busy. Every answer is compared, so that nothing tells which is wrong.
    """
    _count_try(account, now=now)
    rows = {row.question: row.answer for row in SecurityAnswer.objects.filter(account=account)}
    right = [pool.run(check_password, normalised(answers.get(key, "")), encoded) for key, encoded in rows.items()]
    is_right = len(right) == HOW_MANY and all(right)
    with transaction.atomic():
        if is_right:
            QuestionTries.objects.filter(account=account).delete()
        journal.record(events.QuestionsAnswered(account=account, right=is_right), now=now)
    if not is_right:
        raise WrongAnswers


def _count_try(account: Account, *, now: datetime) -> None:
    QuestionTries.objects.get_or_create(account=account, defaults={"since": now})
    today = lifecycle.counted("since", "question_tries", now=now)
    counted = QuestionTries.objects.filter(~today | Q(count__lt=TRIES), account=account).update(
        count=Case(When(today, then=F("count") + 1), default=Value(1)),
        since=Case(When(today, then=F("since")), default=Value(now)),
    )
    if not counted:
        raise TooManyTries
