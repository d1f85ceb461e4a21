"""Access grants: the "SSO Database" of the source documents (S1-34)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from rbac.models.practices import Practice


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    def active(self) -> "AccessGrantQuerySet":
        """Grants that open a portal now."""
        return self.filter(until=None)

    def in_portal(self, portal_key: str) -> "AccessGrantQuerySet":
        """Grants for one portal."""
        return self.filter(portal_key=portal_key)


class AccessGrant(models.Model):
    """This account may enter this portal, in this role, since, because of that form, by that approver."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_grants")
    portal_key = models.CharField(max_length=40)
    role = models.CharField(max_length=40, default="user")
    attributes = models.JSONField(default=dict, blank=True)
    practices = models.ManyToManyField(Practice, blank=True, related_name="access_grants")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="given_grants")
    because_of = models.CharField(max_length=60)  # the reference of the form, or the reason

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        verbose_name = "access grant"
        indexes = [models.Index(fields=["account", "portal_key"], name="grant_of_account")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "portal_key"], condition=Q(until=None), name="one_active_grant_a_portal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} in {self.portal_key}"
