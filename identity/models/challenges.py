"""Codes and links that were sent: their life, tries and use. The value itself is never stored."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


class Challenge(models.Model):
    """One sending of a code or link. The newest of an account, purpose and target is the only one that counts; where
    nobody has an account yet, the newest of the purpose and target."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # None only of a purpose that strangers have, whose mailbox is proved before there is an account: `mailbox` and
    # `typed_mailbox`.
    account: models.ForeignKey[Any, Any] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="challenges"
    )
    purpose = models.CharField(max_length=20)
    target_key = models.CharField(max_length=64)  # keyed hash of the address or number it was sent to
    channel = models.CharField(max_length=10)
    # Greater than that of every earlier row of its account and of its target: a clock may step back, this may not.
    number = models.PositiveBigIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)  # of an answered call: the browser that asked for it went on

    class Meta:
        indexes = [
            models.Index(fields=["account", "purpose", "-number"], name="challenge_newest"),
            models.Index(fields=["target_key", "-number"], name="challenge_of_target"),
        ]
        constraints = [
            models.CheckConstraint(name="challenge_five_tries", condition=Q(tries__lte=5)),
        ]

    @property
    def holder_id(self) -> int:
        """The key of its account, of every purpose that needs one."""
        assert self.account_id is not None
        return self.account_id
