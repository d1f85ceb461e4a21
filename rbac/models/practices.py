"""Practices and the tax IDs they bill under."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.keys.fields import EncryptedTextField, keyed_hash
from rbac.models.origins import Origin


def tin_key(digits: str) -> str:
    """What a tax ID is looked up by: its digits lie encrypted."""
    return keyed_hash("tax id", digits)


def written(digits: str, kind: str) -> str:
    """Nine digits with the dashes of their kind (C11)."""
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}" if kind == "SSN" else f"{digits[:2]}-{digits[2:]}"


class Practice(models.Model):
    """A practice or group, and where it is."""

    name = models.CharField(max_length=200)
    address_1 = models.CharField(max_length=128, blank=True)
    address_2 = models.CharField(max_length=128, blank=True)
    city = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    fax = models.CharField(max_length=30, blank=True)
    phone_on_file_since = models.DateTimeField(null=True)  # staff call back no number that was named a moment ago
    has_more_locations = models.BooleanField(default=False)  # S4-04's box: the documents ask for one address
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class PracticeTinQuerySet(models.QuerySet["PracticeTin"]):
    def attested(self) -> "PracticeTinQuerySet":
        """Those that staff have checked: no other opens anything, or is told to anybody (D-25)."""
        return self.filter(attested_at__isnull=False)

    def among(self, tins: Iterable[tuple[str, str]]) -> "PracticeTinQuerySet":
        """The rows of these tax IDs, each given as (nine digits, kind)."""
        condition = Q(pk__in=[])
        for digits, kind in tins:
            condition |= Q(key=tin_key(digits), kind=kind)
        return self.filter(condition)


class PracticeTin(models.Model):
    """One tax ID: nine digits and whether it is an EIN or an SSN, which decides how it prints (C11)."""

    class Kind(models.TextChoices):
        EIN = "EIN", _("EIN")
        SSN = "SSN", _("SSN")

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="tins")
    digits = EncryptedTextField()
    key = models.CharField(max_length=64, editable=False)
    kind = models.CharField(max_length=3, choices=Kind.choices)
    attested_at = models.DateTimeField(null=True)
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="attested_tins"
    )
    origin = models.CharField(max_length=20, choices=Origin.choices, default=Origin.FORM)
    origin_key = models.CharField(max_length=60, blank=True)

    objects = PracticeTinQuerySet.as_manager()

    class Meta:
        verbose_name = _("tax ID")
        constraints = [
            models.CheckConstraint(name="tin_key_is_a_hash", condition=Q(key__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="tin_attested_by_somebody",
                condition=Q(attested_at=None, attested_by=None)
                | Q(attested_at__isnull=False, attested_by__isnull=False),
            ),
            models.UniqueConstraint(fields=["key", "kind"], name="unique_practice_per_tin"),
        ]

    def __str__(self) -> str:
        return f"…{self.digits[-4:]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = tin_key(self.digits)
        super().save(*args, **kwargs)

    @property
    def written(self) -> str:
        """With the dashes of its kind, for whoever wrote it down and for staff who check it."""
        return written(self.digits, self.kind)

    @property
    def masked(self) -> str:
        """As the desk reads it beside a person: an EIN with its dash, of an SSN the last four digits."""
        digits = self.digits
        return f"XXX-XX-{digits[-4:]} (SSN)" if self.kind == self.Kind.SSN else f"{digits[:2]}-{digits[2:]} (EIN)"
