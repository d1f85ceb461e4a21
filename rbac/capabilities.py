"""What somebody may do inside a portal. The database stores these keys."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Rights that a grant carries one by one, or that a grid opens to a role in a market."""

    BILL_TRACKER = "bill_tracker"  # TruCase's link to Bill Tracker (S0-02)
    # What an old Optum Connect account was let into: a portal of ours opens for it (S1-06, S1-34).
    CLAIMS = "claims"
    PHYSICIAN = "physician"
    # The ten columns of the grid (S2-33).
    PATIENT_PANEL = "patient_panel"
    REFERRALS = "referrals"
    PATIENT_SEARCH = "patient_search"
    DOCUMENT_MGMT = "document_mgmt"
    DATACORE = "datacore"
    CURO = "curo"
    ADTS = "adts"
    MY_AGREEMENTS = "my_agreements"
    NAVI_HEALTH = "navi_health"
    RISK_STRAT = "risk_strat"
    # Of all its roles (S2-27), and of all its roles in California: links to other sites (S2-28, S2-29).
    EDUCATION = "education_and_training"
    NEWS = "news_and_alerts"
    CLAIMS_SITE = "claims_site"
    REPORTING_SITE = "reporting_site"

    @property
    def label(self) -> Promise:
        """What staff read beside its check box."""
        return LABELS[self]


LABELS: dict[Capability, Promise] = {
    Capability.BILL_TRACKER: _("Bill Tracker"),
    Capability.CLAIMS: _("Claims Online Portal"),
    Capability.PHYSICIAN: _("Physician Information Portal"),
    Capability.PATIENT_PANEL: _("Patient panel"),
    Capability.REFERRALS: _("Referrals (Order Utility)"),
    Capability.PATIENT_SEARCH: _("Patient search/ Eligibility"),
    Capability.DOCUMENT_MGMT: _("Document Mgmt"),
    Capability.DATACORE: _("DataCORE"),
    Capability.CURO: _("CURO"),
    Capability.ADTS: _("ADTs"),
    Capability.MY_AGREEMENTS: _("My Agreements"),
    Capability.NAVI_HEALTH: _("NAVI Health"),
    Capability.RISK_STRAT: _("Risk Strat."),
    Capability.EDUCATION: _("Education and Training"),
    Capability.NEWS: _("News & Alerts"),
    Capability.CLAIMS_SITE: _("Claims"),
    Capability.REPORTING_SITE: _("Reporting"),
}
# The columns of the grid as it is printed, and what it opens besides.
GRID_COLUMNS: tuple[Capability, ...] = (
    Capability.PATIENT_PANEL,
    Capability.REFERRALS,
    Capability.PATIENT_SEARCH,
    Capability.DOCUMENT_MGMT,
    Capability.DATACORE,
    Capability.CURO,
    Capability.ADTS,
    Capability.MY_AGREEMENTS,
    Capability.NAVI_HEALTH,
    Capability.RISK_STRAT,
)
GRID: tuple[Capability, ...] = (
    *GRID_COLUMNS,
    Capability.EDUCATION,
    Capability.NEWS,
    Capability.CLAIMS_SITE,
    Capability.REPORTING_SITE,
)
