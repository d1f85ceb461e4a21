"""What somebody is in a practice. The database stores these keys; the roles of a portal with a grid are the grid's."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ADMINISTRATOR = "administrator"  # runs the practice's users (the documents' OAA, Online Account Administrator)
USER = "user"

# The rows of the grid, in its order (S2-33, C19).
GRID: dict[str, Promise] = {
    "primary_care_physician": _("Primary Care Physician"),
    "registered_nurse": _("Registered Nurse"),
    "nurse_practitioner_physician_assistant": _("Nurse Practitioner/ Physician Assistant"),
    "medical_assistant": _("Medical Assistant"),
    "front_office": _("Front office"),
    "practice_manager": _("Practice manager"),
    "specialist_hospitalist": _("Specialist/ Hospitalist"),
    "billing_specialist": _("Billing Specialist"),
    "medical_director": _("Medical Director"),
    "provider_patient_relations_mgr": _("Provider/ patient relations mgr"),
    "operations_director": _("Operations Director"),
    "referral_care_coordinator": _("Referral /Care coordinator"),
    "site_admin": _("Site Admin. (SA)"),
    "corporate_operations": _("Corporate Operations"),
}

# Who agrees to a mandate in the name of their practice, where practices have no administrators of their own (S3-10).
AGREES_TO_MANDATES = frozenset({"practice_manager", "site_admin"})
# Who answers for the people of a practice: its administrators, and where there are none those who agree for it. They
# read who of theirs has confirmed a news item (S3-03).
ANSWERS_FOR_PRACTICE = AGREES_TO_MANDATES | {ADMINISTRATOR}

LABELS: dict[str, Promise] = {ADMINISTRATOR: _("administrator"), USER: _("user"), **GRID}


def label_of(role: str) -> str:
    """What pages call a role; its key where nothing names it."""
    return str(LABELS.get(role, role))
