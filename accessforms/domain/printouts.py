"""Asking for the PDF of a form, and claiming one to make. The making itself is accessforms.printing, in a worker."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import connection, transaction
from django.db.models import F, QuerySet

from accessforms import events
from accessforms.models import Printout, Submission
from identity.models import Account
from identity.record import journal, nudges

LEASE = timedelta(seconds=60)  # period: transport
PAUSE = timedelta(seconds=30)  # period: transport
ATTEMPTS = 5

nudge: Callable[[int], object] = nudges.noop  # has a worker print it at once; AccessformsConfig sets it


def ask_for(*, submission: Submission, now: datetime) -> Printout:
    """Have this revision printed after the caller's commit; a lost nudge costs a minute, never a form."""
    printout = Printout.objects.create(
        submission=submission,
        revision=submission.revision,
        answers=submission.answers,
        created_at=now,
        due_at=now,
    )
    transaction.on_commit(partial(nudge, printout.pk), robust=True)
    return printout


def current(submission: Submission) -> Printout | None:
    """The printout of the newest revision that was sent in."""
    return submission.printouts.order_by("-revision").first()


@transaction.atomic
def claim(*, now: datetime, pk: int | None = None) -> Printout | None:
    """Take one waiting printout (that one, or the longest waiting) for LEASE.

    One that was taken ATTEMPTS times and never answered for kills its workers: it fails instead.
    """
    due = Printout.objects.filter(state=Printout.State.WAITING, due_at__lte=now)
    due.filter(attempts__gte=ATTEMPTS).update(state=Printout.State.FAILED, problem="worker lost")
    waiting = due.filter(attempts__lt=ATTEMPTS).order_by("due_at")
    if pk is not None:
        waiting = waiting.filter(pk=pk)
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True)
    printout = waiting.first()
    if printout is not None:
        Printout.objects.filter(pk=printout.pk).update(due_at=now + LEASE, attempts=F("attempts") + 1)
    return printout


def _ours(printout: Printout) -> QuerySet[Printout]:
    """The row, as long as no other worker claimed it after us."""
    return Printout.objects.filter(pk=printout.pk, state=Printout.State.WAITING, attempts=printout.attempts + 1)


@transaction.atomic
def print_again(*, submission: Submission, by: Account | None = None, now: datetime) -> None:
    """Give a failed printout a new chance, once its cause is mended."""
    failed = submission.printouts.filter(state=Printout.State.FAILED, revision=submission.revision)
    for printout in failed:
        Printout.objects.filter(pk=printout.pk).update(state=Printout.State.WAITING, attempts=0, due_at=now)
        told = events.PrintedAgain(account=submission.account, by=by, about=submission, reference=submission.reference)
        journal.record(told, now=now)
        transaction.on_commit(partial(nudge, printout.pk), robust=True)


def mark_ready(*, printout: Printout, fingerprint: str, pages: int, now: datetime) -> None:
    """The files of this fingerprint lie in the storage."""
    _ours(printout).update(state=Printout.State.READY, fingerprint=fingerprint, pages=pages, ready_at=now, problem="")


def mark_failed(*, printout: Printout, problem: str, now: datetime) -> None:
    """Try again after a pause; after ATTEMPTS the service desk sees it as failed."""
    last = printout.attempts + 1 >= ATTEMPTS
    _ours(printout).update(
        state=Printout.State.FAILED if last else Printout.State.WAITING,
        due_at=now + PAUSE * (printout.attempts + 1),
        problem=problem[:80],
    )
