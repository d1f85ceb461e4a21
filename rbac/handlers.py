"""What access keeps when two accounts are parted again, and memberships under mandates, which follow others."""

from datetime import datetime

from identity.merging.merging import Change
from identity.models import Merge
from identity.record import journal
from identity.record.events import MergeUndone
from rbac import events
from rbac.domain import mandate_people, pauses
from rbac.models import Membership


def keep_pauses_of_a_merge(event: MergeUndone, now: datetime) -> None:
    """What the merge let rest goes on: that it rested is not forgotten (D-09)."""
    if not isinstance(event.about, Merge) or event.account != event.about.survivor:
        return  # told of both accounts: once is enough
    for change in (Change(**said) for said in event.about.changes):
        if change.model == Membership._meta.label_lower and change.field == "suspended_at":
            row = change.row()
            if isinstance(row, Membership) and row.suspended_at is None:
                row.suspended_at = datetime.fromisoformat(change.new)  # as it was
                pauses.note(row, now=now)


def follow_in_mandates(event: events.MembershipEvent, now: datetime) -> None:
    """Whoever comes to a vendor, changes there or leaves it, works for its practices accordingly (S3-10)."""
    if isinstance(event.about, Membership):
        mandate_people.follow(event.about, by=event.by, now=now)


journal.subscribe(MergeUndone, keep_pauses_of_a_merge)
for followed in (
    events.MembershipEnded,
    events.MembershipOpened,
    events.MembershipRestored,
    events.MembershipSuspended,
    events.PersonModified,
    events.RoleChanged,
):
    journal.subscribe(followed, follow_in_mandates)
