"""What becomes of invitations when two accounts become one (see identity.domain.merging)."""

from identity.domain.merging import Stays, declare

declare(Stays(path="enrollment.staffinvitation.used_by", why="history says who used it"))
