"""Clinicians, and who works with which of them (S2-21..23)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from rbac.models import AccessGrant, Practice


class Clinician(models.Model):
    """Somebody whom people may say they work with. enrollment.domain.clinicians writes these rows."""

    npi = models.CharField(_("NPI"), max_length=10)
    name = models.CharField(_("name"), max_length=200)
    practice = models.ForeignKey(
        Practice, on_delete=models.PROTECT, null=True, related_name="clinicians", verbose_name=_("practice")
    )
    is_active = models.BooleanField(_("may be chosen"), default=True)
    created_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("clinician")
        verbose_name_plural = _("clinicians")
        default_permissions = ()
        # The pages of a search follow the name and the key.
        indexes = [models.Index(fields=["name", "id"], name="clinician_by_name")]
        constraints = [
            models.UniqueConstraint(fields=["npi"], name="unique_clinician_per_npi"),
            models.CheckConstraint(name="clinician_npi_of_ten_digits", condition=Exact(Length("npi"), 10)),
        ]

    def __str__(self) -> str:
        return f"{self.name}, NPI {self.npi}"


class ClinicianTerm(models.Model):
    """One word of a clinician's name (see identity.models.search)."""

    clinician = models.ForeignKey(Clinician, on_delete=models.CASCADE, related_name="+", db_index=False)
    term = models.BinaryField(max_length=200)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["clinician", "term"], name="unique_term_per_clinician")]
        indexes = [models.Index(fields=["term", "clinician"], name="clinician_terms")]


class AssociationQuerySet(models.QuerySet["Association"]):
    def current(self) -> "AssociationQuerySet":
        """Associations that nobody ended. With the access that they stand on they count no longer, ended or not."""
        return self.filter(until=None)

    def of(self, grant: AccessGrant) -> "AssociationQuerySet":
        """Those of the holder of one grant."""
        return self.filter(grant=grant)


class Association(models.Model):
    """The holder of this grant works with this clinician. It stands on the grant: a role may change, this stays."""

    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, related_name="associations")
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="associations")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    objects = AssociationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["grant", "until"], name="association_of_grant")]
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "clinician"], condition=Q(until=None), name="unique_open_association_per_clinician"
            ),
            models.CheckConstraint(
                name="association_ends_after_its_start", condition=Q(until=None) | Q(until__gte=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant}: {self.clinician}"


class ClinicianQuestion(models.Model):
    """The holder of this grant was asked for their clinicians and went on (S2-21): nobody is asked twice."""

    grant = models.OneToOneField(AccessGrant, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.grant)
