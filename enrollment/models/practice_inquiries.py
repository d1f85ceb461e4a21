""" "Ask my practice": somebody whom nobody invited asks those who run a practice's users."""

from django.db import models

from identity.keys.fields import EncryptedTextField


class PracticeInquiry(models.Model):
    """What somebody typed, until a worker has passed it on and the administrators have read it.

    The page writes the same row whatever is true, so that its answer and its time tell a stranger nothing.
    """

    portal_key = models.CharField(max_length=40)
    tin_key = models.CharField(max_length=64)  # as rbac looks tax IDs up; the digits are kept nowhere
    tin_kind = models.CharField(max_length=3)
    name = EncryptedTextField()
    email = EncryptedTextField()
    email_key = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    passed_on_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["asked_at"], name="inquiry_asked_at"),
            models.Index(fields=["tin_key", "passed_on_at"], name="inquiry_of_tin"),
        ]

    def __str__(self) -> str:
        return f"{self.portal_key} {self.asked_at:%Y-%m-%d}"
