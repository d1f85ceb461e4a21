"""Making one account of two of the same person (D-17, S2-25), and taking it back within 30 days."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from identity.accounts import emails
from identity.merging.merging import RULES, Change, Choices, Clash, Moved, Unchosen
from identity.models import Account, Merge, SecurityAlert, Ticket
from identity.notices import alerts, tickets
from identity.policy import lifecycle
from identity.record import events, journal, search, transactions
from identity.recovery import factor_resets
from identity.tenancy import tenancy

UNDO = "identity.undo_merge"
MAX_SHOWN = 20  # possible duplicates that a page lists


class Reason(StrEnum):
    """Why two accounts are not merged, or a merge is not undone."""

    SAME = "same"
    REALM = "realm"
    STAFF = "staff"
    INACTIVE = "inactive"
    MERGED = "merged"
    SECURED = "secured"
    UNVERIFIED = "unverified"
    PROOF = "proof"
    CLASH = "clash"
    UNDONE = "undone"
    LATE = "late"
    LATER_MERGE = "later merge"


class MergeRefused(Exception):
    """Nothing was changed; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class MayNotUndo(Exception):
    """Neither the account that was kept nor a member of staff with the right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeConsent:
    """What one session has shown: it is `own`, and it has signed in to `other`, with the state that both had then."""

    own: int
    own_epoch: int
    other: int
    other_epoch: int
    at: datetime


def candidates_of(account: Account) -> "QuerySet[Account]":
    """Active accounts of the realm that have verified an address which this account has verified too.

    Their names are the person's to see: whoever reads that mailbox is told them anyway.
    """
    own = EmailAddress.objects.filter(user=account, verified=True).values("email")
    same = EmailAddress.objects.filter(email__in=own, verified=True).values("user")
    others = Account.objects.filter(pk__in=same, realm=account.realm, is_active=True, is_staff=False)
    return others.exclude(pk=account.pk).order_by("pk")[:MAX_SHOWN]


def duplicates_of(account: Account) -> "QuerySet[Account]":
    """For staff: accounts of the realm with the same name and year of birth, or a verified address in common."""
    own = EmailAddress.objects.filter(user=account, verified=True).values("email")
    alike = Q(pk__in=EmailAddress.objects.filter(email__in=own, verified=True).values("user"))
    if account.year_of_birth is not None:
        alike |= Q(
            last_name__iexact=account.last_name,
            first_name__iexact=account.first_name,
            year_of_birth=account.year_of_birth,
        )
    return Account.objects.filter(alike, realm=account.realm).exclude(pk=account.pk).order_by("pk")[:MAX_SHOWN]


def check_can_merge(one: Account, other: Account) -> None:
    """Raise MergeRefused unless these two accounts may become one, whoever asks."""
    if one.pk == other.pk:
        raise MergeRefused(Reason.SAME)
    if one.realm != other.realm:
        raise MergeRefused(Reason.REALM)
    for account in (one, other):
        if account.merged_into_id is not None:
            raise MergeRefused(Reason.MERGED)
        if not account.is_active:
            raise MergeRefused(Reason.INACTIVE)
        if account.is_staff or account.is_superuser or any(rule.refuses(account) for rule in RULES.values()):
            raise MergeRefused(Reason.STAFF)
        if account.secured_at is not None:
            raise MergeRefused(Reason.SECURED)
        if not emails.is_verified(account):
            raise MergeRefused(Reason.UNVERIFIED)


@transaction.atomic
def prove(*, own: Account, other: Account, method: str, now: datetime) -> MergeConsent:
    """The session of `own` has shown password and second step of `other`, just now. Raises MergeRefused."""
    check_can_merge(own, other)
    journal.record(events.Confirmed(account=other, by=own, method=method), now=now)
    return MergeConsent(
        own=own.pk, own_epoch=own.session_epoch, other=other.pk, other_epoch=other.session_epoch, at=now
    )


def check_proof(proof: MergeConsent, *, own: Account, other: Account, now: datetime) -> None:
    """Raise MergeRefused when the proof is of others, too old, or older than a change of a password."""
    shown = (proof.own, proof.own_epoch, proof.other, proof.other_epoch)
    if shown != (own.pk, own.session_epoch, other.pk, other.session_epoch):
        raise MergeRefused(Reason.PROOF)
    if now >= proof.at + lifecycle.after("merge_proof"):
        raise MergeRefused(Reason.PROOF)


def clashes(own: Account, other: Account) -> list[Clash]:
    """What both have and one account can have once."""
    return [clash for rule in RULES.values() for clash in rule.clashes(own, other)]


def merge(
    *, survivor: Account, absorbed: Account, choices: Choices, proof: MergeConsent, by: Account, now: datetime
) -> Merge:
    """Make one account of two, in one transaction: rows move by the rules of every app, the absorbed one ends (D-17).

    Both are told at every verified address. Nothing is deleted. Raises MergeRefused, also when the two are merged,
    deactivated or changed at the same moment by somebody else.
    """
    try:
        with transaction.atomic():
            return _merge(survivor.pk, absorbed.pk, choices, proof, by=by, now=now)
    except (IntegrityError, Unchosen, Moved) as error:
        raise MergeRefused(Reason.CLASH) from error


def _merge(kept: int, ended: int, choices: Choices, proof: MergeConsent, *, by: Account, now: datetime) -> Merge:
    locked = _locked((kept, ended))
    survivor, absorbed = locked[kept], locked[ended]
    check_can_merge(survivor, absorbed)
    own, other = (survivor, absorbed) if by.pk == kept else (absorbed, survivor)
    if by.pk != own.pk:
        raise MergeRefused(Reason.PROOF)
    check_proof(proof, own=own, other=other, now=now)
    changes = [change for rule in RULES.values() for change in rule.changes(survivor, absorbed, choices)]
    changes += [
        Change("", "identity.account", str(absorbed.pk), "is_active", True, False),
        Change("", "identity.account", str(absorbed.pk), "merged_into", None, survivor.pk),
    ]
    merge = Merge.objects.create(
        survivor=survivor, absorbed=absorbed, by=by, at=now, changes=[asdict(change) for change in changes]
    )
    for account in (survivor, absorbed):  # told before anything moves: each at the addresses that are its own now
        journal.record(events.AccountsMerged(account=account, by=by, about=merge), now=now)
        kind = SecurityAlert.Kind.MERGED
        alerts.raise_alert(account=account, kind=kind, what=str(merge.pk), now=now)
    for account in (survivor, absorbed):
        factor_resets.cancel_open(account=account, reason="the IDs were merged", now=now)
    for change in changes:
        change.apply()
    for account in (survivor, absorbed):
        search.refresh(account)
    return merge


def _locked(pks: Iterable[int]) -> dict[int, Account]:
    """The accounts, and all of their persons, locked in the order of their ids. One merge at a time: whom a person has
    is only known once an earlier merge has ended, and then the order would be broken (L2)."""
    transactions.lock("merges")
    persons = Account.objects.filter(pk__in=pks).values("person")
    rows = Account.objects.select_for_update().filter(Q(pk__in=pks) | Q(person__in=persons)).order_by("pk")
    return {account.pk: account for account in rows}


def may_undo(account: Account) -> bool:
    """Whether a member of staff may see and undo merges."""
    return account.is_active and account.is_staff and account.has_perm(UNDO)


def check_can_undo(merge: Merge, *, now: datetime) -> None:
    """Raise MergeRefused when it was undone, is 30 days old, or one of its accounts was merged again since."""
    if merge.undone_at is not None:
        raise MergeRefused(Reason.UNDONE)
    if now >= merge.at + lifecycle.after("merge_undo"):
        raise MergeRefused(Reason.LATE)
    both = (merge.survivor_id, merge.absorbed_id)
    later = Merge.objects.filter(Q(survivor__in=both) | Q(absorbed__in=both), undone_at=None, at__gt=merge.at)
    if later.exists():
        raise MergeRefused(Reason.LATER_MERGE)


def can_undo(merge: Merge, *, now: datetime) -> bool:
    """Whether a page offers it: the same question, answered."""
    try:
        check_can_undo(merge, now=now)
    except MergeRefused:
        return False
    return True


def undo(*, merge: Merge, by: Account | None, now: datetime) -> None:
    """Give each row its old value where it still has the new one (D-17). `by` is empty for an alert's answer.

    Raises MayNotUndo or MergeRefused.
    """
    if by is not None and by.pk != merge.survivor_id and not _may_undo_this(by, merge):
        raise MayNotUndo
    try:
        with transaction.atomic():
            _undo(merge, by=by, now=now)
    except IntegrityError as error:
        raise MergeRefused(Reason.CLASH) from error


def _may_undo_this(agent: Account, merge: Merge) -> bool:
    return may_undo(agent) and tenancy().scope_of(agent).covers(merge.survivor)


def _undo(merge: Merge, *, by: Account | None, now: datetime) -> None:
    _locked((merge.survivor_id, merge.absorbed_id))
    check_can_undo(merge, now=now)
    if not Merge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=now, undone_by=by):
        raise MergeRefused(Reason.UNDONE)
    merge.refresh_from_db()
    for change in reversed([Change(**change) for change in merge.changes]):
        rule = RULES.get(change.rule)
        if rule is None or rule.may_return(change, now=now):
            change.take_back()
    for account in (merge.survivor, merge.absorbed):
        account.refresh_from_db()
        _mend(account)
        journal.record(events.MergeUndone(account=account, by=by, about=merge), now=now)
        kind = SecurityAlert.Kind.MERGE_UNDONE
        alerts.raise_alert(account=account, kind=kind, what=str(merge.pk), now=now)


def _mend(account: Account) -> None:
    """What was done between merge and undo must lock nobody out: the primary address is one that the account
    has proved."""
    rows = list(EmailAddress.objects.filter(user=account).order_by("-primary", "-verified", "pk"))
    own = next((row for row in rows if row.email == account.email), None)
    if own is None:
        proved = next((row for row in rows if row.verified), None)
        own = proved or EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=False)
    EmailAddress.objects.filter(user=account, primary=True).exclude(pk=own.pk).update(primary=False)
    EmailAddress.objects.filter(pk=own.pk).update(primary=True)
    Account.objects.filter(pk=account.pk).update(email=own.email)
    account.refresh_from_db()


def take_back(*, alert: SecurityAlert, now: datetime) -> None:
    """The owner of one of the two said "this was not me": undo the merge, or let a person do it."""
    merge = Merge.objects.filter(pk=alert.what, undone_at=None).first()
    if merge is None:
        return
    try:
        undo(merge=merge, by=None, now=now)
    except MergeRefused as refused:
        told = {"absorbed": merge.absorbed.login_name, "survivor": merge.survivor.login_name, "reason": refused.reason}
        text = _('"This was not me" was answered: %(absorbed)s was merged into %(survivor)s. Not undone: %(reason)s.')
        tickets.open(account=alert.account, topic=Ticket.Topic.MERGE, text=text % told, by=None, now=now)
