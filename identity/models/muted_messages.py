"""Which messages somebody turned off."""

from django.conf import settings
from django.db import models

from identity.models.accounts import Account


class MutedMessageQuerySet(models.QuerySet["MutedMessage"]):
    def of(self, account: Account) -> "MutedMessageQuerySet":
        """What this person turned off."""
        return self.filter(account=account)

    def holds_back(self, account: Account, kind: str) -> bool:
        """Whether a message of this kind is one that its reader does not want."""
        return self.of(account).filter(kind=kind).exists()


class MutedMessage(models.Model):
    """One kind of message that does not go to this account. No row: it goes."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)  # as the outbox stores it
    created_at = models.DateTimeField()

    objects = MutedMessageQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["account", "kind"], name="unique_muted_kind_per_account")]

    def __str__(self) -> str:
        return self.kind
