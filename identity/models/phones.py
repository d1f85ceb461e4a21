"""Phones as second factors: a django-otp device whose number lies encrypted."""

from typing import Any

from django.db import models

from identity.keys.fields import EncryptedTextField, keyed_hash
from identity.models.factors import Factor


class PhoneDevice(Factor):
    """One phone number of an account. `confirmed` means that the person proved to hold it."""

    class Method(models.TextChoices):
        TEXT = "text", "text message"
        CALL = "call", "call that asks for the code on the screen"
        SPOKEN = "spoken", "call that says the code"

    number = EncryptedTextField()  # E.164: +13105550123
    number_key = models.CharField(max_length=64, db_index=True, editable=False)
    method = models.CharField(max_length=6, choices=Method.choices, default=Method.TEXT)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "phone"
        # A number that is to replace the proved one waits beside it (S4-36).
        constraints = [
            models.UniqueConstraint(fields=["user", "confirmed"], name="unique_phone_per_account_and_confirmed")
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.number_key = keyed_hash("phone", self.number)
        super().save(*args, **kwargs)

    @property
    def masked(self) -> str:
        """The number as pages show it: only the last four digits (S4-34)."""
        return f"XXX-XXX-{self.number[-4:]}"
