"""The tables of enrollment."""

from enrollment.models.invitations import Invitation, InvitationQuerySet, Kind, Officer, StaffRole, State

__all__ = ["Invitation", "InvitationQuerySet", "Kind", "Officer", "StaffRole", "State"]
