"""What access keeps when two accounts are parted again."""

from datetime import datetime

from identity.merging.merging import Change
from identity.models import Merge
from identity.record import journal
from identity.record.events import MergeUndone
from rbac.domain import pauses
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


journal.subscribe(MergeUndone, keep_pauses_of_a_merge)
