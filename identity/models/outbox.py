"""The outbox: messages that must reach somebody, written in the transaction that caused them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models.leased import LeasedRow


class OutboxMessage(LeasedRow):
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

    class Meta:
        verbose_name = _("message to a person")
        verbose_name_plural = _("messages to people")
        indexes = [
            models.Index(fields=["is_bulk", "due_at"], name="outbox_waiting", condition=models.Q(state="waiting")),
            # The desk's list, newest first: of one kind, and of the few that were given up.
            models.Index(fields=["kind", "id"], name="outbox_kind"),
            models.Index(fields=["id"], name="outbox_given_up", condition=models.Q(state="given up")),
        ]

    def __str__(self) -> str:
        return self.kind
