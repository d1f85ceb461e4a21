"""Invitations of staff: one-time links that make an account with rights."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffInvitation(models.Model):
    """One link. Its token is derived from the server's key; the row keeps only life and use."""

    class Role(models.TextChoices):
        OPERATOR = "operator", _("operator")
        SERVICE_DESK = "service desk", _("service desk")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=20, choices=Role.choices)
    portals = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="staff_invitations"
    )

    class Meta:
        verbose_name = "staff invitation"

    def __str__(self) -> str:
        return f"{self.role} {self.created_at:%Y-%m-%d}"
