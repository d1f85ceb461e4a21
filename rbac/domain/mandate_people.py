"""Who agrees to a mandate for a practice, and the memberships under it: each follows the person's own in the vendor.

Locks are taken in one order: grants, mandates. No practice is locked: nobody works as an administrator under a mandate.
"""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from identity.models import Account
from identity.record import outbox
from identity.tenancy import tenancy
from rbac import messages
from rbac.domain import membership_rows
from rbac.models import AccessGrant, Mandate, Membership, Origin, Practice
from rbac.models.memberships import MembershipQuerySet
from rbac.roles import AGREES_TO_MANDATES


class OwnRests(Exception):
    """Somebody's own work for the vendor rests or has ended: what they have under its mandates does not go on alone."""


class FollowsMandate(Exception):
    """It stands and falls with the person's work for the vendor, and with the mandate: alone it can rest only."""


def are_possible(portal_key: str) -> bool:
    """Whether a portal knows mandates: it works by practice, and practices have no administrators of their own."""
    tenant = tenancy().tenant(portal_key)
    return tenant.works_by_practice and not tenant.has_administrators


def signers(practice: Practice, *, portal_key: str, now: datetime) -> MembershipQuerySet:
    """Who may agree for a practice: by a membership of their own, with a tax ID that staff have attested (D-25)."""
    return all_signers(portal_key=portal_key, now=now).of(practice)


def all_signers(*, portal_key: str, now: datetime) -> MembershipQuerySet:
    """The same of all practices."""
    return _who_sign(now=now).in_portal(portal_key)


def without_signer(*, now: datetime) -> Q:
    """Mandates of practices that have nobody who could agree to them."""
    there = _who_sign(now=now).filter(practice=OuterRef("practice"), grant__portal_key=OuterRef("portal_key"))
    return ~Q(Exists(there))


def _who_sign(*, now: datetime) -> MembershipQuerySet:
    working = Membership.objects.open_at(now).filter(mandate=None).with_attested_tin()
    return working.filter(role__in=AGREES_TO_MANDATES, grant__account__is_active=True)


def open_all(mandate: Mandate, *, by: Account, now: datetime) -> None:
    """Let everybody who works for the vendor in a role of the mandate work for the practice, in the caller's
    transaction."""
    for own in _people(mandate, now=now):
        _open(mandate, own, by=by, now=now)


def lock_grants(mandate: Mandate, *, now: datetime) -> None:
    """Lock what the vendor's people have, in the caller's transaction, before the mandate changes."""
    people = _people(mandate, now=now).values("grant")
    list(AccessGrant.objects.select_for_update().filter(pk__in=people).order_by("pk"))


def end_all(mandate: Mandate, *, reason: str, by: Account | None, now: datetime) -> None:
    """End all memberships under a mandate, in the caller's transaction (S3-10)."""
    under = Membership.objects.current().filter(mandate=mandate)
    for membership in under.select_related("grant__account", "practice").order_by("pk"):
        _end(membership, reason=reason, by=by, now=now)


def follow(own: Membership, *, by: Account | None, now: datetime) -> None:
    """Something happened to a membership in a vendor: what its holder has under the vendor's mandates is brought in
    line, in the caller's transaction."""
    grant = own.grant
    if own.mandate_id is not None or not are_possible(grant.portal_key):
        return
    mandates = Mandate.objects.select_for_update(of=("self",)).select_related("practice")
    asked_or_agreed = mandates.filter(vendor=own.practice_id, portal_key=grant.portal_key, state__in=Mandate.OPEN)
    found = list(asked_or_agreed.order_by("pk"))  # one that is being agreed in this moment is waited for
    if not found:
        return
    standing = Membership.objects.standing_at(now).filter(grant=grant, practice=own.practice_id, mandate=None)
    now_own = standing.select_related("grant__account").first()
    for mandate in found:
        if mandate.state == Mandate.State.AGREED:
            _bring_in_line(mandate, now_own, grant, by=by, now=now)


def check_goes_on(membership: Membership, *, now: datetime) -> None:
    """Raise OwnRests for one under a mandate whose holder works for the vendor no longer, or in no role of it."""
    mandate = membership.mandate
    if mandate is None:
        return
    if not mandate.is_agreed or not _people(mandate, now=now).filter(grant=membership.grant_id).exists():
        raise OwnRests


def follows_mandate(membership: Membership) -> bool:
    """Whether it stands under a mandate that holds: ended alone, it would be opened again by whatever happens next to
    its holder in the vendor."""
    return membership.mandate is not None and membership.mandate.is_agreed


def check_can_end(membership: Membership) -> None:
    """Raise FollowsMandate for one that ends with its mandate only, or with its holder's work for the vendor."""
    if follows_mandate(membership):
        raise FollowsMandate


def _bring_in_line(
    mandate: Mandate, own: Membership | None, grant: AccessGrant, *, by: Account | None, now: datetime
) -> None:
    fits = own is not None and own.role in mandate.roles
    held = Membership.objects.current().filter(grant=grant, mandate=mandate).select_related("grant__account").first()
    if held is not None:
        if not fits and held.suspended_at is not None:
            return  # it counts for nobody, and whoever let it rest is not overruled by a rest of something else (D-11)
        if fits and own is not None and (held.pair, held.ends_on) == (own.pair, own.ends_on):
            return
        _end(held, reason="the membership in the vendor changed", by=by, now=now, tells=not fits)
    if fits and own is not None:
        _open(mandate, own, before=held, by=by, now=now)


def _people(mandate: Mandate, *, now: datetime) -> MembershipQuerySet:
    """Those who work for the vendor itself, in a role of the mandate; their access may rest."""
    own = Membership.objects.standing_at(now).in_portal(mandate.portal_key).filter(practice=mandate.vendor_id)
    people = own.filter(mandate=None, role__in=mandate.roles).select_related("grant__account")
    return people.order_by("grant")


def _open(
    mandate: Mandate, own: Membership, *, before: Membership | None = None, by: Account | None, now: datetime
) -> None:
    """Open one, unless the person works for the practice already. What rested rests on."""
    if membership_rows.make_way(grant=own.grant, practice=mandate.practice, now=now) is not None:
        return
    rest: dict[str, Any] = {"suspended_at": before.suspended_at, "suspended_by": before.suspended_by} if before else {}
    opened = membership_rows.open_one(
        grant=own.grant, practice=mandate.practice, role=own.role, market=own.market, ends_on=own.ends_on,
        mandate=mandate, origin=Origin.MANDATE, origin_key=str(mandate.pk), by=by, now=now, **rest,
    )  # fmt: skip
    if before is None:
        mail = messages.MembershipOpenedMail(account_id=own.grant.account_id, membership=opened.pk)
        outbox.enqueue(mail, now=now)


def _end(membership: Membership, *, reason: str, by: Account | None, now: datetime, tells: bool = True) -> None:
    """End one; whoever loses the portal altogether is told of that elsewhere."""
    if membership_rows.end_one(membership, reason=reason, by=by, now=now) and tells and membership.grant.until is None:
        mail = messages.MembershipEndedMail(account_id=membership.grant.account_id, membership=membership.pk)
        outbox.enqueue(mail, now=now)
