"""The tables of enrollment."""

from enrollment.models.administrator_requests import (
    AdministratorRequest,
    AdministratorRequestQuerySet,
    Applicant,
    RequestState,
)
from enrollment.models.clinicians import (
    Association,
    AssociationQuerySet,
    Clinician,
    ClinicianQuestion,
    ClinicianTerm,
)
from enrollment.models.invitations import Invitation, InvitationQuerySet, Kind, Officer, StaffRole, State
from enrollment.models.practice_inquiries import PracticeInquiry

__all__ = [
    "AdministratorRequest",
    "AdministratorRequestQuerySet",
    "Applicant",
    "Association",
    "AssociationQuerySet",
    "Clinician",
    "ClinicianQuestion",
    "ClinicianTerm",
    "Invitation",
    "InvitationQuerySet",
    "Kind",
    "Officer",
    "PracticeInquiry",
    "RequestState",
    "StaffRole",
    "State",
]
