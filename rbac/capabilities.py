"""What somebody may do inside a portal. The database stores these keys."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Rights that a grant carries one by one."""

    BILL_TRACKER = "bill_tracker"  # TruCase's link to Bill Tracker (S0-02)
    # What an old Optum Connect account was let into: a portal of ours opens for it (S1-06, S1-34).
    CLAIMS = "claims"
    PHYSICIAN = "physician"

    @property
    def label(self) -> Promise:
        """What staff read beside its check box."""
        return LABELS[self]


LABELS: dict[Capability, Promise] = {
    Capability.BILL_TRACKER: _("Bill Tracker"),
    Capability.CLAIMS: _("Claims Online Portal"),
    Capability.PHYSICIAN: _("Physician Information Portal"),
}
