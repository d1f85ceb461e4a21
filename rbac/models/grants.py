"""Access grants: the "SSO Database" of the source documents (S1-34), and when each was last used (S3-19)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from rbac.models.computed import ComputedField
from rbac.models.origins import Origin, format_cause
from rbac.models.sweeps import SweepRun

CURRENT = Q(until=None)
ACTIVE = CURRENT & Q(suspended_at=None)


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    def current(self) -> "AccessGrantQuerySet":
        """Grants that have not ended: they open their portal, or rest."""
        return self.filter(CURRENT)

    def active(self) -> "AccessGrantQuerySet":
        """Grants that open a portal now."""
        return self.filter(ACTIVE)

    def resting(self) -> "AccessGrantQuerySet":
        """Grants that were not used for too long, and can come back (S3-19)."""
        return self.filter(CURRENT, suspended_at__isnull=False)

    def in_portal(self, portal_key: str) -> "AccessGrantQuerySet":
        """Grants for one portal."""
        return self.filter(portal_key=portal_key)


class AccessGrant(models.Model):
    """This account may enter this portal, in this role, since, because of that form, by that approver.

    rbac.domain.grants is the only writer of these rows.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_grants", verbose_name=_("account")
    )
    portal_key = models.CharField(max_length=40)
    role = models.CharField(_("role"), max_length=40, default="user")
    attributes = models.JSONField(default=dict, blank=True)
    capabilities = models.JSONField(default=list, blank=True)  # keys of rbac.capabilities, given one by one (S0-02)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="given_grants",
        verbose_name=_("given by"),
    )
    origin = models.CharField(max_length=20, choices=Origin.choices)
    origin_key = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=60, blank=True)  # what staff wrote
    # Of access that somebody ended, not of what a newer grant took the place of.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="ended_grants",
        verbose_name=_("ended by"),
    )

    last_used_at = models.DateTimeField(_("last used"), null=True)
    restored_at = models.DateTimeField(_("given back"), null=True)  # the last time it came back after a rest
    # What idleness is counted from. The database computes it, so that no write can forget to.
    idle_from = ComputedField(
        expression=Greatest("since", Coalesce("last_used_at", "since"), Coalesce("restored_at", "since")),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    warned_days = models.PositiveSmallIntegerField(null=True)  # the last warning sent since the last use
    suspended_at = models.DateTimeField(_("rests since"), null=True)
    suspended_by_run = models.ForeignKey(
        SweepRun, on_delete=models.PROTECT, null=True, related_name="suspended_grants", db_index=False
    )
    back_asked_at = models.DateTimeField(
        _("asked for again"), null=True
    )  # the person asks for it back, and an approver has to confirm

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("access to a portal")
        verbose_name_plural = _("access to portals")
        indexes = [
            models.Index(fields=["account", "portal_key"], name="grant_of_account"),
            models.Index(fields=["portal_key", "id"], name="grant_of_portal"),  # the desk's list, newest first
            models.Index(fields=["origin_key"], name="grant_of_origin"),  # the desk looks for a form's reference
            # Covers finding and counting who is due; whoever rests leaves it.
            models.Index(fields=["portal_key", "idle_from", "warned_days"], name="grant_idle", condition=ACTIVE),
            models.Index(
                fields=["suspended_by_run", "idle_from"], name="grant_of_run", condition=Q(suspended_at__isnull=False)
            ),
        ]
        constraints = [
            # One that rests still counts: it comes back as the same row.
            models.UniqueConstraint(
                fields=["account", "portal_key"], condition=CURRENT, name="unique_current_grant_per_portal"
            ),
            models.CheckConstraint(
                name="grant_suspended_or_nothing",
                condition=Q(suspended_at__isnull=False) | Q(suspended_by_run=None, back_asked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.portal_key}"

    @property
    def cause(self) -> str:
        """Why it was given, in one line: what staff wrote, the form's reference, else what it came of."""
        return format_cause(self.origin, origin_key=self.origin_key, reason=self.reason)

    @property
    def source(self) -> str:
        """The same for the person whom it concerns: what staff wrote is staff's."""
        return format_cause(self.origin, origin_key=self.origin_key, reason="")
