"""Handing over who runs a practice's users: by two signatures, or by one and Provider Services (D-15).

The practice is locked before all else, so that of two acts at once one comes after the other.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from identity.accounts import agreements
from identity.jobs import mass_acts
from identity.models import Account
from identity.policy import lifecycle, text
from identity.record.machine import NotPossible, ReasonMissing
from rbac.domain import approvals, memberships, practices
from rbac.domain.hand_over_machine import MACHINE
from rbac.models import HandOver, Membership, Practice
from rbac.models.memberships import MembershipQuerySet
from rbac.roles import ADMINISTRATOR, USER

State = HandOver.State
MAX_LENGTH = 400  # characters of a reason
HAND_OVER = "hand-over"  # in the journal


class NotOfThePractice(Exception):
    """Whoever hands over does not run the practice's users any more, or whoever takes over does not work there."""


class AskedAlready(Exception):
    """A hand-over of this practice waits for a signature already."""


class NotYours(Exception):
    """The signature that is missing is somebody else's."""


class NoNumberOnFile(Exception):
    """The practice has no phone number, or one that was written down a moment ago: it proves nothing."""


def candidates(practice: Practice, *, portal_key: str, now: datetime) -> MembershipQuerySet:
    """Who could take over: users of the practice whose membership counts, and who can sign in."""
    working = Membership.objects.open_at(now).of(practice).in_portal(portal_key)
    users = working.exclude(role=ADMINISTRATOR).filter(grant__account__is_active=True)
    return users.select_related("grant__account").order_by("grant__account__last_name", "pk")


def opened(practice: Practice, *, portal_key: str, now: datetime) -> HandOver | None:
    """The hand-over of a practice that waits for a signature."""
    rows = HandOver.objects.filter(practice=practice, portal_key=portal_key, state__in=HandOver.OPEN)
    return rows.filter(asked_at__gt=lifecycle.over_before("hand_over_open", now=now)).first()


def of(account: Account, *, portal_key: str, pk: int) -> HandOver | None:
    """A hand-over from or to this account; nobody else's is ever found."""
    rows = HandOver.objects.select_related("practice", "from_account", "to_account")
    return (rows.filter(to_account=account) | rows.filter(from_account=account)).filter(
        portal_key=portal_key, pk=pk
    ).first()  # fmt: skip


def is_over(hand_over: HandOver, *, now: datetime) -> bool:
    """Whether its days are over, written or not."""
    return hand_over.asked_at <= lifecycle.over_before("hand_over_open", now=now)


@transaction.atomic
def ask(
    *, practice: Practice, portal_key: str, to: int, stays: bool, typed_name: str, by: Account, now: datetime
) -> HandOver:
    """An administrator signs that another one of the practice takes over; `to` is the key of a membership. Whoever
    hands over leaves when the other one has signed, or goes on as a user.

    Raises NotOfThePractice, agreements.NameDiffers or AskedAlready.
    """
    practices.lock(practice)
    _running(practice, portal_key, by, now=now)
    follower = _candidate(practice, portal_key, to, now=now)
    signed = {"from_name": _signed(by, typed_name), "from_signed_at": now}
    return _begin(
        practice, portal_key, State.SIGNED, by=by, now=now,
        from_account=by, to_account=follower.grant.account, stays=stays, **signed,
    )  # fmt: skip


@transaction.atomic
def name(*, practice: Practice, portal_key: str, to: int, reason: str, by: Account, now: datetime) -> HandOver:
    """Provider Services name an administrator after a call to the number on file, where those that there are cannot be
    asked or there are none: the person signs, nobody else loses anything, and all administrators are told.

    Raises approvals.MayNotDecide (D-28), ReasonMissing, NoNumberOnFile, NotOfThePractice or AskedAlready.
    """
    practices.lock(practice)
    confirmed = _confirmed(practice, portal_key, reason=reason, by=by, now=now)
    follower = _candidate(practice, portal_key, to, now=now)
    return _begin(practice, portal_key, State.ASKED, by=by, now=now, to_account=follower.grant.account, **confirmed)


@transaction.atomic
def confirm(*, hand_over: HandOver, reason: str, by: Account, now: datetime) -> HandOver:
    """Provider Services stand in for the signature that is missing, after a call to the number on file.

    Raises approvals.MayNotDecide (D-28), ReasonMissing, NoNumberOnFile, NotOfThePractice or NotPossible.
    """
    row = _locked(hand_over, now=now)
    confirmed = _confirmed(row.practice, row.portal_key, reason=reason, by=by, now=now)
    if row.confirmed_by_id is not None:
        raise NotPossible(row)
    return _complete(row, by=by, now=now, **confirmed)


@transaction.atomic
def sign(*, hand_over: HandOver, typed_name: str, by: Account, now: datetime) -> HandOver:
    """The second signature: whoever takes over runs the practice's users from here on.

    Raises NotYours, agreements.NameDiffers, NotOfThePractice or NotPossible.
    """
    row = _locked(hand_over, now=now)
    if by.pk != row.to_account_id:
        raise NotYours
    return _complete(row, by=by, now=now, to_name=_signed(by, typed_name), to_signed_at=now)


