"""What can happen on the way in."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class StaffInvited(Event, title=_("Member of staff invited")):
    """Of version 0.2.0; since then members of staff are invited like everybody else."""

    role: str


class StaffEnrolled(Event, title=_("Member of staff enrolled")):
    role: str


class InvitationEvent(Event, abstract=True):
    """A step of an invitation; `practice` is its key, None where it is to no practice."""

    kind: str
    portal_key: str
    practice: int | None
    role: str


class InvitationSent(InvitationEvent, title=_("Invitation sent")): ...


class InvitationResent(InvitationEvent, title=_("Invitation sent again")): ...


class InvitationAccepted(InvitationEvent, title=_("Invitation accepted")): ...


class InvitationCanceled(InvitationEvent, title=_("Invitation canceled")): ...


class InvitationLapsed(InvitationEvent, title=_("Invitation lapsed")): ...
