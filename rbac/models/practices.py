"""Practices and the tax IDs they bill under."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Practice(models.Model):
    """A practice or group."""

    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class PracticeTin(models.Model):
    """One tax ID: nine digits and whether it is an EIN or an SSN, which decides how it prints (C11)."""

    class Kind(models.TextChoices):
        EIN = "EIN", "EIN"
        SSN = "SSN", "SSN"

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="tins")
    digits = models.CharField(max_length=9)
    kind = models.CharField(max_length=3, choices=Kind.choices)

    class Meta:
        verbose_name = "tax ID"
        constraints = [
            models.CheckConstraint(name="tin_nine_digits", condition=Q(digits__regex=r"^[0-9]{9}$")),
            models.UniqueConstraint(fields=["digits", "kind"], name="unique_practice_per_tin"),
        ]

    def __str__(self) -> str:
        return f"…{self.digits[-4:]}"

    @property
    def masked(self) -> str:
        """As the desk reads it beside a person: an EIN with its dash, of an SSN the last four digits."""
        digits = self.digits
        return f"XXX-XX-{digits[-4:]} (SSN)" if self.kind == self.Kind.SSN else f"{digits[:2]}-{digits[2:]} (EIN)"
