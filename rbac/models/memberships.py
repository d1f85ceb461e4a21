"""Memberships: for whom somebody works behind the door that a grant opens (D-29)."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from identity.policy import zones
from rbac import markets
from rbac.models.grants import AccessGrant
from rbac.models.mandates import Mandate
from rbac.models.origins import FOR_WHOLE_PRACTICE, Origin, format_cause
from rbac.models.practices import Practice, PracticeTin
from rbac.roles import ADMINISTRATOR, label_of


def not_past(now: datetime, *, column: str = "ends_on") -> Q:
    """No last day, or one that has not passed where the account's realm lives. The realm is asked for only in the hours
    in which it is another day in one of them."""
    latest, *earlier = zones.days(now=now).items()
    found = Q((column, None)) | Q((f"{column}__gte", latest[0]))
    for day, realms in earlier:
        found |= Q((f"{column}__gte", day), grant__account__realm__in=realms)
    return found


def under_a_mandate_that_counts(now: datetime) -> Q:
    """Under no mandate, or under one that is agreed and not past its last day, however late any job is (S3-10)."""
    return Q(mandate=None) | Q(mandate__state=Mandate.State.AGREED) & not_past(now, column="mandate__ends_on")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> "MembershipQuerySet":
        """Memberships that have not ended: they count, or rest, or are past their last day."""
        return self.filter(until=None)

    def standing_at(self, now: datetime) -> "MembershipQuerySet":
        """Memberships that nobody ended or suspended, and that are not past their last day, nor their mandate. Their
        grant may rest: a use or a confirmation makes them count again."""
        counts = (not_past(now), under_a_mandate_that_counts(now))
        return self.current().filter(*counts, suspended_at=None, grant__until=None)

    def open_at(self, now: datetime) -> "MembershipQuerySet":
        """Memberships that count: open, not suspended, not past their last day, and the grant opens its portal."""
        return self.standing_at(now).filter(grant__suspended_at=None)

    def of(self, practice: Practice) -> "MembershipQuerySet":
        """Memberships in one practice."""
        return self.filter(practice=practice)

    def in_portal(self, portal_key: str) -> "MembershipQuerySet":
        """Memberships behind the door of one portal."""
        return self.filter(grant__portal_key=portal_key)

    def administrators(self, practice: Practice, *, now: datetime) -> "MembershipQuerySet":
        """Memberships that count of those who run a practice's users, and can sign in."""
        return self.of(practice).open_at(now).filter(role=ADMINISTRATOR, grant__account__is_active=True)

    def of_whole_practice(self) -> "MembershipQuerySet":
        """Memberships that name no tax IDs because they hold for all that the practice has."""
        return self.filter(tins=None, origin__in=FOR_WHOLE_PRACTICE)

    def with_attested_tin(self) -> "MembershipQuerySet":
        """Memberships with a tax ID that staff have attested, by its name or as one of the whole practice (D-25)."""
        named = Membership.tins.through.objects.filter(membership=OuterRef("pk"))
        attested = Exists(named.filter(practicetin__attested_at__isnull=False))
        of_practice = Exists(PracticeTin.objects.attested().filter(practice=OuterRef("practice")))
        return self.filter(attested | (Q(origin__in=FOR_WHOLE_PRACTICE) & ~Exists(named) & of_practice))


