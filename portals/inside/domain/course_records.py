"""How long is kept what people did in courses: attempts that were not passed, and certificates that have ended (S3-06;
decision 0061)."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from identity.governance import retention
from identity.jobs import mass_acts
from identity.policy import lifecycle
from identity.printing import files
from portals.models import Attempt, Certificate


def prune(*, now: datetime) -> None:
    """Delete what has outlived its period, within the limit of pruning (policy: mass acts)."""
    retention.delete(gettext_noop("delete attempts that were not passed"), _failed, now=now)
    ended = mass_acts.admitted(
        kind=gettext_noop("delete certificates that ended long ago"),
        rows=_ended,
        active=Certificate.objects.all(),
        limit=mass_acts.PRUNING,
        now=now,
    )
    for certificate in list(ended.select_related("attempt")):
        _forget(certificate)


def _failed(moment: datetime) -> QuerySet[Attempt]:
    kept = lifecycle.over_before("attempt_kept", now=moment)
    return Attempt.objects.filter(state=Attempt.State.FAILED, created_at__lte=kept)


def _ended(moment: datetime) -> QuerySet[Certificate]:
    """One that does not end is kept as long as its course."""
    return Certificate.objects.filter(valid_until__lt=lifecycle.over_before("certificate_kept", now=moment))


def _forget(certificate: Certificate) -> None:
    """The PDF first: whatever stops this here is done again by the next run, and leaves no file that no row names."""
    if certificate.fingerprint:
        files.forget(certificate.path)
    with transaction.atomic():
        certificate.delete()
        certificate.attempt.delete()
