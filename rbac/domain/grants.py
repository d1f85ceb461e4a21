"""Giving, changing and ending access to a portal: the only writer of grants, but for sweeps (rbac.domain.bulk)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import translation

from identity.models import Account
from identity.policy import lifecycle
from identity.record import journal, search
from identity.tenancy import tenancy
from rbac import events
from rbac.domain import approvals, membership_rows, pauses
from rbac.models import AccessGrant, Membership, Origin, PracticeTin
from rbac.models.grants import AccessGrantQuerySet


class OwnGrant(Exception):
    """A member of staff tried to give access, or a right, to their own account."""


class GrantEnded(Exception):
    """The grant has ended: it carries no rights any more."""


class WrongRealm(Exception):
    """An account of one realm cannot have access to a portal of another."""


@transaction.atomic
@search.once()
def give(
    *,
    account: Account,
    portal_key: str,
    origin: Origin,
    origin_key: str = "",
    reason: str = "",
    by: Account | None,
    now: datetime,
    role: str = "user",
    attributes: Mapping[str, Any] | None = None,
    capabilities: Iterable[str] = (),
    tins: Iterable[PracticeTin] = (),
    works_as: Mapping[str, str] | None = None,
) -> AccessGrant:
    """Let an account into a portal (S1-34). An earlier grant for it ends with its memberships; `change` keeps one
    instead.

    `origin_key` refers to what it came of, `reason` is what staff wrote. For the practices of `tins`, which were
    approved, memberships open, in the role and market of `works_as`. Raises OwnGrant: nobody opens a portal to
    themselves. Raises WrongRealm, or approvals.MayNotDecide for staff who do not answer for the portal (D-28).
    """
    if by is not None and by.pk == account.pk:
        raise OwnGrant(portal_key)
    check_staff(by, account_id=account.pk, portal_key=portal_key)
    if account.realm != tenancy().tenant(portal_key).realm:
        raise WrongRealm(portal_key)
    Account.objects.select_for_update().get(pk=account.pk)  # two grants at once: one after the other
    _end(_held(account, portal_key), reason=origin_key, by=None, now=now)
    cause = {"origin": origin, "origin_key": origin_key, "reason": reason}
    grant = AccessGrant.objects.create(
        account=account, portal_key=portal_key, role=role, attributes=dict(attributes or {}),
        capabilities=sorted(capabilities), since=now, by=by, **cause,
    )  # fmt: skip
    membership_rows.join(grant=grant, tins=tins, by=by, now=now, **(works_as or {}), **cause)
    with translation.override("en"):  # the journal's words hang on nobody's language
        facts = {"portal_key": portal_key, "origin": origin.value, "reason": grant.cause}
    journal.record(events.AccessGranted(account=account, by=by, about=grant, **facts), now=now)
    return grant


@transaction.atomic
@search.once()
def change(
    *,
    grant: AccessGrant,
    reason: str,
    by: Account | None,
    now: datetime,
    attributes: Mapping[str, Any] | None = None,
    tins: Iterable[PracticeTin] = (),
    works_as: Mapping[str, str] | None = None,
) -> AccessGrant:
    """Add tax IDs that a form names to a current grant, with memberships in their practices, and replace the answers
    it keeps, on the same row: its rights, its other memberships, what it came of and the sign-ons that hang on it stay
    (S1-28, C40). `reason` is the form's reference.

    Raises OwnGrant, GrantEnded, or approvals.MayNotDecide (D-28).
    """
    current = lock(grant, by=by)
    current.attributes |= attributes or {}
    current.save(update_fields=["attributes"])
    membership_rows.join(
        grant=current, tins=tins, origin=Origin.FORM, origin_key=reason, by=by, now=now, **(works_as or {})
    )
    facts = {"portal_key": current.portal_key, "reason": reason}
    journal.record(events.GrantChanged(account=current.account, by=by, about=current, **facts), now=now)
    return current


def annotate(*, grant: AccessGrant, facts: Mapping[str, Any], without: Iterable[str] = ()) -> None:
    """Keep facts beside a grant's answers and forget others, without an event: nothing about the access changes."""
    dropped = set(without)
    grant.attributes = {name: value for name, value in grant.attributes.items() if name not in dropped} | dict(facts)
    AccessGrant.objects.filter(pk=grant.pk).update(attributes=grant.attributes)


