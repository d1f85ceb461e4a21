"""For whom somebody works behind a grant: opening, changing, suspending and ending memberships (D-29).

Locks are taken in one order: practice, account, grant. Whoever must hold "one administrator is left" calls
`practices.lock` first, in a transaction around both.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from identity.models import Account
from identity.record import outbox
from identity.tenancy import tenancy
from rbac import events, messages
from rbac.domain import grants, mandate_people, membership_rows, pauses, practices
from rbac.models import AccessGrant, Membership, Origin, Practice, PracticeTin
from rbac.models.memberships import MembershipQuerySet

# Whoever sent in a form, accepted an invitation or tied an old account has just read it on a page, or in a mail.
KNOWN_TO_THE_PERSON = frozenset({Origin.FORM, Origin.INVITATION, Origin.LEGACY_ACCOUNT, Origin.MIGRATION})


class AlreadyOpen(Exception):
    """The holder of the grant works for this practice already."""


class NotOpen(Exception):
    """This membership has ended, or rests already: somebody was quicker."""


class NotSuspended(Exception):
    """This membership does not rest: it goes on already, or has ended."""


class SuspendedByStaff(Exception):
    """Staff let it rest: an administrator of the practice neither lets it go on nor ends it."""


class WrongPractice(Exception):
    """A tax ID of another practice."""


class OutsideMandate(Exception):
    """A role that the practice's mandate does not name."""


class LastAdministrator(Exception):
    """Nobody else runs the practice's users: they hand over first, or Provider Services name somebody."""


@transaction.atomic
def open(  # noqa: A001  always called as memberships.open
    *,
    grant: AccessGrant,
    practice: Practice,
    role: str,
    tins: Iterable[PracticeTin] = (),
    origin: Origin,
    origin_key: str = "",
    reason: str = "",
    by: Account | None,
    now: datetime,
    **details: Any,
) -> Membership:
    """Let the holder of a grant work for a practice (S4-05, S4-17, D-29). `details` are columns of
    `membership_rows.DETAILS`; without tax IDs an act of staff or of an administrator is for all that are attested.

    Raises grants.OwnGrant, grants.GrantEnded, approvals.MayNotDecide for staff who do not answer for the portal (D-28),
    AlreadyOpen or WrongPractice.
    """
    practices.lock(practice)
    current = grants.lock(grant, by=by)
    approved = list(tins)
    if any(tin.practice_id != practice.pk for tin in approved):
        raise WrongPractice
    if membership_rows.make_way(grant=current, practice=practice, now=now) is not None:
        raise AlreadyOpen
    opened = membership_rows.open_one(
        grant=current, practice=practice, role=role, tins=approved,
        origin=origin, origin_key=origin_key, reason=reason, by=by, now=now, **details,
    )  # fmt: skip
    if origin == Origin.FORM:
        membership_rows.tell_administrators(opened, now=now)
    if origin not in KNOWN_TO_THE_PERSON:
        mail = messages.MembershipOpenedMail(account_id=current.account_id, membership=opened.pk)
        outbox.enqueue(mail, now=now)
    return opened


@transaction.atomic
def change_role(
    *, membership: Membership, role: str, market: str | None = None, reason: str = "", by: Account | None, now: datetime
) -> Membership:
    """Give another role in the same practice, or the same in another market: this row ends and the next one opens, so
    that rows are the history. It stays suspended if it is. Raises grants.OwnGrant, grants.GrantEnded,
    approvals.MayNotDecide, NotOpen, OutsideMandate (S3-10) or LastAdministrator."""
    before = _locked(membership, by=by)
    place = {"market": before.market if market is None else market}
    if before.pair == (role, place["market"]):
        return before
    if before.mandate is not None and role not in before.mandate.roles:
        raise OutsideMandate
    check_another_stays(before, now=now)
    rest = {"suspended_at": before.suspended_at, "suspended_by": before.suspended_by}
    tins = list(before.tins.all())
    before.until, before.ended_by = max(now, before.since), by
    pauses.note(before, now=before.until)
    before.suspended_at, before.suspended_by = None, None
    before.save(update_fields=["suspended_at", "suspended_by", "until", "ended_by"])
    after = membership_rows.make(
        grant=before.grant, practice=before.practice, role=role, tins=tins, since=before.until, created_by=by,
        origin=before.origin, origin_key=before.origin_key, reason=reason or before.reason, **rest,
        **membership_rows.details_of(before) | place,
    )  # fmt: skip
    said = {"role_before": before.role, "reason": reason}
    membership_rows.record(events.RoleChanged, after, by=by, now=now, **said)
    return after


