"""Attempts at the questions of a course, and the certificates that come of those that were passed (S3-06)."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from identity.models import LeasedRow
from identity.policy import lifecycle
from portals.models.courses import CourseVersion


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def of(self, account: Any) -> "AttemptQuerySet":
        """The attempts of an account: nobody else's are ever found."""
        return self.filter(account=account)

    def in_portal(self, portal_key: str) -> "AttemptQuerySet":
        """Those at courses of one portal."""
        return self.filter(version__course__portal_key=portal_key)

    def open_at(self, now: datetime) -> "AttemptQuerySet":
        """Those that can still be sent, however late any job is."""
        return self.filter(state=Attempt.State.OPEN, created_at__gt=now - lifecycle.after("attempt_open"))


class Attempt(models.Model):
    """One attempt of one person at the questions of one version. portals.inside.domain.attempts writes it.

    `answers` are chosen places by the question's key; they are kept whatever becomes of it.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("attempt", "under way")
        PASSED = "passed", pgettext_lazy("attempt", "passed")
        FAILED = "failed", pgettext_lazy("attempt", "not passed")

    version = models.ForeignKey(CourseVersion, on_delete=models.PROTECT, related_name="attempts")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="course_attempts", verbose_name=_("account")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(_("begun"))
    answers = models.JSONField(default=dict)
    score = models.PositiveSmallIntegerField(_("right answers in percent"), null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)  # none where the time was over

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt at a course")
        default_permissions = ()
        indexes = [models.Index(fields=["created_at"], name="attempt_open", condition=Q(state="open"))]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "account"], condition=Q(state="open"), name="unique_open_attempt_per_version"
            ),
            models.CheckConstraint(
                name="attempt_passed_was_sent", condition=~Q(state="passed") | Q(sent_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.version)

    @property
    def ends_at(self) -> datetime:
        """Until when it can be sent."""
        return self.created_at + lifecycle.after("attempt_open")


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def of(self, account: Any) -> "CertificateQuerySet":
        """The certificates of an account."""
        return self.filter(attempt__account=account)

    def in_portal(self, portal_key: str) -> "CertificateQuerySet":
        """Those of courses of one portal."""
        return self.filter(attempt__version__course__portal_key=portal_key)


class Certificate(LeasedRow):
    """What somebody earned by one passed attempt: never changed, never taken over by a later one.

    The states are those of its PDF, which a worker makes; `fingerprint` names the file. It counts from the moment
    that it was earned.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("certificate", "waiting to be printed")
        READY = "ready", pgettext_lazy("certificate", "printed")
        FAILED = "failed", pgettext_lazy("certificate", "not printed")

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="certificate")
    number = models.CharField(_("number"), max_length=11, unique=True, editable=False)
    passed_at = models.DateTimeField(_("earned"))
    valid_until = models.DateTimeField(_("valid until"), null=True)
    told_at = models.DateTimeField(null=True)  # that it ends soon
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    fingerprint = models.CharField(max_length=64, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        default_permissions = ()
        permissions = [("view_certificates", "Can see who passed which course")]
        indexes = [
            models.Index(fields=["due_at"], name="certificate_waiting", condition=Q(state="waiting")),
            models.Index(fields=["valid_until"], name="certificate_untold", condition=Q(told_at=None)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def path(self) -> str:
        """Where the PDF lies in the file storage."""
        return f"certificates/{self.fingerprint[:2]}/{self.fingerprint}.pdf"

    @property
    def initials(self) -> str:
        """What strangers learn of whom it is for."""
        names = (self.attempt.account.first_name, self.attempt.account.last_name)
        return " ".join(f"{name[0]}." for name in names if name)

    def is_followed(self) -> bool:
        """Whether the same person has earned a later one by the same course: it is renewed."""
        later = Certificate.objects.of(self.attempt.account_id).filter(pk__gt=self.pk)
        return later.filter(attempt__version__course=self.attempt.version.course_id).exists()

    def is_valid(self, *, now: datetime) -> bool:
        """Whether it counts now: at its last moment no more."""
        return self.valid_until is None or now < self.valid_until

    def ends_soon(self, *, now: datetime) -> bool:
        """Whether it is time to renew it, or late."""
        return self.valid_until is not None and now >= self.valid_until - lifecycle.after("certificate_notice")


def lasting(version: CourseVersion, *, since: datetime) -> datetime | None:
    """Until when a certificate of this version counts that was earned then."""
    return since + timedelta(days=version.valid_for) if version.valid_for else None
