"""Mandates: a vendor's people work for a practice that agreed to it; and which tax IDs were asked (S3-10)."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from identity.keys.fields import EncryptedTextField
from identity.policy import zones
from rbac.models.practices import Practice
from rbac.roles import label_of


class Mandate(models.Model):
    """The people of one practice, a vendor, work for another one, in these roles: the vendor asks, the practice agrees
    and ends it. Memberships under it count only while it does.

    rbac.domain.mandates writes these rows.
    """

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("mandate", "waits for the practice")
        AGREED = "agreed", pgettext_lazy("mandate", "agreed")
        DECLINED = "declined", pgettext_lazy("mandate", "declined")
        LAPSED = "lapsed", pgettext_lazy("mandate", "lapsed")
        ENDED = "ended", pgettext_lazy("mandate", "ended")

    OPEN = (State.ASKED, State.AGREED)

    vendor = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="mandates", verbose_name=_("vendor"))
    practice = models.ForeignKey(
        Practice, on_delete=models.PROTECT, related_name="mandates_given", verbose_name=_("practice")
    )
    portal_key = models.CharField(max_length=40)
    roles = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(  # the vendor's side
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    since = models.DateTimeField(_("since"), null=True)
    agreed_by = models.ForeignKey(  # the practice's side, or the service desk after a call
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("agreed by")
    )
    ends_on = models.DateField(_("last day"), null=True)  # as it was asked; it never changes
    until = models.DateTimeField(_("ended"), null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=400, blank=True)  # what staff wrote after a call

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        default_permissions = ()
        indexes = [models.Index(fields=["state", "asked_at"], name="mandate_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "practice", "portal_key"],
                condition=Q(state__in=["asked", "agreed"]),
                name="unique_open_mandate_per_pair",
            ),
            models.CheckConstraint(name="mandate_between_two", condition=~Q(vendor=F("practice"))),
            models.CheckConstraint(
                name="mandate_counts_since_somebody_agreed",
                condition=Q(state__in=["agreed", "ended"], since__isnull=False, agreed_by__isnull=False)
                | Q(state__in=["asked", "declined", "lapsed"], since=None, agreed_by=None),
            ),
            models.CheckConstraint(
                name="mandate_over_or_open",
                condition=Q(state__in=["asked", "agreed"], until=None, ended_by=None)
                | Q(state__in=["declined", "lapsed", "ended"], until__isnull=False),
            ),
            models.CheckConstraint(
                name="mandate_ends_after_its_start", condition=Q(until=None) | Q(since=None) | Q(until__gte=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} → {self.practice}"

    @property
    def is_agreed(self) -> bool:
        """Whether it was agreed and nobody has ended it; its last day may have passed."""
        return self.state == self.State.AGREED

    @property
    def role_labels(self) -> list[str]:
        """What pages call its roles."""
        return [label_of(role) for role in self.roles]

    def is_past(self, now: datetime, *, realm: str) -> bool:
        """Whether its last day has passed where the portal's people live."""
        return self.ends_on is not None and self.ends_on < zones.today(realm, now=now)


class MandateInquiry(models.Model):
    """One tax ID that somebody of a vendor typed, until a worker has looked it up and the day of its limit is over.

    The page writes the same row whatever is true, so that its answer and its time tell nothing (D-25).
    rbac.domain.mandate_inquiries writes these rows.
    """

    vendor = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="+")
    portal_key = models.CharField(max_length=40)
    digits = EncryptedTextField()
    kind = models.CharField(max_length=3)
    roles = models.JSONField(default=list)
    ends_on = models.DateField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    passed_on_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["asked_at"], name="mandate_inquiry_asked_at"),
            models.Index(fields=["vendor", "asked_at"], name="mandate_inquiry_of_vendor"),
            models.Index(fields=["id"], name="mandate_inquiry_waits", condition=Q(passed_on_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.asked_at:%Y-%m-%d}"
