"""Merges: two accounts of one person that became one, with every value that changed, so that it can be undone."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Merge(models.Model):
    """One merge (D-17). `changes` holds rows, fields, old and new values: keys, states and addresses, no secrets."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survivor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="merges", verbose_name=_("kept")
    )
    absorbed = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absorptions", verbose_name=_("ended")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("merged at"))
    changes = models.JSONField()
    undone_at = models.DateTimeField(_("separated again"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("separated by")
    )

    class Meta:
        verbose_name = _("merge of two IDs")
        verbose_name_plural = _("merges of two IDs")
        permissions = [("undo_merge", "Can see and undo merges of two IDs")]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["absorbed"], condition=Q(undone_at=None), name="unique_merge_per_absorbed"),
            models.CheckConstraint(name="merge_of_two", condition=~Q(survivor=F("absorbed"))),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed} → {self.survivor}"