@transaction.atomic
def end(*, account: Account, portal_key: str, reason: str, by: Account | None, now: datetime) -> bool:
    """End an account's access to a portal, with its memberships there; answers whether there was any. Raises
    approvals.MayNotDecide (D-28)."""
    check_staff(by, account_id=account.pk, portal_key=portal_key)
    ended = _end(_held(account, portal_key), reason=reason, by=by, now=now)
    if ended:
        journal.record(events.AccessEnded(account=account, by=by, portal_key=portal_key, reason=reason), now=now)
    return ended


@transaction.atomic
def supersede(*, grant: AccessGrant, now: datetime) -> None:
    """End a grant that another one takes the place of, with its memberships: nobody loses the portal, so there is no
    event of that."""
    _end(AccessGrant.objects.filter(pk=grant.pk), reason="", by=None, now=now)


def _end(rows: AccessGrantQuerySet, *, reason: str, by: Account | None, now: datetime) -> bool:
    """End grants, and whatever is open behind them: the one place where a grant ends. Answers whether there was one."""
    ended = list(rows.select_for_update().order_by("pk"))
    if ended:
        AccessGrant.objects.filter(pk__in=[grant.pk for grant in ended]).update(until=now, ended_by=by)
        membership_rows.end_with(ended, reason=reason, by=by, now=now)
    return bool(ended)


@transaction.atomic
def restore(*, grant: AccessGrant, now: datetime) -> bool:
    """Let the same row open its portal again after a rest; answers whether it rested (D-09)."""
    rested = AccessGrant.objects.resting().select_for_update().filter(pk=grant.pk).first()
    if rested is None or not AccessGrant.objects.resting().filter(pk=grant.pk).update(**restored(now)):
        return False
    pauses.note(rested, now=now)
    return True


def restored(now: datetime) -> dict[str, Any]:
    """The columns of a grant that comes back: the same as before it rested, its idle clock begun anew."""
    return {
        "suspended_at": None,
        "suspended_by_run": None,
        "back_asked_at": None,
        "warned_days": None,
        "restored_at": now,
    }


def ask_back(*, grant: AccessGrant, now: datetime) -> bool:
    """Mark that the holder asks for access that rests; answers whether this was the first time (D-09)."""
    resting = AccessGrant.objects.resting().filter(pk=grant.pk, back_asked_at=None)
    return bool(resting.update(back_asked_at=now))


def is_shut_out(*, account: Account, portal_key: str) -> bool:
    """Whether somebody else, a member of staff, ended the last access that the account had to a portal."""
    newest = last(account=account, portal_key=portal_key)
    return newest is not None and newest.ended_by_id not in (None, account.pk)


@transaction.atomic
def give_capabilities(
    *, grant: AccessGrant, capabilities: Iterable[str], reason: str, by: Account | None, now: datetime
) -> list[str]:
    """Add rights to a current grant (S0-02); answers those that it did not carry before.

    Raises OwnGrant, GrantEnded, or approvals.MayNotDecide (D-28).
    """
    held = set(lock(grant, by=by).capabilities)
    return _change_rights(grant, held | set(capabilities), held=held, reason=reason, by=by, now=now)[0]


@transaction.atomic
def withdraw_capabilities(
    *, grant: AccessGrant, capabilities: Iterable[str], reason: str, by: Account | None, now: datetime
) -> list[str]:
    """Take rights from a current grant; answers those that it carried. Raises OwnGrant, GrantEnded, or
    approvals.MayNotDecide (D-28)."""
    held = set(lock(grant, by=by).capabilities)
    return _change_rights(grant, held - set(capabilities), held=held, reason=reason, by=by, now=now)[1]


@transaction.atomic
def set_capabilities(
    *, grant: AccessGrant, capabilities: Iterable[str], reason: str, by: Account | None, now: datetime
) -> bool:
    """Let a current grant carry exactly these rights; answers whether that changed anything.

    Raises OwnGrant, GrantEnded, or approvals.MayNotDecide (D-28).
    """
    held = set(lock(grant, by=by).capabilities)
    return any(_change_rights(grant, set(capabilities), held=held, reason=reason, by=by, now=now))


