"""Reviewing who works for a practice: once a year its administrators say who still does (recertification, D-11).

Whoever is in use needs no press. Silence lets rest who is still unused or unknown, reversibly; it ends nothing, and
never leaves a practice without an administrator. The practice is locked before all else.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop

from identity.jobs import mass_acts
from identity.models import Account
from identity.policy import lifecycle
from identity.record import outbox
from identity.record.machine import NotPossible
from rbac import messages
from rbac.domain import grants, memberships, practices, review_lines
from rbac.domain.review_machine import MACHINE, mail_ids
from rbac.models import Membership, Practice, Review, ReviewLine
from rbac.roles import ADMINISTRATOR

State, Answer = Review.State, ReviewLine.Answer
REVIEW, SILENCE = "review", "no answer in a review"  # in the journal
REMINDER = "reminder"


def of(*, practice: Practice, portal_key: str) -> QuerySet[Review]:
    """The reviews of a practice behind one portal's door, newest first."""
    rows = Review.objects.filter(practice=practice, portal_key=portal_key).select_related("practice")
    return rows.order_by("-opened_at", "-pk")


def waiting(*, practice: Practice, portal_key: str, now: datetime) -> Review | None:
    """The review that waits for an answer."""
    return of(practice=practice, portal_key=portal_key).filter(state=State.OPEN, due_at__gt=now).first()


def next_at(*, practice: Practice, portal_key: str) -> datetime | None:
    """When the next review of a practice is due; None where nobody ever ran its users."""
    last = of(practice=practice, portal_key=portal_key).values_list("opened_at", flat=True).first()
    first = Membership.objects.of(practice).in_portal(portal_key).filter(role=ADMINISTRATOR).order_by("since")
    counted_from = last or first.values_list("since", flat=True).first()
    return counted_from + lifecycle.after("review_every") if counted_from else None


def open_due(*, portal_keys: Collection[str], now: datetime) -> int:
    """Open the review of each practice whose year is over and that has somebody to answer, and somebody to ask about.
    Too many at once wait for two people (policy: mass acts). Answers how many were opened."""
    as_of = mass_acts.admit(
        kind=gettext_noop("open reviews of practices"),
        due=lambda moment: len(_due(portal_keys, now=moment)),
        active=lambda: Practice.objects.count(),
        limit=mass_acts.ENDING,
        now=now,
    )
    due = _due(portal_keys, now=as_of) if as_of else []
    rows = Practice.objects.in_bulk([practice for practice, _portal_key in due])
    return sum(begin(practice=rows[key], portal_key=portal_key, now=now) is not None for key, portal_key in due)


def _due(portal_keys: Collection[str], *, now: datetime) -> list[tuple[int, str]]:
    before = lifecycle.over_before("review_every", now=now)
    here = {"practice": OuterRef("practice"), "grant__portal_key": OuterRef("grant__portal_key")}
    reviews = Review.objects.filter(practice=OuterRef("practice"), portal_key=OuterRef("grant__portal_key"))
    working = Membership.objects.standing_at(now).filter(**here, grant__account__is_active=True)
    others = working.exclude(grant__account=OuterRef("grant__account"))
    running = Membership.objects.open_at(now).filter(
        Exists(Membership.objects.filter(**here, role=ADMINISTRATOR, since__lte=before)),
        ~Exists(reviews.filter(Q(opened_at__gt=before) | Q(state=State.OPEN))),
        Exists(others),
        role=ADMINISTRATOR,
        grant__account__is_active=True,
        grant__portal_key__in=list(portal_keys),
    )
    return sorted(set(running.values_list("practice_id", "grant__portal_key")))


