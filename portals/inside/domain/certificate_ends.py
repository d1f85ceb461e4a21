"""Telling people before a certificate ends that can still be renewed (S3-06)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop

from identity.jobs import mass_acts
from identity.policy import lifecycle
from identity.record import outbox
from portals.inside.domain import course_standings
from portals.inside.messages.courses import CertificateEndsMail
from portals.models import Certificate, CourseVersion
from rbac.domain import memberships
from rbac.models import AccessGrant


def tell(*, now: datetime) -> int:
    """Mail whoever has a certificate that ends within the notice, once; returns how many. Too many at once wait for two
    people (policy: mass acts)."""
    due = mass_acts.admitted(
        kind=gettext_noop("tell of certificates that end"),
        rows=_untold,
        active=Certificate.objects.filter(valid_until__gt=now),
        limit=mass_acts.ENDING,
        now=now,
    )
    rows = due.select_related("attempt__account", "attempt__version__course").order_by("valid_until", "pk")
    return sum(_tell_one(certificate, now=now) for certificate in list(rows))


def ending(now: datetime) -> QuerySet[Certificate]:
    """Certificates that count, end within the notice, and that a published version and no later certificate renews."""
    course = OuterRef("attempt__version__course")
    soon = Certificate.objects.filter(valid_until__gt=now, valid_until__lte=now + lifecycle.after("certificate_notice"))
    later = Certificate.objects.filter(
        attempt__account=OuterRef("attempt__account"), attempt__version__course=course, pk__gt=OuterRef("pk")
    )
    return soon.filter(~Exists(later), Exists(CourseVersion.objects.published().filter(course=course)))


def _untold(now: datetime) -> QuerySet[Certificate]:
    let_in = AccessGrant.objects.current().filter(
        account=OuterRef("attempt__account"), portal_key=OuterRef("attempt__version__course__portal_key")
    )
    return ending(now).filter(Exists(let_in), told_at=None, attempt__account__is_active=True)


@transaction.atomic
def _tell_one(certificate: Certificate, *, now: datetime) -> bool:
    """By compare-and-set, of two runs one tells; nobody of a course that is not for them any more."""
    if not _is_for(certificate, now=now):
        return False
    if not Certificate.objects.filter(pk=certificate.pk, told_at=None).update(told_at=now):
        return False
    mail = CertificateEndsMail(account_id=certificate.attempt.account_id, certificate=certificate.pk)
    outbox.enqueue(mail, now=now)
    return True


def _is_for(certificate: Certificate, *, now: datetime) -> bool:
    course = certificate.attempt.version.course
    grant = AccessGrant.objects.current().filter(account=certificate.attempt.account_id, portal_key=course.portal_key)
    if (held := grant.first()) is None:
        return False
    own = memberships.behind(held, now=now)
    return (
        course_standings.offered(portal_key=course.portal_key, memberships=own, now=now).filter(course=course).exists()
    )
