"""Administrator requests: somebody asks to run the users of a practice (S4-01..04)."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from enrollment.models.invitations import Officer
from identity.keys.fields import EncryptedTextField
from rbac.models import Practice, PracticeTin


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Somebody who is to be an administrator: the primary one asks for both."""

    first_name: str
    last_name: str
    phone: str
    email: str

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class ApplicantField(EncryptedTextField):
    """An applicant, encrypted like any text that somebody typed; nobody is None."""

    _pyi_private_set_type: Any  # what django-stubs reads: neither is a text in Python
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(json.dumps(asdict(value)) if value else "")

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        plain = super().from_db_value(value, expression, connection)
        return Applicant(**json.loads(plain)) if plain else None

    def to_python(self, value: Any) -> Any:
        return value


class RequestState(models.TextChoices):
    UNPROVED = "unproved", pgettext_lazy("administrator request", "not confirmed")
    SUBMITTED = "submitted", pgettext_lazy("administrator request", "submitted")
    RETURNED = "returned", pgettext_lazy("administrator request", "returned")
    APPROVED = "approved", pgettext_lazy("administrator request", "approved")
    DENIED = "denied", pgettext_lazy("administrator request", "denied")
    WITHDRAWN = "withdrawn", pgettext_lazy("administrator request", "withdrawn")
    EXPIRED = "expired", pgettext_lazy("administrator request", "expired")


class AdministratorRequestQuerySet(models.QuerySet["AdministratorRequest"]):
    def proved(self) -> "AdministratorRequestQuerySet":
        """Those that exist for staff: before, anybody may have typed anybody's address."""
        return self.exclude(state=RequestState.UNPROVED)

    def open(self) -> "AdministratorRequestQuerySet":
        """Those that may still be approved: they wait for staff, or for a correction."""
        return self.filter(state__in=[RequestState.SUBMITTED, RequestState.RETURNED])


class AdministratorRequest(models.Model):
    """One request. Its state moves only through enrollment.domain.administrator_requests and its neighbours."""

    number = models.CharField(_("number"), max_length=11, unique=True, editable=False)
    portal_key = models.CharField(max_length=40)
    language = models.CharField(max_length=10, default="en")  # that the form was filled in in
    state = models.CharField(_("state"), max_length=10, choices=RequestState.choices, default=RequestState.UNPROVED)
    version = models.PositiveIntegerField(default=0)  # raised by each step: tells a stale page

    primary = ApplicantField()
    secondary = ApplicantField(default=None)  # a sole practitioner names none
    practice_name = models.CharField(_("practice"), max_length=200)
    address_1 = models.CharField(max_length=128)
    address_2 = models.CharField(max_length=128, blank=True)
    city = models.CharField(max_length=60)
    practice_state = models.CharField(max_length=2)
    zip = models.CharField(max_length=10)
    phone = models.CharField(max_length=30)
    fax = models.CharField(max_length=30, blank=True)
    tin = EncryptedTextField()
    tin_key = models.CharField(max_length=64, editable=False)
    tin_kind = models.CharField(max_length=3, choices=PracticeTin.Kind.choices)
    has_more_locations = models.BooleanField(default=False)

    created_at = models.DateTimeField()
    sender = models.CharField(max_length=60, blank=True)  # the country or network of the address that it came from
    proved_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    state_since = models.DateTimeField()
    due_at = models.DateTimeField(_("due at"))  # what waits in this state is over, or late, then
    administrators_told_at = models.DateTimeField(null=True)  # whoever runs the practice that has the tax ID
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("taken by")
    )
    claimed_until = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="decided_administrator_requests"
    )
    reason = models.TextField(blank=True)  # of the last return or denial, for the applicant
    called_at = models.DateTimeField(null=True)  # staff called the number on file, and the practice agreed
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, null=True, related_name="administrator_requests")

    objects = AdministratorRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("administrator request")
        verbose_name_plural = _("administrator requests")
        default_permissions = ()
        indexes = [
            models.Index(fields=["state", "due_at"], name="administrator_request_due"),
            models.Index(fields=["due_at", "id"], name="administrator_request_list"),
            models.Index(fields=["tin_key"], name="administrator_request_tin"),
        ]
        constraints = [
            models.CheckConstraint(
                name="administrator_request_proved_first",
                condition=Q(state=RequestState.UNPROVED, proved_at=None, submitted_at=None)
                | ~Q(state=RequestState.UNPROVED) & Q(proved_at__isnull=False, submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="administrator_request_decided_by_staff",
                condition=~Q(state__in=[RequestState.APPROVED, RequestState.DENIED]) | Q(decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="administrator_request_approved_for_practice",
                condition=~Q(state=RequestState.APPROVED) | Q(practice__isnull=False),
            ),
            models.CheckConstraint(
                name="administrator_request_claimed_for_a_while",
                condition=Q(claimed_by=None, claimed_until=None)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def officers(self) -> Iterator[tuple[Officer, Applicant]]:
        """Those who are to be administrators, the primary one first (S4-02, S4-39)."""
        yield Officer.PRIMARY, self.primary
        if self.secondary:
            yield Officer.SECONDARY, self.secondary

    def is_held(self, *, now: datetime, by: Any = None) -> bool:
        """Whether a member of staff works on it, other than `by`."""
        return self.claimed_until is not None and now < self.claimed_until and self.claimed_by != by
