"""Staff let somebody who has access work with one more tax ID, as the person asks in a ticket (S2-16)."""

from datetime import datetime

from django.db import transaction

from identity.models import Account
from rbac import events
from rbac.domain import grants, membership_rows, memberships, practices
from rbac.models import AccessGrant, Membership, Origin, PracticeTin


class NameMissing(Exception):
    """Nobody has attested the tax ID before, so there is no practice of a name that it belongs to."""


@transaction.atomic
def add(
    *, grant: AccessGrant, tin: tuple[str, str], name: str, role: str, market: str, reason: str, by: Account,
    now: datetime,
) -> Membership:  # fmt: skip
    """Let the holder work with this tax ID, (nine digits, kind), which staff have checked: it is attested (S2-16,
    D-25). A practice that the tax ID has keeps its name. Whoever works there already keeps role and market, and gets
    the tax ID as well; the person is told of a new practice.

    Raises NameMissing; memberships.AlreadyOpen, where the tax ID is theirs already; grants.OwnGrant, grants.GrantEnded,
    or approvals.MayNotDecide for staff who do not answer for the portal (D-28).
    """
    if not name and not PracticeTin.objects.among([tin]).attested().exists():
        raise NameMissing
    [row] = practices.of_tins(name=name, tins=[tin], origin=Origin.STAFF, now=now)
    practices.attest(tins=[row], reason=reason, by=by, now=now)
    practices.lock(row.practice)
    current = grants.lock(grant, by=by)
    held = membership_rows.make_way(grant=current, practice=row.practice, now=now)
    if held is None:
        return memberships.open(
            grant=current, practice=row.practice, role=role, market=market, tins=[row], origin=Origin.STAFF,
            reason=reason, by=by, now=now,
        )  # fmt: skip
    if held.is_of_whole_practice or held.tins.filter(pk=row.pk).exists():
        raise memberships.AlreadyOpen
    held.tins.add(row)
    membership_rows.record(events.PersonModified, held, reason=reason, by=by, now=now, changed=["tins"])
    return held
