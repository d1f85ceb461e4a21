"""What becomes of invitations when two accounts become one (see identity.merging.merging)."""

from django.utils.translation import gettext_lazy as _

from identity.merging.merging import Moves, Stays, declare

declare(
    Stays(path="enrollment.administratorrequest.claimed_by", why="staff work on it for minutes"),
    Stays(path="enrollment.administratorrequest.decided_by", why="history says who decided it"),
    Moves(path="enrollment.invitation.owner", what=_("Invitation"), describe=lambda row: row.full_name),
    Stays(path="enrollment.invitation.accepted_by", why="history says who accepted it"),
    Stays(path="enrollment.invitation.created_by", why="history says who invited"),
)
