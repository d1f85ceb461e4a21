"""Rows of memberships, opened and ended together with the grant before them, in the caller's transaction.

rbac.domain.memberships is the door for everybody but rbac.domain.grants, and rbac.domain.mandate_people, whose rows
follow others and ask for no right of their own.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Q

from identity.models import Account
from identity.policy import zones
from identity.record import journal, outbox
from rbac import events, messages
from rbac.domain import pauses
from rbac.models import AccessGrant, Membership, Origin, Practice, PracticeTin
from rbac.roles import USER

# What a membership says beside who, where and why: it goes along when one row follows another.
PERSON = ("first_name", "last_name", "email")  # as the practice knows them
OFFICE = ("address_1", "address_2", "city", "state", "zip", "work_phone")
DETAILS = (*PERSON, "market", *OFFICE, "ends_on", "last_used_at", "mandate")


def open_one(
    *,
    grant: AccessGrant,
    practice: Practice,
    role: str,
    tins: Iterable[PracticeTin] = (),
    origin: str,
    origin_key: str = "",
    reason: str = "",
    by: Account | None,
    now: datetime,
    **details: Any,
) -> Membership:
    """Open a membership behind a grant that is current, in the caller's transaction."""
    membership = make(
        grant=grant, practice=practice, role=role, tins=tins, since=now, created_by=by,
        origin=origin, origin_key=origin_key, reason=reason, **details,
    )  # fmt: skip
    record(events.MembershipOpened, membership, reason=membership.cause_in_english, by=by, now=now)
    return membership


def make(*, tins: Iterable[PracticeTin], **columns: Any) -> Membership:
    """A row with its tax IDs, without an event."""
    membership = Membership.objects.create(**columns)
    membership.tins.set(tins)
    return membership


def join(
    *,
    grant: AccessGrant,
    tins: Iterable[PracticeTin],
    origin: str,
    origin_key: str = "",
    reason: str = "",
    by: Account | None,
    now: datetime,
    role: str = USER,
    market: str = "",
) -> None:
    """Let the holder work with these tax IDs, for the practices that have them: a membership that is open takes them
    in, and stays suspended if it is; where there is none, or its last day has passed, one opens (S1-28, D-29).

    In the caller's transaction. A practice's administrators are told of what a form opens.
    """
    ordered = sorted(tins, key=lambda tin: (tin.practice_id, tin.pk))
    for _practice, group in groupby(ordered, key=lambda tin: tin.practice_id):
        own = list(group)
        held = make_way(grant=grant, practice=own[0].practice, now=now)
        if held is None:
            opened = open_one(
                grant=grant, practice=own[0].practice, role=role, market=market, tins=own,
                origin=origin, origin_key=origin_key, reason=reason, by=by, now=now,
            )  # fmt: skip
            if origin == Origin.FORM:
                tell_administrators(opened, now=now)
        elif not held.is_of_whole_practice:
            held.tins.add(*own)


def take_out_tins(practice: Practice) -> None:
    """The tax IDs of a practice that begins leave the memberships of whoever wrote them down before, unproved, in the
    caller's transaction: once they are attested they open nothing there (D-25)."""
    Membership.tins.through.objects.filter(practicetin__practice=practice).delete()


def make_way(*, grant: AccessGrant, practice: Practice, now: datetime) -> Membership | None:
    """The membership that is open in a practice; one whose last day has passed ends first, in the caller's
    transaction, and is none. What staff let rest is one, whatever its last day (D-11)."""
    held = Membership.objects.current().of(practice).filter(grant=grant).select_related("suspended_by").first()
    if held is None or not held.makes_way(now):
        return held
    end_one(held, reason="its last day has passed", by=None, now=now)
    return None


def end_one(
    membership: Membership, *, reason: str, by: Account | None, now: datetime, with_grant: bool = False
) -> bool:
    """End a membership in the caller's transaction; answers whether it was open. `with_grant`: it counted until its
    grant ended."""
    ended = Membership.objects.current().filter(pk=membership.pk).update(
        until=max(now, membership.since), suspended_at=None, suspended_by=None, ended_by=by, ended_with_grant=with_grant
    )  # fmt: skip
    if ended:
        pauses.note(membership, now=now)
        record(events.MembershipEnded, membership, reason=reason, by=by, now=now)
    return bool(ended)


def end_with(grants: Iterable[AccessGrant], *, reason: str, by: Account | None, now: datetime) -> None:
    """End every membership behind grants that have just ended, in the caller's transaction, and keep which counted."""
    behind = Membership.objects.current().filter(grant__in=grants).select_related("grant__account").order_by("pk")
    for membership in behind:
        counted = membership.suspended_at is None and not membership.is_past(now)
        end_one(membership, reason=reason, by=by, now=now, with_grant=counted)


def bring_back(*, ended: AccessGrant, grant: AccessGrant, by: Account | None, now: datetime) -> None:
    """Open behind a new grant, in the caller's transaction, what counted until the earlier one ended: what it came of
    stays (S1-28, "Reactivate"). What stood under a mandate follows the membership in the vendor (see
    rbac.domain.mandates)."""
    today = zones.today(grant.account.realm, now=now)
    own = ended.memberships.filter(mandate=None, ended_with_grant=True)
    counted = own.filter(Q(ends_on=None) | Q(ends_on__gte=today))
    for before in counted.select_related("practice").order_by("pk"):
        opened = open_one(
            grant=grant, practice=before.practice, role=before.role, tins=before.tins.all(), origin=before.origin,
            origin_key=before.origin_key, reason=before.reason, by=by, now=now, **details_of(before),
        )  # fmt: skip
        tell_administrators(opened, now=now)


def details_of(membership: Membership) -> dict[str, Any]:
    """What goes along to the row that follows."""
    return {name: getattr(membership, name) for name in DETAILS}


def tell_administrators(membership: Membership, *, now: datetime) -> None:
    """Tell who runs the practice's users that a form opened something there, in the caller's transaction (D-25)."""
    administrators = Membership.objects.administrators(membership.practice, now=now)
    others = administrators.exclude(grant__account=membership.grant.account_id)
    for account_id in others.order_by("grant__account").values_list("grant__account", flat=True).distinct():
        outbox.enqueue(messages.JoinedByFormMail(account_id=account_id, membership=membership.pk), now=now)


def record(
    event: type[events.MembershipEvent],
    membership: Membership,
    *,
    reason: str,
    by: Account | None,
    now: datetime,
    **facts: Any,
) -> None:
    """Write what happened to a membership, in the caller's transaction."""
    said = {"practice": membership.practice_id, "role": membership.role, "reason": reason, **facts}
    grant = membership.grant
    told = event(account=grant.account, by=by, about=membership, portal_key=grant.portal_key, **said)
    journal.record(told, now=now)
