"""The outbox: messages that must reach somebody, written in the transaction that caused them."""

from django.db import models


class OutboxMessage(models.Model):
    """One message: its kind and the ids it speaks of, no rendered text, no link, no code."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        SENT = "sent", "sent"
        GIVEN_UP = "given up", "given up"

    kind = models.CharField(max_length=60)
    ids = models.JSONField()
    dedupe_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    is_bulk = models.BooleanField(default=False)  # one of many that a job sends: whoever waits for a code comes first
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=80, blank=True)  # the error's class; its text can name people

    class Meta:
        verbose_name = "outbox message"
        indexes = [
            models.Index(fields=["is_bulk", "due_at"], name="outbox_waiting", condition=models.Q(state="waiting")),
        ]
