"""The outbox: messages that must reach somebody, written in the transaction that caused them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """One message: its kind and the ids it speaks of, no rendered text, no link, no code."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        GIVEN_UP = "given up", _("given up")

    kind = models.CharField(_("kind of message"), max_length=60)
    ids = models.JSONField(_("what it is about"))
    dedupe_key = models.CharField(_("key"), max_length=120, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    is_bulk = models.BooleanField(
        _("one of many"), default=False
    )  # one of many that a job sends: whoever waits for a code comes first
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("written"))
    due_at = models.DateTimeField(_("next attempt"))
    done_at = models.DateTimeField(_("sent at"), null=True)
    problem = models.CharField(_("problem"), max_length=80, blank=True)  # the error's class; its text can name people

    class Meta:
        verbose_name = _("message to a person")
        verbose_name_plural = _("messages to people")
        indexes = [
            models.Index(fields=["is_bulk", "due_at"], name="outbox_waiting", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return self.kind