@transaction.atomic
def decline(*, hand_over: HandOver, by: Account, now: datetime) -> HandOver:
    """One of the two does not want it, or takes it back; what was holds. Raises NotYours, or NotPossible."""
    row = _locked(hand_over, now=now)
    if by.pk not in (row.to_account_id, row.from_account_id):
        raise NotYours
    return MACHINE.move(row, to=State.DECLINED, by=by, now=now)


def _begin(practice: Practice, portal_key: str, state: str, *, by: Account, now: datetime, **columns: Any) -> HandOver:
    for over in due(now=now).filter(practice=practice, portal_key=portal_key):  # stands in nobody's way
        MACHINE.move(over, to=State.LAPSED, by=None, now=now)
    row = HandOver(practice=practice, portal_key=portal_key, state=state, asked_at=now, **columns)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise AskedAlready from error
    MACHINE.tell(row, by=by, now=now)
    return row


def _complete(row: HandOver, *, by: Account, now: datetime, **signed: Any) -> HandOver:
    """The one takes over before the other leaves: at no moment is nobody there."""
    leaves = _running(row.practice, row.portal_key, row.from_account, now=now) if row.from_account else None
    follower = _working(row.practice, row.portal_key, now=now).filter(grant__account=row.to_account_id).first()
    if follower is None:
        raise NotOfThePractice
    giver = signed.get("confirmed_by") or row.confirmed_by or row.from_account
    memberships.change_role(membership=follower, role=ADMINISTRATOR, reason=HAND_OVER, by=giver, now=now)
    done = MACHINE.move(row, to=State.DONE, by=by, now=now, **signed)
    if leaves is not None and row.stays:
        memberships.change_role(membership=leaves, role=USER, reason=HAND_OVER, by=row.to_account, now=now)
    elif leaves is not None:
        memberships.end(membership=leaves, reason=HAND_OVER, by=row.from_account, now=now)
    return done


def _locked(hand_over: HandOver, *, now: datetime) -> HandOver:
    practices.lock(hand_over.practice)
    row = HandOver.objects.select_related("practice", "from_account", "to_account").get(pk=hand_over.pk)
    if row.state not in HandOver.OPEN or is_over(row, now=now):
        raise NotPossible(row)
    return row


def _working(practice: Practice, portal_key: str, *, now: datetime) -> MembershipQuerySet:
    return Membership.objects.open_at(now).of(practice).in_portal(portal_key).select_related("grant__account")


def _running(practice: Practice, portal_key: str, account: Account, *, now: datetime) -> Membership:
    found = _working(practice, portal_key, now=now).filter(grant__account=account, role=ADMINISTRATOR).first()
    if found is None:
        raise NotOfThePractice
    return found


def _candidate(practice: Practice, portal_key: str, membership: int, *, now: datetime) -> Membership:
    found = candidates(practice, portal_key=portal_key, now=now).filter(pk=membership).first()
    if found is None:
        raise NotOfThePractice
    return found


def _signed(account: Account, typed: str) -> str:
    if not agreements.is_name_of(account, typed):
        raise agreements.NameDiffers
    return text.line(typed)


def has_number_on_file(practice: Practice, *, now: datetime) -> bool:
    """Whether the practice has a phone number that is old enough to prove something."""
    known = practice.phone_on_file_since
    return bool(practice.phone) and known is not None and known <= lifecycle.over_before("number_on_file", now=now)


def _confirmed(practice: Practice, portal_key: str, *, reason: str, by: Account, now: datetime) -> dict[str, Any]:
    approvals.check_answers_for(account=by, portal_key=portal_key)
    said = text.line(reason)[:MAX_LENGTH]
    if not said:
        raise ReasonMissing
    if not has_number_on_file(Practice.objects.get(pk=practice.pk), now=now):
        raise NoNumberOnFile
    return {"confirmed_by": by, "confirmed_at": now, "reason": said}


def due(*, now: datetime) -> QuerySet[HandOver]:
    """Open hand-overs whose days are over."""
    over = lifecycle.over_before("hand_over_open", now=now)
    return HandOver.objects.filter(state__in=HandOver.OPEN, asked_at__lte=over).order_by("asked_at", "pk")


def lapse_due(*, now: datetime) -> int:
    """Write what nobody signed in its days, and tell both; too many at once wait for two people (policy: mass acts)."""
    over = mass_acts.admitted(
        kind=gettext_noop("lapse hand-overs"),
        rows=lambda moment: due(now=moment),
        active=HandOver.objects.filter(state__in=HandOver.OPEN),
        limit=mass_acts.ENDING,
        now=now,
    )
    return sum(MACHINE.try_move(row, to=State.LAPSED, by=None, now=now) for row in list(over))
