"""Acts of jobs that would touch too many rows, or trust a clock that jumped: they wait for two people (policy: mass
acts)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class MassAct(models.Model):
    """One act that was stopped before it began: its kind, as of which moment, how many rows it would touch."""

    class State(models.TextChoices):
        FROZEN = "frozen", pgettext_lazy("job", "stopped: two people have to release it")
        HALF_RELEASED = "half released", pgettext_lazy("job", "released by one: a second person is needed")
        RELEASED = "released", pgettext_lazy("job", "released: done at the job's next run")
        DONE = "done", pgettext_lazy("job", "done")
        DISCARDED = "discarded", pgettext_lazy("job", "discarded")

    OPEN = (State.FROZEN, State.HALF_RELEASED, State.RELEASED)

    kind = models.CharField(_("job"), max_length=60)
    as_of = models.DateTimeField(_("planned at"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.FROZEN)
    state_since = models.DateTimeField(_("since"))
    counted = models.PositiveIntegerField(_("rows it would touch"))
    active = models.PositiveIntegerField(_("rows there are"))
    allowed = models.PositiveIntegerField(_("rows it may touch by itself"))
    first_released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="mass_acts_half_released",
        verbose_name=_("first released by"),
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="mass_acts_released",
        verbose_name=_("released by"),
    )

    class Meta:
        verbose_name = _("stopped job")
        verbose_name_plural = _("stopped jobs")
        default_permissions = ()
        permissions = [("release_mass_acts", "Can release jobs that were stopped")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(state__in=["frozen", "half released", "released"]),
                name="unique_open_mass_act_per_kind",
            ),
            models.CheckConstraint(
                name="mass_act_released_by_two",
                condition=Q(released_by=None)
                | (Q(first_released_by__isnull=False) & ~Q(released_by=F("first_released_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.as_of:%Y-%m-%d %H:%M}"

    @property
    def job(self) -> str:
        """What the job does, in the reader's language: it marks its kind for the translators where it names it."""
        return gettext(self.kind)


class ClockMark(models.Model):
    """The last moment that jobs have acted at: one row. A clock that is far from it has jumped."""

    at = models.DateTimeField()
