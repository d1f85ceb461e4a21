"""The order in which somebody wants the tiles of a portal's home (S3-05)."""

from django.conf import settings
from django.db import models


class Layout(models.Model):
    """One person's own order of a portal's tiles, by their keys. Without a row they stand as the portal declares them.

    portals.inside.domain.layouts writes these rows.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    portal_key = models.CharField(max_length=40)
    order = models.JSONField(default=list)  # every tile of the portal, also those that are closed to the person now
    hidden = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["account", "portal_key"], name="unique_layout_per_account_and_portal"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}, {self.portal_key}"
