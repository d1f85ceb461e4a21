"""The change-over to the ID: phases that operators moved, texts that they changed, and requests to link or unlink old
accounts."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portals.models.legacy import LegacyAccount


class PhaseMove(models.Model):
    """From this moment on a phase holds, whatever the definition says. The newest row of a phase counts."""

    portal_key = models.CharField(max_length=40)
    phase = models.CharField(max_length=20)
    at = models.DateTimeField("begins")
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="phase_moves")
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        default_permissions = ()
        permissions = [("move_phase", "Can move the phases of a portal's change-over")]
        indexes = [models.Index(fields=["portal_key"], name="phase_move_of_portal")]


class PortalText(models.Model):
    """A text of a portal's pages in one language, instead of the definition's (S0-08); empty: the definition's holds
    again."""

    portal_key = models.CharField(max_length=40)
    key = models.CharField(max_length=40)
    language = models.CharField(max_length=8)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="portal_texts")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wording")
        default_permissions = ()
        permissions = [("change_wording", "Can change the texts of a portal's pages")]
        constraints = [
            models.UniqueConstraint(fields=["portal_key", "key", "language"], name="unique_text_per_language")
        ]


class LinkRequest(models.Model):
    """Somebody begins to link an old account: by the old sign-in before they have an ID (C25), or, signed in with an
    ID, by a mail to the old account's address (D-20)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.CharField(max_length=40)
    login_key = models.CharField(max_length=300)  # as it was proved or, for a mail, typed: nobody may have it
    legacy = models.ForeignKey(LegacyAccount, on_delete=models.CASCADE, null=True, related_name="link_requests")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="link_requests"
    )
    challenge = models.UUIDField(null=True, unique=True)  # of the mail
    asked_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["legacy"], name="unique_link_request_per_legacy_account"),
            models.CheckConstraint(
                name="link_request_by_sign_in_or_mail",
                condition=Q(legacy__isnull=False, account=None, challenge=None)
                | Q(legacy=None, account__isnull=False, challenge__isnull=False),
            ),
        ]

    @property
    def target(self) -> str:
        """What the code of its mail is bound to."""
        return f"{self.source}:{self.login_key}"


class Unlinking(models.Model):
    """Taking an old account from an ID: asked for by one member of staff, done by another."""

    class State(models.TextChoices):
        ASKED = "asked", _("waits for a second member of staff")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    legacy = models.ForeignKey(
        LegacyAccount, on_delete=models.PROTECT, related_name="unlinkings", verbose_name=_("old account")
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="unlinkings", verbose_name=_("account")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED)
    reason = models.CharField(max_length=400)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="untyings_asked",
        verbose_name=_("asked for by"),
    )
    asked_at = models.DateTimeField(_("asked for"))
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="untyings_ended",
        verbose_name=_("ended by"),
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("untying of an old account")
        verbose_name_plural = _("untyings of old accounts")
        default_permissions = ()
        permissions = [("untie_accounts", "Can take old accounts from IDs, together with a colleague")]
        constraints = [
            models.UniqueConstraint(
                fields=["legacy"], condition=Q(state="asked"), name="unique_open_unlinking_per_account"
            ),
            models.CheckConstraint(
                name="unlinked_by_two",
                condition=~Q(state="done") | (Q(ended_by__isnull=False) & ~Q(ended_by=F("asked_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.legacy} ({self.legacy.source})"
