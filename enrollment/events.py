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


class AdministratorRequestEvent(Event, abstract=True):
    """A step of an administrator request: of people without an account, so that it concerns none."""

    number: str
    portal_key: str
    practice: int | None
    reason: str


class AdministratorRequested(AdministratorRequestEvent, title=_("Administrator request made")): ...


class AdministratorRequestProved(AdministratorRequestEvent, title=_("Mailbox of the administrator request proved")): ...


class AdministratorRequestCorrected(
    AdministratorRequestEvent, title=_("Administrator request corrected and sent again")
): ...


class AdministratorRequestReturned(AdministratorRequestEvent, title=_("Administrator request returned")): ...


class AdministratorRequestApproved(AdministratorRequestEvent, title=_("Administrator request approved")): ...


class AdministratorRequestDenied(AdministratorRequestEvent, title=_("Administrator request denied")): ...


class AdministratorRequestWithdrawn(AdministratorRequestEvent, title=_("Administrator request withdrawn")): ...


class AdministratorRequestExpired(AdministratorRequestEvent, title=_("Administrator request expired")): ...


class AdministratorRequestTaken(AdministratorRequestEvent, title=_("Work on the administrator request began")): ...


class AdministratorRequestReleased(
    AdministratorRequestEvent, title=_("Administrator request given back to the queue")
): ...


class ClinicianEvent(Event, abstract=True):
    """What staff did about a clinician: of somebody who need have no account."""

    npi: str


class ClinicianAdded(ClinicianEvent, title=_("Clinician added")): ...


class ClinicianChanged(ClinicianEvent, title=_("Details of a clinician changed")):
    """`changed` names the columns."""

    changed: list[str]


class AssociationEvent(Event, abstract=True):
    """What somebody said about the clinicians they work with (S2-21..23)."""

    portal_key: str
    npi: str


class ClinicianAssociated(AssociationEvent, title=_("Works with a clinician")): ...


class AssociationEnded(AssociationEvent, title=_("No longer works with a clinician")): ...


class ClinicianQuestionAnswered(Event, title=_("Question for the clinicians answered")):
    portal_key: str
