"""People of a practice, as an administrator looks after them: invited, changed, deactivated, removed (D-11, S4-16..24).

Everything here is of one practice behind the door of one portal, and asks again who acts, with the practice locked: an
administrator may have been removed while a page was open. Nothing touches the account, which may serve other practices.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Case, CharField, Q, When
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from enrollment.domain import invitation_limits, invitations
from enrollment.domain.invitations import Invitee
from enrollment.models import Invitation, InvitationQuerySet, Kind
from identity.models import Account
from identity.policy.realms import email_key
from rbac.domain import memberships, practices
from rbac.domain.memberships import NotOpen
from rbac.models import Membership, Practice
from rbac.models.memberships import MembershipQuerySet
from rbac.roles import ADMINISTRATOR, USER


class NotAdministrator(Exception):
    """Whoever acts does not run this practice's users, or no longer."""


class AlreadyMember(Exception):
    """The practice knows somebody by this address: `membership`."""

    def __init__(self, membership: Membership) -> None:
        super().__init__(str(membership.pk))
        self.membership = membership


class OwnMembership(Exception):
    """Nobody deactivates themselves: they could not come back."""


class ForProviderServices(Exception):
    """Nobody makes administrators here, gives one back or sets their last day: Provider Services do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The people of one practice behind one portal's door."""

    practice: Practice
    portal_key: str

    def members(self) -> MembershipQuerySet:
        """Everybody whose membership has not ended, with their account, by name as the practice knows them."""
        return self.current().select_related("grant__account", "practice").annotate(**_NAMES).order_by(*_BY_NAME)

    def current(self) -> MembershipQuerySet:
        """The same rows, bare."""
        return Membership.objects.current().of(self.practice).in_portal(self.portal_key).filter(grant__until=None)

    def administrators(self, *, now: datetime) -> MembershipQuerySet:
        """Who runs its users now."""
        return Membership.objects.administrators(self.practice, now=now).in_portal(self.portal_key)

    def pending_of(self, owner: Account, *, now: datetime) -> InvitationQuerySet:
        """The open invitations that an administrator sees: their own, and what passed to them (S4-22, S4-23, D-15)."""
        here = {"practice": self.practice, "portal_key": self.portal_key, "kind": Kind.OFFICE_USER}
        return invitation_limits.pending(now=now).owned_by(owner).filter(**here)


def administrators_of(
    held: Iterable[Membership], *, portal_key: str, now: datetime
) -> list[tuple[Practice, list[Membership]]]:
    """Who runs the users of each practice that somebody works for, in one question ("Who controls my access?")."""
    practices_of = [row.practice for row in held]
    rows = Membership.objects.open_at(now).in_portal(portal_key)
    rows = rows.filter(practice__in=practices_of, role=ADMINISTRATOR, grant__account__is_active=True)
    found = list(rows.select_related("grant__account").order_by("since", "pk"))
    return [(one, [row for row in found if row.practice_id == one.pk]) for one in practices_of]


def _named(column: str) -> Case:
    """A column of the practice's own name for somebody; of a row without one the account's."""
    unnamed = Q(first_name="", last_name="")
    return Case(When(unnamed, then=Lower(f"grant__account__{column}")), default=Lower(column), output_field=CharField())


_NAMES = {"sorted_last": _named("last_name"), "sorted_first": _named("first_name")}
_BY_NAME = ("sorted_last", "sorted_first", "pk")


def check_runs(office: Office, *, by: Account, now: datetime) -> None:
    """Raise NotAdministrator unless `by` runs the practice's users at this moment; in the caller's transaction, which
    holds the practice from here on."""
    practices.lock(office.practice)
    if not office.administrators(now=now).filter(grant__account=by).exists():
        raise NotAdministrator


def known_by(office: Office, address: str) -> Membership | None:
    """Whom the practice knows by an address. Other addresses of an account are nobody's business here (D-26)."""
    key = email_key(address)
    by_account = Q(email="", grant__account__email=key)
    return office.current().filter(Q(email=key) | by_account).select_related("grant__account", "suspended_by").first()


@transaction.atomic
def create(*, office: Office, invitee: Invitee, origin_key: str = "", by: Account, now: datetime) -> Invitation:
    """Invite a user of the practice: "Create New Account for Provider OnLine" (S4-17, S4-19). They choose their own
    username (S4-18). `origin_key` names the invitation that this one takes the place of.

    Raises NotAdministrator, AlreadyMember, or what invitations.invite raises.
    """
    check_runs(office, by=by, now=now)
    held = known_by(office, invitee.email)
    if held is not None and held.grant.account_id != by.pk:  # one's own address is refused as that
        raise AlreadyMember(held)
    if held is not None:
        raise invitations.OwnAddress
    return invite_all(office=office, invitees=[invitee], origin_key=origin_key, by=by, now=now)[0]


