"""What becomes of invitations and clinicians when two accounts become one (see identity.merging.merging)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from enrollment.models import Association, ClinicianQuestion
from identity.merging.merging import Change, Choices, Moves, Rule, Stays, declare
from identity.models import Account
from rbac.merge_rules import GRANTS


@dataclass(frozen=True, kw_only=True)
class CliniciansMeet(Rule):
    """Of two grants for a portal one is kept: with whom the person works, and that they were asked, comes along from
    the other one (S2-21, S2-22)."""

    def changes(self, survivor: Account, absorbed: Account, choices: Choices) -> list[Change]:
        found = []
        for kept, left in GRANTS.met(survivor, absorbed, choices):
            said = Association.objects.of(left).current()
            known = Association.objects.of(kept).current().values("clinician")
            rows: list[Any] = list(said.exclude(clinician__in=known).order_by("pk"))
            if not ClinicianQuestion.objects.filter(grant=kept).exists():
                rows += ClinicianQuestion.objects.filter(grant=left)
            found += [self.change(row, "grant_id", left.pk, kept.pk) for row in rows]
        return found

    def may_return(self, change: Change, *, now: datetime) -> bool:
        row = change.row()
        if row is None or row.grant_id != change.new:
            return False
        if isinstance(row, ClinicianQuestion):
            return not ClinicianQuestion.objects.filter(grant=change.old).exists()
        said = Association.objects.current().filter(grant=change.old, clinician=row.clinician_id)
        return row.until is not None or not said.exists()


declare(
    Stays(path="enrollment.administratorrequest.claimed_by", why="staff work on it for minutes"),
    Stays(path="enrollment.administratorrequest.decided_by", why="history says who decided it"),
    CliniciansMeet(path="enrollment.association.grant"),
    Moves(path="enrollment.invitation.owner", what=_("Invitation"), describe=lambda row: row.full_name),
    Stays(path="enrollment.invitation.accepted_by", why="history says who accepted it"),
    Stays(path="enrollment.invitation.created_by", why="history says who invited"),
)
