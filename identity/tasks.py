"""identity's jobs: the outbox relay and the pruning of old records."""

import time

from celery import shared_task
from django.utils import timezone

from identity.accounts import passwords
from identity.files import sandbox, stored
from identity.governance import retention, sign_ups, waiting_files
from identity.jobs import clock
from identity.record import outbox
from identity.recovery import factor_resets, recovery

BUDGET = 40.0  # seconds of one run: below the broker's visibility time-out, which would start a second one


@shared_task
def drain_outbox() -> None:
    """Deliver every due message, each with its own clock."""
    end = time.monotonic() + BUDGET
    while outbox.drain(now=timezone.now()) != outbox.Outcome.NONE and time.monotonic() < end:
        pass


@shared_task
def answer_recovery_requests() -> None:
    """Look up what people who cannot sign in have asked for, one after the other."""
    end = time.monotonic() + BUDGET
    while recovery.answer_next(now=timezone.now()) and time.monotonic() < end:
        pass


@shared_task
def look_at_files() -> None:
    """Look at what people handed over, and take away the bytes of what they deleted."""
    end = time.monotonic() + BUDGET - sandbox.SECONDS  # the last look begins in time to end
    stored.forget_deleted(now=timezone.now())
    while stored.inspect_next(now=timezone.now()) and time.monotonic() < end:
        pass


@shared_task
def tell_of_waiting_files() -> None:
    """Open a ticket for the desk when files wait too long: the worker that looks at them may be what is missing."""
    waiting_files.alarm(now=timezone.now())


@shared_task
def remind_of_passwords() -> None:
    """Mail whoever has to change the password soon (S3-18)."""
    if clock.is_trusted(now=(now := timezone.now())):
        passwords.remind(now=now)


@shared_task
def do_due_resets() -> None:
    """Do the help-desk resets whose day of waiting is over (S4-37)."""
    if clock.is_trusted(now=(now := timezone.now())):
        factor_resets.do_due(now=now)


@shared_task
def prune() -> None:
    """Delete what has outlived its period in the table of periods."""
    if clock.is_trusted(now=(now := timezone.now())):
        retention.prune(now=now)
        sign_ups.release(now=now)
        waiting_files.delete_unsent(now=now)
