"""Closing an account and opening it again."""

from datetime import datetime

from django.db import transaction

from identity.accounts import staff_rights
from identity.models import Account
from identity.notices.messages import AccountClosedMail, AccountReopenedMail
from identity.record import events, journal, outbox
from identity.record.machine import ReasonMissing
from identity.recovery import factor_resets
from identity.sessions import devices, sessions


class ClosedAlready(Exception):
    """Nobody can sign in to this account as it is."""


class NotClosed(Exception):
    """The account is open."""


@transaction.atomic
def close(*, account: Account, reason: str, now: datetime, by: Account | None = None) -> None:
    """Let nobody sign in to an account: sessions and remembered devices end, the owner is told by mail.

    `by` is a member of staff, or nobody for an operator at the command line. Grants stay: reopening brings all back.
    Raises ReasonMissing, ClosedAlready, or staff_rights.MayNotHandle.
    """
    reason = _checked(account, reason, by)
    if not Account.objects.filter(pk=account.pk, is_active=True).update(is_active=False):
        raise ClosedAlready(account.login_name)
    sessions.end_all(account=account, by=by, now=now)
    devices.end(account=account, device=None, by=by, now=now)
    factor_resets.cancel_open(account=account, reason="the account was closed", now=now)
    entry = journal.record(events.AccountClosed(account=account, by=by, reason=reason), now=now)
    outbox.enqueue(AccountClosedMail(account_id=account.pk, entry=entry.pk), now=now)
    account.refresh_from_db(fields=["is_active"])


@transaction.atomic
def reopen(*, account: Account, reason: str, now: datetime, by: Account | None = None) -> None:
    """Let the owner sign in again, with the password and methods they had; they are told by mail.

    Raises ReasonMissing, NotClosed, or staff_rights.MayNotHandle.
    """
    reason = _checked(account, reason, by)
    # One that was merged into another is separated from it, not reopened.
    closed = Account.objects.filter(pk=account.pk, is_active=False, merged_into=None)
    if not closed.update(is_active=True):
        raise NotClosed(account.login_name)
    entry = journal.record(events.AccountReopened(account=account, by=by, reason=reason), now=now)
    outbox.enqueue(AccountReopenedMail(account_id=account.pk, entry=entry.pk), now=now)
    account.refresh_from_db(fields=["is_active"])


def _checked(account: Account, reason: str, by: Account | None) -> str:
    if not reason.strip():
        raise ReasonMissing
    if by is not None:
        staff_rights.check_can_handle(agent=by, account=account)
    return reason.strip()
