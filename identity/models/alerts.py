"""Alerts about an account that its owner can answer with "this was not me"."""

import uuid

from django.conf import settings
from django.db import models

from identity.keys import links
from identity.keys.fields import EncryptedTextField


class SecurityAlert(models.Model):
    """One alert. What was done from `since` on is undone when its owner answers that it was somebody else."""

    class Kind(models.TextChoices):
        NEW_DEVICE = "new device", "new device"
        FACTOR_ADDED = "method added", "method added"
        FACTOR_REMOVED = "method removed", "method removed"
        FACTOR_DISABLED = "method disabled", "method disabled"
        DEVICE_COPIED = "device copied", "device copied"
        PASSWORD_CHANGED = "password changed", "password changed"
        FACTORS_RESET = "methods reset", "methods reset"
        PHONE_CHANGED = "phone changed", "phone changed"
        ADDRESS_ADDED = "address added", "address added"
        ADDRESS_REMOVED = "address removed", "address removed"
        PRIMARY_CHANGED = "primary changed", "primary changed"
        NAME_CHANGED = "login name changed", "login name changed"
        QUESTIONS_CHANGED = "questions changed", "questions changed"
        SECURED = "secured", "secured"
        MERGED = "merged", "merged"
        MERGE_UNDONE = "merge undone", "merge undone"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    what = models.CharField(max_length=100, blank=True)  # browser, the method's kind, the merge, the ID of before
    place = models.CharField(max_length=60, blank=True)
    old_number = EncryptedTextField(blank=True, default="")  # the phone that was removed: it is told too
    address = EncryptedTextField(blank=True, default="")  # that was added or removed, or was the primary one
    told = EncryptedTextField(blank=True, default="")  # the addresses it is mailed to, a line each
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    @property
    def bound_to(self) -> str:
        """What the token of the mail's link is sealed over."""
        return f"security alert\0{self.pk.hex}\0{self.account_id}"

    @property
    def token(self) -> str:
        """The secret part of the mail's link: derived, never stored."""
        return links.seal(self.pk, self.bound_to)
