"""Answers of a form's lists that operators added, took away, or called otherwise (D-10)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class OfferedAnswer(models.Model):
    """One answer of one list, over what the portal's definition offers. accessforms.domain.offered writes it."""

    portal_key = models.CharField(max_length=40)
    field = models.CharField(max_length=40)
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=80)
    label_es = models.CharField(max_length=80, blank=True)
    is_offered = models.BooleanField(default=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("answer of a list")
        verbose_name_plural = _("lists of forms")
        constraints = [
            models.UniqueConstraint(fields=["portal_key", "field", "key"], name="unique_offered_answer_per_field"),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.key}"
