"""How a practice stands with those who run its users, and which of it was told."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from identity.models import Ticket
from rbac.models.practices import Practice


class PracticeState(models.TextChoices):
    """How many run a practice's users, and for how long they will; the worst comes last."""

    EMPTY = "empty", _("nobody works here")
    FINE = "fine", pgettext_lazy("practice", "fine")
    ONE_NEAR = "one near", _("one administrator will be left")
    ONE_LEFT = "one left", _("one administrator is left")
    ENDING = "ending", _("soon no administrator is left")
    NOBODY = "nobody", _("no administrator is left")


class PracticeWarning(models.Model):
    """One word of one cause: a practice came into a state that somebody was told of, and has left it since or not.

    rbac.domain.practice_health writes these rows.
    """

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="warnings")
    portal_key = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=PracticeState.choices)
    created_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, related_name="+")  # by which the desk knows

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "portal_key"],
                condition=Q(over_at=None),
                name="unique_current_warning_per_practice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.created_at:%Y-%m-%d}"
