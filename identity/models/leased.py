"""What every row has that a worker takes for a while: see identity.record.queue."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LeasedRow(models.Model):
    """A row that waits until a worker is done with it or gives it up; a subclass names its states."""

    state = models.CharField(_("state"), max_length=10, default="waiting")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("written"))
    due_at = models.DateTimeField(_("next attempt"))
    done_at = models.DateTimeField(_("sent at"), null=True)  # or given up
    problem = models.CharField(_("problem"), max_length=80, blank=True)  # the error's class; its text can name people

    class Meta:
        abstract = True
