"""The journal: append-only rows of what happened, to whom, by whom. No decision is taken from it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class JournalEntry(models.Model):
    """One event. `facts` holds keys, states and reasons, never codes, tokens or secrets."""

    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("what"), max_length=60)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="journal_entries",
        verbose_name=_("account"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="journal_acts", verbose_name=_("by")
    )
    object_kind = models.CharField(_("kind of object"), max_length=60, blank=True)
    object_id = models.CharField(_("object"), max_length=40, blank=True)
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        indexes = [
            models.Index(fields=["object_kind", "object_id", "at"], name="journal_object"),
            models.Index(fields=["account", "-at"], name="journal_account"),
            # The desk's list, newest first: all, and of one kind.
            models.Index(fields=["at", "id"], name="journal_at"),
            models.Index(fields=["kind", "at", "id"], name="journal_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
