"""Invitations: mailed ways into a practice, a portal, or the staff."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rbac.models import Practice


class Kind(models.TextChoices):
    """Who is invited to what."""

    STAFF = "staff", _("member of staff")
    ADMINISTRATOR = "administrator", _("administrator of a practice")
    OFFICE_USER = "office user", _("user of a practice")
    PORTAL = "portal", _("user of a portal")


class StaffRole(models.TextChoices):
    """What a member of staff is invited to be."""

    OPERATOR = "operator", _("operator")
    SERVICE_DESK = "service desk", _("service desk")


class State(models.TextChoices):
    SENT = "sent", pgettext_lazy("invitation", "sent")
    ACCEPTED = "accepted", pgettext_lazy("invitation", "accepted")
    CANCELED = "canceled", pgettext_lazy("invitation", "canceled")
    LAPSED = "lapsed", pgettext_lazy("invitation", "lapsed")


class Officer(models.TextChoices):
    """The two types of a practice's administrators, as their mail names them (S4-06, S4-39)."""

    PRIMARY = "primary", _("Primary")
    SECONDARY = "secondary", _("Secondary")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Those that nobody accepted or canceled. Whether one still counts is asked of the domain: its days may be
        over before the job says so."""
        return self.filter(state=State.SENT)

    def owned_by(self, account: models.Model) -> "InvitationQuerySet":
        """Those that an administrator sees: their own, and what passed to them (S4-22, D-15)."""
        return self.filter(owner=account)


class Invitation(models.Model):
    """One person is invited, as often as it takes: the link is derived from this row and the number of its sending.

    enrollment.domain.invitations is the only writer. `email` is stored as it is looked up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    portal_key = models.CharField(max_length=40, blank=True)  # empty: staff
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, null=True, related_name="invitations")
    role = models.CharField(max_length=40)  # of the practice or the portal; of staff a StaffRole
    market = models.CharField(max_length=2, blank=True)
    officer = models.CharField(max_length=10, choices=Officer.choices, blank=True)
    portals = models.JSONField(default=list)  # whose requests a member of staff is to decide

    first_name = models.CharField(max_length=128, blank=True)
    last_name = models.CharField(max_length=128, blank=True)
    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=10, default="en")  # of the mail: that of whoever invites
    # Office information of the membership to be (S4-17).
    address_1 = models.CharField(max_length=128, blank=True)
    address_2 = models.CharField(max_length=128, blank=True)
    city = models.CharField(max_length=60, blank=True)
    office_state = models.CharField(max_length=2, blank=True)
    zip = models.CharField(max_length=10, blank=True)
    work_phone = models.CharField(max_length=30, blank=True)
    ends_on = models.DateField(null=True)  # of temporary staff

    # Who sees it and is told: an administrator of the practice (S4-22), until it passes to another one (D-15).
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="owned_invitations"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="created_invitations"
    )
    origin_key = models.CharField(
        max_length=60, blank=True
    )  # the form or request that it came of, or the invitation before
    created_at = models.DateTimeField()
    sendings = models.PositiveSmallIntegerField(default=1)
    last_sent_at = models.DateTimeField()
    asked_again_at = models.DateTimeField(null=True)  # the person asked for another sending
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENT)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="accepted_invitations"
    )
    ended_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        indexes = [
            models.Index(fields=["owner", "state", "last_sent_at"], name="invitation_of_owner"),
            models.Index(fields=["practice", "last_sent_at"], name="invitation_of_practice"),
            models.Index(fields=["origin_key"], name="invitation_of_origin"),
            models.Index(fields=["last_sent_at"], name="invitation_open", condition=Q(state=State.SENT)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "email"], condition=Q(state=State.SENT), name="unique_open_invitation_per_practice"
            ),
            models.UniqueConstraint(
                fields=["portal_key", "email"],
                condition=Q(state=State.SENT, practice=None, kind=Kind.PORTAL),
                name="unique_open_invitation_per_portal",
            ),
            models.CheckConstraint(
                name="invitation_accepted_by_somebody",
                condition=Q(state=State.ACCEPTED, accepted_by__isnull=False)
                | (~Q(state=State.ACCEPTED) & Q(accepted_by=None)),
            ),
            models.CheckConstraint(
                name="invitation_ended_or_open",
                condition=Q(state=State.SENT, ended_at=None) | (~Q(state=State.SENT) & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(name="invitation_sent_at_least_once", condition=Q(sendings__gte=1)),
            # Staff have neither practice nor portal, people of a practice both.
            models.CheckConstraint(
                name="invitation_leads_somewhere",
                condition=Q(kind=Kind.STAFF, practice=None, portal_key="")
                | Q(kind=Kind.PORTAL, practice=None) & ~Q(portal_key="")
                | Q(kind__in=[Kind.ADMINISTRATOR, Kind.OFFICE_USER], practice__isnull=False) & ~Q(portal_key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d}"

    @property
    def full_name(self) -> str:
        """The invited person, as whoever invited them wrote the name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def staff_role(self) -> str:
        """What a member of staff is invited to be, in words."""
        return str(StaffRole(self.role).label) if self.kind == Kind.STAFF else ""
