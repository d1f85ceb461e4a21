"""The journal: append-only rows of what happened, to whom, by whom. No decision is taken from it."""

from django.conf import settings
from django.db import models


class JournalEntry(models.Model):
    """One event. `facts` holds keys, states and reasons, never codes, tokens or secrets."""

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=60)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="journal_entries"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="journal_acts")
    object_kind = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = "journal entry"
        verbose_name_plural = "journal entries"
        indexes = [
            models.Index(fields=["object_kind", "object_id", "at"], name="journal_object"),
            models.Index(fields=["account", "-at"], name="journal_account"),
        ]
