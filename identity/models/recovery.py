"""What somebody who cannot sign in asked for, and resets of sign-in methods that the help desk began."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from identity.keys import links
from identity.keys.fields import EncryptedTextField
from identity.policy import lifecycle


class RecoveryRequest(models.Model):
    """ "Forgot ID" or "Forgot password" as it was typed, until a worker has looked it up.

    The page writes the same row whatever is true, so that its answer and its time tell a stranger nothing.
    """

    class Kind(models.TextChoices):
        ID = "id", "forgot ID"
        PASSWORD = "password", "forgot password"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    realm = models.CharField(max_length=20)
    tenant = models.CharField(max_length=40, blank=True)
    login_name = EncryptedTextField(blank=True)
    address = EncryptedTextField()
    asked_at = models.DateTimeField()


class FactorReset(models.Model):
    """A help-desk reset of all sign-in methods of an account: begun by one agent, confirmed by another, then a day in
    which the person can stop it (S4-37; policy: help-desk reset)."""

    class State(models.TextChoices):
        STARTED = "started", _("started")
        CONFIRMED = "confirmed", _("confirmed, waiting")
        DONE = "done", pgettext_lazy("reset", "done")
        STOPPED = "stopped", _("stopped by the person")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="factor_resets", verbose_name=_("account")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.STARTED)
    reason = models.CharField(max_length=400)
    called = models.CharField(max_length=80)  # which number on file was called back, masked
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="resets_started", verbose_name=_("started by")
    )
    started_at = models.DateTimeField(_("started"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="resets_confirmed",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("reset of sign-in methods")
        verbose_name_plural = _("resets of sign-in methods")
        permissions = [("reset_factors", "Can start and confirm resets of sign-in methods")]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state__in=["started", "confirmed"]),
                name="unique_open_reset_per_account",
            ),
            models.CheckConstraint(
                name="reset_by_two_agents",
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("started_by")),
            ),
        ]

    @property
    def due_at(self) -> datetime | None:
        """When the day of waiting is over; None before a second agent has confirmed it."""
        return self.confirmed_at and self.confirmed_at + lifecycle.after("factor_reset")

    @property
    def bound_to(self) -> str:
        """What the token of the notice's link is sealed over."""
        return f"stop reset\0{self.pk.hex}\0{self.account_id}"

    @property
    def token(self) -> str:
        """The secret part of the notice's link: derived, never stored."""
        return links.seal(self.pk, self.bound_to)
