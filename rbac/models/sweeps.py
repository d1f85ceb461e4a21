"""Runs of a sweep: what one of them may touch, who released it, what it did (policy: mass acts)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SweepRun(models.Model):
    """One run over the idle grants, planned at `as_of`. A run that would touch too many waits for two people.

    `periods` keeps the seconds of each portal as they were when it was planned: what is released is what was shown.
    """

    class State(models.TextChoices):
        FROZEN = "frozen", _("stopped: two people have to release it")
        HALF_RELEASED = "half released", _("released by one: a second person is needed")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")
        DISCARDED = "discarded", _("discarded")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    OPEN = (State.FROZEN, State.HALF_RELEASED, State.RUNNING)
    AT_WORK = (State.RUNNING, State.UNDOING)

    sweep = models.CharField(max_length=40, default="idle accounts")
    as_of = models.DateTimeField()
    periods = models.JSONField()
    state = models.CharField(max_length=20, choices=State.choices)
    state_since = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    # The plan: grants that were active, most that a run may touch by itself, and how many were due.
    active = models.PositiveIntegerField()
    allowed = models.PositiveIntegerField()
    to_warn = models.PositiveIntegerField()
    to_suspend = models.PositiveIntegerField()
    # What was done.
    warned = models.PositiveIntegerField(default=0)
    suspended = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)
    first_released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="sweeps_half_released"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="sweeps_released"
    )
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="sweeps_undone"
    )

    class Meta:
        verbose_name = _("idle accounts")
        verbose_name_plural = _("idle accounts")
        default_permissions = ()
        permissions = [("run_sweeps", "Can release and undo runs of a sweep")]
        constraints = [
            models.UniqueConstraint(
                fields=["sweep"],
                condition=Q(state__in=["frozen", "half released", "running"]),
                name="unique_open_run_per_sweep",
            ),
            models.CheckConstraint(
                name="run_released_by_two",
                condition=Q(released_by=None)
                | (Q(first_released_by__isnull=False) & ~Q(released_by=F("first_released_by"))),
            ),
            models.CheckConstraint(
                name="run_within_its_plan",
                condition=Q(warned__lte=F("to_warn"), suspended__lte=F("to_suspend")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d %H:%M}"