@transaction.atomic
def add_tin(*, membership: Membership, tin: PracticeTin, reason: str, by: Account | None, now: datetime) -> None:
    """Let somebody work with one more tax ID of a practice that they work for (S2-16). Raises AlreadyOpen where it is
    theirs, WrongPractice, NotOpen, grants.OwnGrant, grants.GrantEnded or approvals.MayNotDecide."""
    current = _locked(membership, by=by)
    if tin.practice_id != current.practice_id:
        raise WrongPractice
    if current.is_of_whole_practice or current.tins.filter(pk=tin.pk).exists():
        raise AlreadyOpen
    current.tins.add(tin)
    membership_rows.record(events.PersonModified, current, reason=reason, by=by, now=now, changed=["tins"])


@transaction.atomic
def modify(*, membership: Membership, details: Mapping[str, Any], by: Account | None, now: datetime) -> list[str]:
    """Write what a practice says of somebody: name, office, last day (D-11). The account is not touched. Answers which
    columns changed. Raises NotOpen, grants.GrantEnded or approvals.MayNotDecide."""
    current = _locked(membership, by=by, by_holder=True)
    changed = [name for name, value in details.items() if getattr(current, name) != value]
    if changed:
        Membership.objects.filter(pk=current.pk).update(**{name: details[name] for name in changed})
        if "ends_on" in changed and current.is_past(now):
            pauses.note_gap(current, now=now)
        membership_rows.record(events.PersonModified, current, reason="", by=by, now=now, changed=changed)
    return changed


@transaction.atomic
def suspend(*, membership: Membership, reason: str = "", by: Account | None, now: datetime) -> None:
    """Let a membership rest until somebody restores it; the account and its other practices stay, and the person is
    told (D-11); a job, which acts by nobody, tells why itself. What rests already staff take over: from then on only
    they restore it.

    Raises NotOpen, grants.GrantEnded, approvals.MayNotDecide or LastAdministrator."""
    current = _locked(membership, by=by, by_holder=True)
    rests = current.suspended_at is not None
    if rests and (by is None or not by.is_staff or current.is_suspended_by_staff):
        raise NotOpen
    check_another_stays(current, now=now)
    Membership.objects.filter(pk=current.pk).update(suspended_at=current.suspended_at or now, suspended_by=by)
    membership_rows.record(events.MembershipSuspended, current, reason=reason, by=by, now=now)
    if by is not None:
        ids = {"account_id": current.grant.account_id, "membership": current.pk, "suspended": int(now.timestamp())}
        outbox.enqueue(messages.MembershipSuspendedMail(**ids), now=now)


@transaction.atomic
def restore(*, membership: Membership, reason: str = "", by: Account | None, now: datetime) -> None:
    """Let a membership that rests go on as it was, and tell the person (D-11). Raises grants.OwnGrant,
    grants.GrantEnded, approvals.MayNotDecide, NotSuspended, mandate_people.OwnRests (S3-10), or SuspendedByStaff for
    anybody else than staff."""
    try:
        current = _locked(membership, by=by)
    except NotOpen as ended:
        raise NotSuspended from ended
    if current.suspended_at is None:
        raise NotSuspended
    _check_not_of_staff(current, by=by)
    mandate_people.check_goes_on(current, now=now)
    Membership.objects.filter(pk=current.pk).update(suspended_at=None, suspended_by=None)
    pauses.note(current, now=now)
    membership_rows.record(events.MembershipRestored, current, reason=reason, by=by, now=now)
    ids = {"account_id": current.grant.account_id, "membership": current.pk, "restored": int(now.timestamp())}
    outbox.enqueue(messages.MembershipRestoredMail(**ids), now=now)


@transaction.atomic
def end(*, membership: Membership, reason: str = "", by: Account | None, now: datetime) -> None:
    """End a membership; the last one of a portal that works by practice takes the access with it (D-11, D-29), for
    nobody is there under a mandate alone.
    Raises NotOpen, grants.GrantEnded, approvals.MayNotDecide, LastAdministrator, mandate_people.FollowsMandate (S3-10),
    or SuspendedByStaff: a practice that ended what staff let rest could invite the person anew."""
    current = _locked(membership, by=by, by_holder=True)
    mandate_people.check_can_end(current)
    if by is not None and by.pk != current.grant.account_id:
        _check_not_of_staff(current, by=by)
    check_another_stays(current, now=now)
    if not membership_rows.end_one(current, reason=reason, by=by, now=now):
        raise NotOpen
    grant = current.grant
    mail = messages.MembershipEndedMail(account_id=grant.account_id, membership=current.pk)
    outbox.enqueue(mail, now=now)
    left = grant.memberships.current().filter(mandate=None)
    if tenancy().tenant(grant.portal_key).works_by_practice and not left.exists():
        grants.end(account=grant.account, portal_key=grant.portal_key, reason=reason, by=by, now=now)


