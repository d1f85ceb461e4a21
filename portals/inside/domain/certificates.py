"""Certificates: issued with a passed attempt, printed by a worker, confirmed to whoever has the number, and told of
before they end (S3-06)."""

from datetime import datetime, timedelta

from django.db import transaction

from identity.models import Account
from identity.notices import ticket_numbers
from identity.record import journal
from identity.record.queue import LeasedQueue
from portals import events
from portals.inside.domain import courses
from portals.models import Attempt, Certificate
from portals.models.attempts import lasting

LETTER = "C"
QUEUE = LeasedQueue(
    model=Certificate,
    finished=Certificate.State.READY,
    given_up=Certificate.State.FAILED,
    lease=timedelta(seconds=60),  # period: transport
    pauses=[timedelta(seconds=s) for s in (30, 60, 90, 120)],  # period: transport
)


@transaction.atomic
def issue(*, attempt: Attempt, now: datetime) -> Certificate:
    """The certificate of an attempt that was just passed; older ones stay as they are. Its PDF is made after the
    caller's commit."""
    certificate = Certificate.objects.create(
        attempt=attempt,
        number=ticket_numbers.new(LETTER),
        passed_at=now,
        valid_until=lasting(attempt.version, since=now),
        created_at=now,
        due_at=now,
    )
    told = events.CertificateIssued(
        account=attempt.account, about=certificate, certificate=certificate.number, **courses.where(attempt.version)
    )
    journal.record(told, now=now)
    QUEUE.wake(certificate.pk)
    return certificate


def newest(*, course: int, account: Account) -> Certificate | None:
    """What somebody earned last by a course, of whichever version."""
    own = Certificate.objects.of(account).filter(attempt__version__course=course)
    return own.select_related("attempt__version").order_by("-passed_at", "-pk").first()


def confirmed(typed: str, *, portal_key: str) -> Certificate | None:
    """The certificate whose number was read from paper or heard, of this portal's courses; None for any other text."""
    found = Certificate.objects.in_portal(portal_key).filter(number__in=ticket_numbers.meant_by(typed, LETTER))
    return found.select_related("attempt__account", "attempt__version").first()


@transaction.atomic
def print_again(*, certificate: Certificate, by: Account, now: datetime) -> bool:
    """Give a certificate that was not printed a new chance, once its cause is mended; False where it needs none."""
    if not QUEUE.again(certificate, now=now):
        return False
    attempt = certificate.attempt
    told = events.CertificatePrintedAgain(
        account=attempt.account, by=by, about=certificate, certificate=certificate.number,
        **courses.where(attempt.version),
    )  # fmt: skip
    journal.record(told, now=now)
    QUEUE.wake(certificate.pk)
    return True
