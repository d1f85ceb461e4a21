"""The personas and features of the S3 documents, told in the grid's words: the grid decides (C19, C26).

Each persona is an alias of roles; each feature is a capability. Which of them is open to which role of the persona, and
in which market, the rows of the grid say.
"""

from enum import StrEnum
from typing import NamedTuple

from rbac.capabilities import Capability


class Reach(StrEnum):
    """To whom the first version of the grid opens a feature's capability."""

    BY_ROLE = "by role"  # a column of the grid
    UNIVERSAL = "universal"  # every role, everywhere (S2-27)
    SOME_MARKETS = "some markets"  # every role, in California; not in another market (S2-28, S2-29, S3-04)


class Feature(NamedTuple):
    """A feature that S3 promises, by its row there, and what opens it."""

    row: str
    words: str
    capability: Capability
    reach: Reach


CLINICIAN = frozenset({
    "primary_care_physician", "registered_nurse", "nurse_practitioner_physician_assistant", "medical_assistant",
    "specialist_hospitalist", "medical_director",
})  # fmt: skip
NONCLINICAL = frozenset({
    "front_office", "practice_manager", "billing_specialist", "provider_patient_relations_mgr", "operations_director",
    "referral_care_coordinator", "site_admin", "corporate_operations",
})  # fmt: skip
# The names that S3 gives to people, and the roles that they are (C19).
PERSONAS: dict[str, frozenset[str]] = {
    "clinician": CLINICIAN,
    "nonclinical administrator": NONCLINICAL,
    "operations manager": frozenset({"operations_director"}),
    "front office staff": frozenset({"front_office"}),
    "practice manager": frozenset({"practice_manager"}),
    "site administrator": frozenset({"site_admin"}),
    "billing/coding specialist": frozenset({"billing_specialist"}),
    "third-party biller": frozenset({"billing_specialist"}),
    "revenue cycle company": frozenset({"billing_specialist"}),
}
FEATURES: dict[str, tuple[Feature, ...]] = {
    "clinician": (
        Feature("S3-02 (1)", "patients' health records", Capability.DATACORE, Reach.BY_ROLE),
        Feature("S3-02 (2)", "open risk or quality screening gaps", Capability.CURO, Reach.BY_ROLE),
        Feature("S3-02 (3)", "prior authorization", Capability.REFERRALS, Reach.BY_ROLE),
        Feature("S3-02 (4)", "refer electronically and find referrals", Capability.REFERRALS, Reach.BY_ROLE),
        Feature("S3-02 (5)", "alerts on changes in patient health status", Capability.ADTS, Reach.BY_ROLE),
    ),
    "nonclinical administrator": (
        Feature("S3-03 (1)", "prior authorizations and referrals", Capability.REFERRALS, Reach.BY_ROLE),
        Feature("S3-03 (2)", "eligibility and benefits status", Capability.PATIENT_SEARCH, Reach.BY_ROLE),
        Feature("S3-03 (3)", "gaps in care, incentive payments", Capability.PATIENT_PANEL, Reach.BY_ROLE),
        Feature("S3-03 (4)", "store documents", Capability.DOCUMENT_MGMT, Reach.BY_ROLE),
        Feature("S3-03 (5)", "claim submissions and appeals", Capability.CLAIMS_SITE, Reach.SOME_MARKETS),
        Feature("S3-03 (6)", "refer electronically and find referrals", Capability.REFERRALS, Reach.BY_ROLE),
        Feature("S3-03 (7)", "Optum Care news, regulatory changes", Capability.NEWS, Reach.UNIVERSAL),
        Feature("S3-03 (8)", "open risk or quality screening gaps", Capability.CURO, Reach.BY_ROLE),
    ),
}
