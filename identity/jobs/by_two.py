"""What was stopped until two people release it: who may, and the steps of the first and of the second (policy: mass
acts)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from identity.accounts.backend import RealmBackend
from identity.models import Account
from identity.record.machine import Machine


class MayNotRelease(Exception):
    """This account does not hold, or no longer holds, the right to release or give up what was stopped."""


class ReleasedByTwo[M: Model](Machine[M]):
    """A machine whose row goes from stopped to half released to released (the state of `by_two`), or is discarded."""

    compared = ("first_released_by_id",)
    right: str
    half: str
    discarded: str
    named: str  # the field of the message that says which row waits

    def may(self, account: Account) -> bool:
        """Whether the account may look at, release and give up such rows."""
        return account.is_active and account.is_staff and account.has_perm(self.right)

    def check_may(self, account: Account) -> None:
        """Raise MayNotRelease unless the account holds the right now, whatever was read earlier."""
        if not self.may(Account.objects.get(pk=account.pk)):
            raise MayNotRelease

    @transaction.atomic
    def release(self, row: M, *, by: Account, now: datetime) -> M:
        """The first of two people, or the second. A first release whose author has lost the right since does not count;
        this one takes its place.

        Raises MayNotRelease, SamePerson, or NotPossible when somebody was quicker.
        """
        self.check_may(by)
        [(released, field)] = self.by_two.items()
        first = Account.objects.filter(pk=getattr(row, f"{field}_id")).first()
        is_second = getattr(row, self.field) == self.half and first is not None and self.may(first)
        return self.move(row, to=released if is_second else self.half, by=by, now=now)

    @transaction.atomic
    def discard(self, row: M, *, by: Account, reason: str, now: datetime) -> M:
        """Give it up; the job plans anew. Raises MayNotRelease, ReasonMissing or NotPossible."""
        self.check_may(by)
        return self.move(row, to=self.discarded, by=by, now=now, reason=reason)

    def message_ids(self, row: M, *, by: Account | None) -> Iterable[dict[str, Any]]:
        """Whoever may release it, but for who has just done so."""
        for operator in RealmBackend().with_perm(self.right).filter(is_staff=True):
            if operator != by:
                yield {"account_id": operator.pk, self.named: row.pk, "state": str(getattr(row, self.field))}
