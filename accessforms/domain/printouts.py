"""Asking for the PDF of a form, and the queue of those to make. The making is accessforms.printing, in a worker."""

from datetime import datetime, timedelta

from django.db import transaction

from accessforms import events
from accessforms.models import Printout, Submission
from identity.models import Account
from identity.record import journal
from identity.record.queue import LeasedQueue

QUEUE = LeasedQueue(
    model=Printout,
    finished=Printout.State.READY,
    given_up=Printout.State.FAILED,
    lease=timedelta(seconds=60),  # period: transport
    pauses=[timedelta(seconds=s) for s in (30, 60, 90, 120)],  # period: transport
)


def ask_for(*, submission: Submission, now: datetime) -> Printout:
    """Have this revision printed after the caller's commit; a lost nudge costs a minute, never a form."""
    printout = Printout.objects.create(
        submission=submission,
        revision=submission.revision,
        answers=submission.answers,
        created_at=now,
        due_at=now,
    )
    QUEUE.wake(printout.pk)
    return printout


def current(submission: Submission) -> Printout | None:
    """The printout of the newest revision that was sent in."""
    return submission.printouts.order_by("-revision").first()


@transaction.atomic
def print_again(*, submission: Submission, by: Account | None = None, now: datetime) -> None:
    """Give a failed printout a new chance, once its cause is mended."""
    failed = submission.printouts.filter(state=Printout.State.FAILED, revision=submission.revision)
    for printout in failed:
        if QUEUE.again(printout, now=now):
            told = events.PrintedAgain(
                account=submission.account, by=by, about=submission, reference=submission.reference
            )
            journal.record(told, now=now)
            QUEUE.wake(printout.pk)
