"""What becomes of invitations when two accounts become one (see identity.merging.merging)."""

from identity.merging.merging import Stays, declare

declare(Stays(path="enrollment.staffinvitation.used_by", why="history says who used it"))