def invite_all(
    *, office: Office, invitees: Sequence[Invitee], origin_key: str = "", by: Account, now: datetime
) -> list[Invitation]:
    """The invitations themselves, once it is known that `by` may. Raises what invitations.invite_all raises."""
    return invitations.invite_all(
        kind=Kind.OFFICE_USER, invitees=invitees, role=USER, portal_key=office.portal_key, practice=office.practice,
        owner=by, origin_key=origin_key, by=by, now=now,
    )  # fmt: skip


@transaction.atomic
def modify(*, office: Office, pk: int, details: Mapping[str, Any], by: Account, now: datetime) -> Membership:
    """Change name, office and phone of somebody, and the last day of a user: what this practice says of them (D-11).

    Raises NotAdministrator, NotOpen, grants.GrantEnded, or ForProviderServices for an administrator's last day.
    """
    membership = _held(office, pk, by=by, now=now)
    if "ends_on" in details and not has_last_day(membership):
        raise ForProviderServices
    memberships.modify(membership=membership, details=details, by=by, now=now)
    membership.refresh_from_db(fields=list(details))
    return membership


@transaction.atomic
def deactivate(*, office: Office, pk: int, by: Account, now: datetime) -> Membership:
    """Let somebody's work for the practice rest; it comes back as it was (D-11).

    Raises NotAdministrator, NotOpen, grants.GrantEnded, or OwnMembership.
    """
    membership = _held(office, pk, by=by, now=now)
    if membership.grant.account_id == by.pk:
        raise OwnMembership
    memberships.suspend(membership=membership, by=by, now=now)
    return membership


@transaction.atomic
def reactivate(*, office: Office, pk: int, by: Account, now: datetime) -> Membership:
    """Let it go on (D-11). Raises NotAdministrator, NotOpen, memberships.NotSuspended,
    memberships.SuspendedByStaff, grants.GrantEnded, or ForProviderServices for an administrator: nobody makes one
    here."""
    membership = _held(office, pk, by=by, now=now)
    if membership.role == ADMINISTRATOR:
        raise ForProviderServices
    memberships.restore(membership=membership, by=by, now=now)
    return membership


@transaction.atomic
def remove(*, office: Office, pk: int, by: Account, now: datetime) -> Membership:
    """End somebody's work for the practice (D-11); whoever leaves removes themselves, unless they are the last one.

    Raises NotAdministrator, NotOpen, grants.GrantEnded, memberships.LastAdministrator or memberships.SuspendedByStaff.
    """
    leaving = office.current().filter(pk=pk).values("grant__account")
    list(Invitation.objects.open().filter(owner__in=leaving).select_for_update().order_by("pk"))  # pass on (D-15)
    membership = _held(office, pk, by=by, now=now)
    memberships.end(membership=membership, by=by, now=now)
    return membership


def has_last_day(membership: Membership) -> bool:
    """Whether the practice sets this person's last day: it does not of administrators."""
    return membership.role != ADMINISTRATOR


def _held(office: Office, pk: int, *, by: Account, now: datetime) -> Membership:
    """A membership of the practice as it stands, with the practice locked. Raises NotAdministrator or NotOpen."""
    check_runs(office, by=by, now=now)
    membership = office.members().filter(pk=pk).first()
    if membership is None:
        raise NotOpen
    return membership


@transaction.atomic
def pass_on(*, office: Office, left: Account, by: Account | None, now: datetime) -> int:
    """What an administrator who left has pending passes to the one who has been there longest (D-15); where there is
    none it is canceled: nobody would answer for whom it lets in. Answers how much."""
    heir = office.administrators(now=now).exclude(grant__account=left).order_by("since", "pk").first()
    if heir is None:
        return invitations.cancel_all(office.pending_of(left, now=now), by=by, now=now)
    return invitations.pass_on(practice=office.practice, owner=left, to=heir.grant.account, now=now)


class Standing(models.TextChoices):
    """Whether somebody works for the practice now, and why not."""

    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Deactivated")
    PAST = "past", _("End date has passed")
    RESTING = "resting", _("Access rests: not used")
    CLOSED = "closed", _("Account closed")


def standing(membership: Membership, *, now: datetime) -> Standing:
    """What holds at this moment, whatever any job does."""
    if membership.suspended_at is not None:
        return Standing.SUSPENDED
    if membership.is_past(now):
        return Standing.PAST
    if not membership.grant.account.is_active:
        return Standing.CLOSED
    return Standing.RESTING if membership.grant.suspended_at is not None else Standing.ACTIVE
