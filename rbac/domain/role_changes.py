"""Staff give somebody another role, or another market, as the person asked (S2-17, S2-22)."""

from datetime import datetime

from django.db import transaction

from identity.models import Account
from identity.policy import text
from identity.record import outbox
from identity.record.machine import ReasonMissing
from rbac import messages
from rbac.domain import approvals, grid, mandate_people, memberships
from rbac.models import Membership


class UnknownRole(Exception):
    """A role that the grid in force does not know, or no market."""


class SameAsBefore(Exception):
    """The person has this role in this market there already."""


@transaction.atomic
def change(
    *, membership: Membership, role: str, market: str, everywhere: bool = False, reason: str, by: Account, now: datetime
) -> Membership:
    """Let somebody work in another role or market; with `everywhere`, in each practice behind the same door where they
    had the same role and market. The person is told, once.

    Raises approvals.MayNotDecide (D-28), ReasonMissing, UnknownRole, SameAsBefore, mandate_people.FollowsMandate
    (S3-10: it changes with the person's role in the vendor), and what memberships.change_role raises.
    """
    grant, said = membership.grant, text.line(reason)
    approvals.check_answers_for(account=by, portal_key=grant.portal_key)
    if not said:
        raise ReasonMissing
    if role not in grid.current(now=now).roles or not market:
        raise UnknownRole
    if membership.mandate_id is not None:
        raise mandate_people.FollowsMandate
    if membership.pair == (role, market):
        raise SameAsBefore
    rows = {membership.pk: membership}
    if everywhere:
        alike = Membership.objects.current().filter(
            grant=grant, role=membership.role, market=membership.market, mandate=None
        )
        rows |= {row.pk: row for row in alike}
    changed = [
        memberships.change_role(membership=row, role=role, market=market, reason=said, by=by, now=now)
        for row in sorted(rows.values(), key=lambda row: row.practice_id)
    ]
    after = next(row for row in changed if row.practice_id == membership.practice_id)
    mail = messages.RoleChangedMail(account_id=grant.account_id, membership=after.pk, others=len(changed) - 1)
    outbox.enqueue(mail, now=now)
    return after
