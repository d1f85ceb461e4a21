"""What texts and calls cost on one day, all accounts together (policy: text and call codes)."""

from django.db import models


class DailySpend(models.Model):
    """One day's texts and calls in US cents."""

    day = models.DateField(unique=True)
    cents = models.PositiveIntegerField(default=0)