@transaction.atomic
def begin(*, practice: Practice, portal_key: str, now: datetime) -> Review | None:
    """Open a review with a line for everybody who works there, and tell the administrators; None where one is open."""
    practices.lock(practice)
    due_at = now + lifecycle.after("review_answer")
    row = Review(practice=practice, portal_key=portal_key, state=State.OPEN, opened_at=now, due_at=due_at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return None
    review_lines.make(row)
    MACHINE.tell(row, by=None, now=now)
    return row


@transaction.atomic
def answer(*, review: Review, answers: Mapping[int, str], by: Account, now: datetime) -> Review:
    """Do what an administrator said of each person, by the key of their line. Whoever need not be asked about is kept
    where nothing is said; nobody answers for themselves. A line that was answered, or whose membership is gone, stays
    as it is. The review is over when nobody is left whom anybody could answer for.

    Raises NotPossible where it is over already. Whoever calls has made sure that `by` runs the practice's users.
    """
    practices.lock(review.practice)
    row = Review.objects.select_related("practice").get(pk=review.pk)
    if not row.is_open(now):
        raise NotPossible(row)
    said: dict[str, list[ReviewLine]] = defaultdict(list)
    for line in review_lines.unanswered(row, now=now):
        chosen = answers.get(line.pk, "" if line.is_asked else Answer.KEEP)
        if chosen and line.membership.grant.account_id != by.pk and _act(line, chosen, by=by, now=now):
            said[chosen].append(line)
    for chosen, lines in said.items():
        review_lines.settle(lines, answer=chosen, by=by.pk, now=now)
    return row if _waits(row, now=now) else MACHINE.move(row, to=State.ANSWERED, by=by, now=now)


def _act(line: ReviewLine, chosen: str, *, by: Account, now: datetime) -> bool:
    """Suspend or end the membership; False where its access ended, or staff let it rest, a moment ago."""
    try:
        if chosen == Answer.SUSPEND:
            memberships.suspend(membership=line.membership, reason=REVIEW, by=by, now=now)
        elif chosen == Answer.REMOVE:
            memberships.end(membership=line.membership, reason=REVIEW, by=by, now=now)
    except (memberships.NotOpen, memberships.SuspendedByStaff, grants.GrantEnded):
        return False
    return True


def _waits(row: Review, *, now: datetime) -> bool:
    """Whether somebody is left whom somebody else can answer for."""
    left = review_lines.asked(review_lines.unanswered(row, now=now))
    running = Membership.objects.administrators(row.practice, now=now).in_portal(row.portal_key)
    accounts = set(running.values_list("grant__account", flat=True))
    return any(accounts - {line.membership.grant.account_id} for line in left)


def remind_due(*, now: datetime) -> int:
    """Remind the administrators of reviews that are over soon, once; answers of how many."""
    due = mass_acts.admitted(
        kind=gettext_noop("remind of reviews of practices"),
        rows=lambda moment: _to_remind(now=moment),
        active=Review.objects.filter(state=State.OPEN),
        limit=mass_acts.ENDING,
        now=now,
    )
    return sum(_remind(row, now=now) for row in list(due.filter(due_at__gt=now).select_related("practice")))


def _to_remind(*, now: datetime) -> QuerySet[Review]:
    soon = now + lifecycle.after("review_reminder")
    return Review.objects.filter(state=State.OPEN, reminded_at=None, due_at__gt=now, due_at__lte=soon)


@transaction.atomic
def _remind(row: Review, *, now: datetime) -> bool:
    if not Review.objects.filter(pk=row.pk, state=State.OPEN, reminded_at=None).update(reminded_at=now):
        return False
    mails = [messages.ReviewMail(**ids) for ids in mail_ids(row, step=REMINDER, now=now)]
    outbox.enqueue_all(mails, now=now)
    return True


def over(*, now: datetime) -> list[Review]:
    """The reviews that a job may end: their days are over, and they let few people rest. Too many at once wait for two
    people (policy: mass acts)."""
    as_of = mass_acts.admit(
        kind=gettext_noop("deactivate people whom no review confirmed"),
        due=lambda moment: ReviewLine.objects.filter(
            review__in=_over(now=moment), answer="", cause__in=ReviewLine.ASKED
        ).count(),
        active=lambda: Membership.objects.current().count(),
        limit=mass_acts.ENDING,
        now=now,
    )
    return list(_over(now=as_of).select_related("practice")) if as_of else []


def _over(*, now: datetime) -> QuerySet[Review]:
    return Review.objects.filter(state=State.OPEN, due_at__lte=now).order_by("due_at", "pk")


@transaction.atomic
def end(*, review: Review, now: datetime) -> bool:
    """The days of a review are over: who is still unused or unknown rests until somebody reactivates them, and they and
    the administrators are told. False where it was answered meanwhile.

    The last administrator stays, and of several the one who was there last; what else the people have is not touched.
    """
    practices.lock(review.practice)
    try:
        MACHINE.move(review, to=State.UNANSWERED, by=None, now=now)
    except NotPossible:
        return False
    silent = review_lines.asked(review_lines.unanswered(review, now=now))
    silent.sort(key=lambda line: line.membership.last_used_at or line.membership.since)
    rest = [line for line in silent if _let_rest(line.membership, now=now)]
    review_lines.settle(rest, answer=Answer.SUSPEND, by=None, now=now)
    for line in rest:
        account_id = line.membership.grant.account_id
        mail = messages.ReviewSuspendedMail(account_id=account_id, membership=line.membership_id, review=review.pk)
        outbox.enqueue(mail, now=now)
    return True


def _let_rest(membership: Membership, *, now: datetime) -> bool:
    """False for an administrator beside whom nobody is there, and for access that ended a moment ago."""
    running = Membership.objects.administrators(membership.practice, now=now).in_portal(membership.grant.portal_key)
    if membership.role == ADMINISTRATOR and not running.exclude(grant__account=membership.grant.account_id).exists():
        return False
    try:
        memberships.suspend(membership=membership, reason=SILENCE, by=None, now=now)
    except (memberships.NotOpen, memberships.LastAdministrator, grants.GrantEnded):
        return False
    return True