@transaction.atomic
def reopen(
    *,
    ended: AccessGrant,
    attributes: Mapping[str, Any],
    tins: Iterable[PracticeTin],
    origin_key: str,
    by: Account | None,
    now: datetime,
) -> AccessGrant:
    """Let an account in again by a form, with what its earlier grant carried and the memberships that ended with it
    (S1-28, "Reactivate"). Raises grants.OwnGrant or
    grants.WrongRealm."""
    grant = grants.give(
        account=ended.account,
        portal_key=ended.portal_key,
        role=ended.role,
        capabilities=ended.capabilities,
        attributes=ended.attributes | dict(attributes),
        origin=Origin.FORM,
        origin_key=origin_key,
        by=by,
        now=now,
    )
    membership_rows.bring_back(ended=ended, grant=grant, by=by, now=now)
    membership_rows.join(grant=grant, tins=tins, origin=Origin.FORM, origin_key=origin_key, by=by, now=now)
    return grant


def _locked(membership: Membership, *, by: Account | None, by_holder: bool = False) -> Membership:
    """The membership as it stands, with its practice and its grant locked. `by_holder`: one may do it to oneself.
    Raises NotOpen, grants.GrantEnded, approvals.MayNotDecide (D-28) or grants.OwnGrant."""
    practices.lock(membership.practice)
    own = by is not None and by.pk == membership.grant.account_id
    grants.lock(membership.grant, by=None if own and by_holder else by)
    found = Membership.objects.current().filter(pk=membership.pk)
    current = found.select_related("grant__account", "practice", "mandate").first()
    if current is None:
        raise NotOpen
    return current


def _check_not_of_staff(membership: Membership, *, by: Account | None) -> None:
    """Raise SuspendedByStaff where staff let it rest and somebody else changes that."""
    if by is not None and not by.is_staff and membership.is_suspended_by_staff:
        raise SuspendedByStaff


def check_another_stays(membership: Membership, *, now: datetime) -> None:
    """Raise LastAdministrator where the practice's users behind this door would be left to nobody (D-11, D-15). Whoever
    counts on the answer has the practice locked: of two who remove each other at once, one is refused. What somebody
    who answers for the portal ends as a whole (grants.end) is not asked: a stolen account is shut at once."""
    running = Membership.objects.administrators(membership.practice, now=now).in_portal(membership.grant.portal_key)
    others = running.exclude(grant__account=membership.grant.account_id)
    if running.filter(pk=membership.pk).exists() and not others.exists():
        raise LastAdministrator


def for_account(account: Account) -> MembershipQuerySet:
    """The account's memberships that have not ended, in all portals, by portal and practice."""
    current = Membership.objects.current().filter(grant__account=account, grant__until=None)
    named = current.select_related("grant", "practice").prefetch_related("tins")
    return named.order_by("grant__portal_key", "practice__name", "pk")


def behind(grant: AccessGrant, *, now: datetime) -> MembershipQuerySet:
    """The memberships that count behind a grant, by practice. Asks the database when they are looked at, once."""
    open_now = Membership.objects.open_at(now).filter(grant=grant)
    return open_now.select_related("practice", "mandate").order_by("practice__name", "pk")


def administrators(practice: Practice, *, now: datetime) -> list[Account]:
    """Who runs the practice's users now, and can sign in; oldest membership first."""
    open_now = Membership.objects.administrators(practice, now=now).select_related("grant__account")
    return list({row.grant.account_id: row.grant.account for row in open_now.order_by("since", "pk")}.values())


def attested_tins(grant_id: int, *, now: datetime) -> list[PracticeTin]:
    """The tax IDs that somebody works with behind a grant: attested, and of a membership that counts (D-25, H2)."""
    open_now = Membership.objects.open_at(now).filter(grant=grant_id)
    named = Membership.tins.through.objects.filter(membership__in=open_now).values("practicetin")
    whole = open_now.of_whole_practice().values("practice")
    tins = PracticeTin.objects.attested().filter(Q(pk__in=named) | Q(practice__in=whole))
    return list(tins.select_related("practice").order_by("practice", "pk"))
