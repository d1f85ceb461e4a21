"""Public registers as they were imported: who holds an NPI (NPPES), whom federal programs exclude (LEIE)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from identity.policy import text


def name_key(*parts: str) -> str:
    """What a name is looked up by: its words without case, accents and punctuation; those of a person's last name stand
    before those of the first."""
    return " ".join(word for part in parts for word in text.words(part))[:200]


class RegisterImport(models.Model):
    """One file of a register. Its state moves only through accessforms.registers.register_imports."""

    class Register(models.TextChoices):
        NPPES = "nppes", _("National Plan and Provider Enumeration System (NPPES)")
        LEIE = "leie", _("List of Excluded Individuals/Entities (LEIE)")

    class State(models.TextChoices):
        READING = "reading", _("being read")
        DONE = "done", _("done")
        GIVEN_UP = "given up", pgettext_lazy("import", "given up")

    register = models.CharField(max_length=10, choices=Register.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # tells the same file: see register_imports.digest_of
    read = models.PositiveBigIntegerField(default=0)  # bytes of the file, up to the last row that was stored
    stored = models.PositiveIntegerField(default=0)  # rows
    left_out = models.PositiveIntegerField(default=0)  # rows that could not be read
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("import of a register")
        verbose_name_plural = _("imports of registers")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["register"], condition=Q(state="reading"), name="unique_reading_import_per_register"
            ),
            models.CheckConstraint(
                name="register_import_ended",
                condition=Q(state="reading", ended_at=None) | (~Q(state="reading") & Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.file_name}"


class NpiRecord(models.Model):
    """What NPPES says of one NPI; of a deactivated one it says the date only."""

    npi = models.CharField(max_length=10)
    is_organization = models.BooleanField(default=False)
    last_name = models.CharField(max_length=150, blank=True)
    first_name = models.CharField(max_length=150, blank=True)
    organization = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=40, blank=True)  # of the practice location; abroad, the name of a province
    taxonomy = models.CharField(max_length=10, blank=True)  # the first one
    enumerated_on = models.DateField(null=True)
    deactivated_on = models.DateField(null=True)
    reactivated_on = models.DateField(null=True)
    register_import = models.ForeignKey(RegisterImport, on_delete=models.PROTECT, db_index=False, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["npi"], name="unique_record_per_npi")]

    def __str__(self) -> str:
        return self.npi

    @property
    def name(self) -> str:
        """Of the organization, or of the person."""
        return self.organization if self.is_organization else f"{self.first_name} {self.last_name}".strip()

    @property
    def is_active(self) -> bool:
        """Whether the number is in use."""
        if self.deactivated_on is None:
            return True
        return self.reactivated_on is not None and self.reactivated_on >= self.deactivated_on


class ExclusionQuerySet(models.QuerySet["Exclusion"]):
    def in_force(self) -> "ExclusionQuerySet":
        """Rows of the list that was imported last, and not of one that is still being read."""
        return self.filter(register_import__state=RegisterImport.State.DONE)


class Exclusion(models.Model):
    """One row of the list of excluded people and companies. It has no number of its own, and often no NPI."""

    register_import = models.ForeignKey(RegisterImport, on_delete=models.PROTECT, db_index=False, related_name="+")
    line = models.PositiveIntegerField()  # its row in the file
    npi = models.CharField(max_length=10, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    first_name = models.CharField(max_length=150, blank=True)
    business_name = models.CharField(max_length=200, blank=True)
    name_key = models.CharField(max_length=200)
    state = models.CharField(max_length=40, blank=True)
    excluded_on = models.DateField(null=True)
    reinstated_on = models.DateField(null=True)

    objects = ExclusionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["register_import", "line"], name="unique_exclusion_per_line")]
        indexes = [
            models.Index(fields=["name_key"], name="exclusion_name"),
            models.Index(fields=["npi"], name="exclusion_npi", condition=~Q(npi="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Of the company, or of the person."""
        return self.business_name or f"{self.first_name} {self.last_name}".strip()