class Membership(models.Model):
    """The holder of this grant works for this practice, in this role, since, because of that, by whom.

    rbac.domain.membership_rows writes these rows; everybody calls rbac.domain.memberships.
    """

    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, related_name="memberships")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=40)
    market = models.CharField(max_length=2, blank=True)
    # Whose people work here under it; nobody's: the person works for the practice itself.
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, null=True, related_name="memberships")
    # Those of the practice's tax IDs that were approved for this person; see `of_whole_practice` for none.
    tins = models.ManyToManyField(PracticeTin, blank=True, related_name="memberships", verbose_name=_("tax IDs"))
    # The person as this practice knows them, who invited them so; empty: as the account says. An account may serve
    # other practices, which call its owner otherwise, and nobody is told that there was one (D-11, D-26).
    first_name = models.CharField(max_length=128, blank=True)
    last_name = models.CharField(max_length=128, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    address_1 = models.CharField(max_length=128, blank=True)  # the office this person works in (S4-17)
    address_2 = models.CharField(max_length=128, blank=True)
    city = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip = models.CharField(max_length=10, blank=True)
    work_phone = models.CharField(max_length=30, blank=True)
    ends_on = models.DateField(null=True, blank=True)  # the last day of temporary staff
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)
    ended_with_grant = models.BooleanField(default=False)  # it counted until its grant ended: it comes back with it
    suspended_at = models.DateTimeField(null=True)
    # Whoever let it rest; nobody for a merge (D-09), and for rows that are older than the column.
    suspended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    last_used_at = models.DateTimeField(_("last used"), null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="opened_memberships"
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="ended_memberships"
    )
    origin = models.CharField(max_length=20, choices=Origin.choices)
    origin_key = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200, blank=True)  # what was written when it was opened

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        default_permissions = ()
        indexes = [
            models.Index(fields=["practice", "until", "role"], name="membership_of_practice"),
            models.Index(fields=["grant", "until"], name="membership_of_grant"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "practice"], condition=Q(until=None), name="unique_open_membership_per_practice"
            ),
            models.CheckConstraint(
                name="membership_ends_after_its_start", condition=Q(until=None) | Q(until__gte=F("since"))
            ),
            models.CheckConstraint(
                name="ended_membership_not_suspended", condition=Q(until=None) | Q(suspended_at=None)
            ),
            models.CheckConstraint(
                name="membership_suspended_or_by_nobody", condition=Q(suspended_at__isnull=False) | Q(suspended_by=None)
            ),
            models.CheckConstraint(
                name="open_membership_ended_with_nothing",
                condition=Q(until__isnull=False) | Q(ended_with_grant=False, ended_by=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice}, {self.role_label}"

    @property
    def is_suspended_by_staff(self) -> bool:
        """Whether staff let it rest: then staff let it go on."""
        return self.suspended_by is not None and self.suspended_by.is_staff

    @property
    def pair(self) -> tuple[str, str]:
        """What a grid is asked by."""
        return self.role, self.market

    @property
    def role_label(self) -> str:
        """What pages call the role."""
        return label_of(self.role)

    @property
    def market_label(self) -> str:
        """What pages call the market; empty where none is known."""
        return markets.label_of(self.market)

    @property
    def cause(self) -> str:
        """Why it was opened, in one line."""
        return format_cause(self.origin, origin_key=self.origin_key, reason=self.reason)

    @property
    def source(self) -> str:
        """The same for the person whom it concerns: what staff wrote is staff's."""
        return format_cause(self.origin, origin_key=self.origin_key, reason="")

    @property
    def cause_in_english(self) -> str:
        """The same for the journal, whose words hang on nobody's language."""
        with translation.override("en"):
            return self.cause

    @property
    def person_names(self) -> tuple[str, str]:
        """First and last name by which the practice knows the person."""
        if self.first_name or self.last_name:
            return self.first_name, self.last_name
        return self.grant.account.first_name, self.grant.account.last_name

    @property
    def person_name(self) -> str:
        """The same in one, never empty."""
        return " ".join(filter(None, self.person_names)) or self.grant.account.login_name

    @property
    def person_email(self) -> str:
        """The address by which the practice knows the person."""
        return self.email or self.grant.account.email

    def is_past(self, now: datetime) -> bool:
        """Whether its last day has passed."""
        return self.ends_on is not None and self.ends_on < zones.today(self.grant.account.realm, now=now)

    def makes_way(self, now: datetime) -> bool:
        """Whether another one may take its place: its last day has passed. What staff let rest stays until staff say
        otherwise, or a practice would bring back by an invitation whom it may not restore (D-11)."""
        return self.is_past(now) and not self.is_suspended_by_staff

    @property
    def practice_label(self) -> str:
        """What its holder reads: the practice's name; while it has only the number of the form that it came with, the
        tax IDs that they wrote there."""
        own = self.tins.all()
        is_number = self.practice.name in {self.origin_key, *(tin.origin_key for tin in own)}
        return self.practice.name if not is_number or not own else ", ".join(tin.written for tin in own)

    @property
    def is_of_whole_practice(self) -> bool:
        """As `of_whole_practice`, of a row that was read, its tax IDs with it."""
        return self.origin in FOR_WHOLE_PRACTICE and not self.tins.all()
