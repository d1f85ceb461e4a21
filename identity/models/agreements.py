"""Who agreed to which version of what, when and how (C18)."""

from django.conf import settings
from django.db import models


class Signature(models.Model):
    """One account agreed to one version; the row is kept for good, and so is the version's text."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signatures")
    agreement = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=10)
    name = models.CharField(max_length=260)  # as the account was called then
    login_name = models.CharField(max_length=64)
    typed_name = models.CharField(max_length=260, blank=True)
    language = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "agreement", "version"], name="one_signature_a_version"),
        ]
