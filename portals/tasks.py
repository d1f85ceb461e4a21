"""portals' jobs: the daily sweep over access that nobody uses, imports of old accounts, the wrapping of hashes,
the end of sign-ons that a grid opens no longer, courses and their certificates, documents in the trash, the mails of
regulatory news, and the pruning of what is over."""

import time

from celery import shared_task
from django.utils import timezone

from identity.jobs import clock
from identity.record import machine
from portals import registry
from portals.inside import printing
from portals.inside.domain import attempts, certificate_ends, course_records, document_trash, feedback, news_notices
from portals.legacy import legacy_imports, wrapping
from portals.models import LegacyImport
from portals.oidc import grid_days, oidc_sessions
from rbac.domain import sweeps

BUDGET = 40.0  # seconds of one run: below the broker's visibility time-out, which would start a second one
SHARE = 0.5  # of a core that wrapping takes: nobody waits for it


@shared_task
def sweep_idle_accounts() -> None:
    """Plan the day's run; it begins within a minute, or waits for two people."""
    if clock.is_trusted(now=(now := timezone.now())):
        sweeps.start(periods=registry.idle_periods(), now=now)


@shared_task
def prune_oidc_sessions() -> None:
    """Delete the records of sign-ons that have been over for long."""
    if clock.is_trusted(now=(now := timezone.now())):
        oidc_sessions.prune(now=now)


@shared_task
def prune_feedback() -> None:
    """Delete feedback that has outlived its period."""
    if clock.is_trusted(now=(now := timezone.now())):
        feedback.prune(now=now)


@shared_task
def prune_courses() -> None:
    """Delete attempts and certificates of courses that have outlived their periods."""
    if clock.is_trusted(now=(now := timezone.now())):
        course_records.prune(now=now)


@shared_task
def go_on_with_imports() -> None:
    """Check and store uploaded lists from where the last run ended, or was killed."""
    end = time.monotonic() + BUDGET
    for found in LegacyImport.objects.filter(state__in=LegacyImport.AT_WORK, uploaded=True).order_by("pk"):
        blocks = legacy_imports.blocks_of(found)
        try:
            for _rows in legacy_imports.go_on(found=found, blocks=blocks, clock=timezone.now):
                if time.monotonic() > end:
                    return
        except machine.NotPossible:
            continue  # stopped meanwhile, or another worker does it


@shared_task
def wrap_imported_hashes() -> None:
    """Wrap imported hashes for a while, with a part of a core."""
    began = last = time.monotonic()
    for _wrapped in wrapping.wrap():
        spent = time.monotonic() - last
        if time.monotonic() - began > BUDGET:
            return
        time.sleep(spent * (1 - SHARE) / SHARE)
        last = time.monotonic()


@shared_task
def forget_reports() -> None:
    """Delete reports of imports that have outlived their period."""
    if clock.is_trusted(now=(now := timezone.now())):
        legacy_imports.forget(now=now)


@shared_task
def end_sign_ons_of_the_grid() -> None:
    """End the sign-ons of those to whom the grid of today opens their application no longer."""
    if clock.is_trusted(now=(now := timezone.now())):
        grid_days.end_sign_ons(now=now)


@shared_task
def erase_documents() -> None:
    """Delete for good what has been in the trash for long."""
    if clock.is_trusted(now=(now := timezone.now())):
        document_trash.erase(now=now)


@shared_task
def tell_of_news() -> None:
    """Mail whoever regulatory news is for, and remind whoever has not confirmed it."""
    if clock.is_trusted(now=(now := timezone.now())):
        news_notices.tell(now=now)
        news_notices.remind(now=now)


@shared_task
def print_certificate(*, certificate_id: int) -> None:
    """Make one certificate."""
    printing.make(certificate_id=certificate_id, now=timezone.now())


@shared_task
def print_waiting_certificates() -> int:
    """Make whatever a lost nudge left behind."""
    return printing.make_waiting(clock=timezone.now)


@shared_task
def close_attempts() -> int:
    """Close attempts at courses whose time is over; at use it is over already."""
    now = timezone.now()
    return attempts.close_over(now=now) if clock.is_trusted(now=now) else 0


@shared_task
def tell_of_certificates() -> int:
    """Tell people before a certificate ends."""
    now = timezone.now()
    return certificate_ends.tell(now=now) if clock.is_trusted(now=now) else 0
