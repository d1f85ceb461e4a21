"""Changes of who decides a portal's requests: asked for by one operator, made by another."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rbac.models.approvals import ApprovalQueue


class DecidersChange(models.Model):
    """Some people begin to decide the requests of a portal, some cease to: together, for one reason."""

    class State(models.TextChoices):
        ASKED = "asked", _("waits for a second operator")
        DONE = "done", pgettext_lazy("change", "done")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    queue = models.ForeignKey(ApprovalQueue, on_delete=models.PROTECT, related_name="changes")
    begins = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    ceases = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    reason = models.CharField(max_length=400)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("change of who decides")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["queue"], condition=Q(state="asked"), name="unique_open_change_per_queue"),
            models.CheckConstraint(
                name="deciders_changed_by_two",
                condition=~Q(state="done") | (Q(ended_by__isnull=False) & ~Q(ended_by=F("asked_by"))),
            ),
        ]
