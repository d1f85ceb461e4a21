"""Browsers that an account has signed in from, and its sessions that are open now."""

import uuid

from django.conf import settings
from django.db import models


class RememberedDevice(models.Model):
    """One account in one browser. The browser's cookie is derived from the row and rotates at each sign-in.

    Knowing a device spares its owner the alert and the pauses that strangers cause; with `skips_until` it also spares
    the second step ("Skip this step next time", S0-30).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    generation = models.PositiveIntegerField(default=0)
    browser = models.CharField(max_length=80)
    place = models.CharField(max_length=60)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    skips_until = models.DateTimeField(null=True)
    proved_by = models.CharField(max_length=20, blank=True)  # the method that `skips_until` stands for
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "remembered device"
        indexes = [models.Index(fields=["account", "-last_seen_at"], name="device_of_account")]


class OpenSession(models.Model):
    """A signed-in session as its owner sees it in a list. `session_key` finds the session itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="open_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.ForeignKey(RememberedDevice, on_delete=models.SET_NULL, null=True)
    browser = models.CharField(max_length=80)
    place = models.CharField(max_length=60)
    signed_in_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-last_seen_at"], name="session_of_account")]
