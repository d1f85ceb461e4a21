"""Tickets: something a person needs help with, under a number that can be told on the telephone."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from identity.keys.fields import EncryptedTextField


class TicketQuerySet(models.QuerySet["Ticket"]):
    def of(self, account: Any) -> "TicketQuerySet":
        """The tickets of an account: nobody else's are ever found."""
        return self.filter(account=account)


class Ticket(models.Model):
    """One ticket. Its status moves only through identity.notices.tickets."""

    class Topic(models.TextChoices):
        SIGN_IN = "sign in", _("Signing in")
        MERGE = "merge", _("Two IDs")
        ACCESS = "access", _("Access to a portal")
        OTHER = "other", _("Something else")

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("ticket", "Open")
        IN_PROGRESS = "in progress", _("In progress")
        CLOSED = "closed", _("Answered")

    number = models.CharField(_("number"), max_length=11, unique=True, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="tickets", verbose_name=_("account")
    )
    topic = models.CharField(_("topic"), max_length=10, choices=Topic.choices)
    text = EncryptedTextField()
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField(_("opened"))
    status_since = models.DateTimeField(_("status since"))
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="handled_tickets",
        verbose_name=_("handled by"),
    )
    answer = EncryptedTextField(blank=True, default="")

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        permissions = [("handle_ticket", "Can take and answer tickets")]
        default_permissions = ()
        indexes = [
            models.Index(fields=["status", "opened_at"], name="ticket_queue"),
            models.Index(fields=["account", "-opened_at"], name="ticket_of_account"),
            models.Index(fields=["opened_at", "id"], name="ticket_opened"),
        ]

    def __str__(self) -> str:
        return self.number