def check_staff(by: Account | None, *, account_id: int, portal_key: str) -> None:
    """Raise approvals.MayNotDecide for a member of staff who acts on somebody's access to a portal that they do not
    answer for (D-28). Of others their own domain says what they may."""
    if by is not None and by.is_staff and by.pk != account_id:
        approvals.check_answers_for(account=by, portal_key=portal_key)


def lock(grant: AccessGrant, *, by: Account | None) -> AccessGrant:
    """The current grant as it stands, its row locked for the caller's transaction: of two who change it at once one
    comes after the other. Raises OwnGrant, GrantEnded, or approvals.MayNotDecide (D-28)."""
    if by is not None and by.pk == grant.account_id:
        raise OwnGrant(grant.portal_key)
    check_staff(by, account_id=grant.account_id, portal_key=grant.portal_key)
    current = AccessGrant.objects.current().select_for_update().filter(pk=grant.pk).first()
    if current is None:
        raise GrantEnded
    return current


def _change_rights(
    grant: AccessGrant, wanted: set[str], *, held: set[str], reason: str, by: Account | None, now: datetime
) -> tuple[list[str], list[str]]:
    given, taken = sorted(wanted - held), sorted(held - wanted)
    if given or taken:
        AccessGrant.objects.filter(pk=grant.pk).update(capabilities=sorted(wanted))
    grant.capabilities = sorted(wanted)
    for event, names in ((events.CapabilityGiven, given), (events.CapabilityWithdrawn, taken)):
        for name in names:
            facts = {"portal_key": grant.portal_key, "capability": name, "reason": reason}
            journal.record(event(account=grant.account, by=by, about=grant, **facts), now=now)
    return given, taken


def current(*, account: Account, portal_key: str) -> AccessGrant | None:
    """The account's grant for a portal that is open or rests."""
    return _held(account, portal_key).first()


def _held(account: Account, portal_key: str) -> AccessGrantQuerySet:
    return AccessGrant.objects.current().in_portal(portal_key).filter(account=account)


def last(*, account: Account, portal_key: str) -> AccessGrant | None:
    """The current grant for a portal, else the one that ended last."""
    newest_first = F("until").desc(nulls_first=True)
    return AccessGrant.objects.in_portal(portal_key).filter(account=account).order_by(newest_first, "-pk").first()


def for_account(account: Account) -> list[AccessGrant]:
    """The account's grants that open a portal or rest, oldest first."""
    return list(AccessGrant.objects.current().filter(account=account).order_by("since", "pk"))


def newest_for(account: Account) -> list[AccessGrant]:
    """Of each portal the grant that opens it or rests, else the one that ended last; oldest first."""
    by_end = AccessGrant.objects.filter(account=account).order_by(F("until").asc(nulls_last=True), "pk")
    newest = {grant.portal_key: grant for grant in by_end}
    return sorted(newest.values(), key=lambda grant: (grant.since, grant.pk))


def ended_for(account: Account) -> dict[str, AccessGrant]:
    """The grant that ended last, of each portal that is neither open to the account nor rests, by the portal's key."""
    return {grant.portal_key: grant for grant in newest_for(account) if grant.until is not None}


def portals_of(account: Account) -> list[str]:
    """The keys of the portals that an account may enter now, oldest grant first (S1-36)."""
    grants = AccessGrant.objects.active().filter(account=account).order_by("since", "pk")
    return list(grants.values_list("portal_key", flat=True))


def note_use(*, grant: AccessGrant, membership: Membership | None = None, now: datetime) -> None:
    """Keep when a portal was last used, at most once an hour (S3-19); warnings begin anew. `membership` is the one that
    the page is about: it alone was used. A page that does not tell practices apart is a use of all that count there.
    Both as they were read."""
    stale = now - lifecycle.after("last_seen_step")
    unseen = Q(last_used_at=None) | Q(last_used_at__lte=stale)
    is_due = grant.last_used_at is None or grant.last_used_at <= stale
    if is_due:
        AccessGrant.objects.active().filter(unseen, pk=grant.pk).update(last_used_at=now, warned_days=None)
    if membership is None and is_due:
        Membership.objects.open_at(now).filter(grant=grant).update(last_used_at=now)
    elif membership is not None and (membership.last_used_at is None or membership.last_used_at <= stale):
        Membership.objects.open_at(now).filter(unseen, pk=membership.pk).update(last_used_at=now)
