"""What somebody may do inside a portal. The database stores these keys."""

from enum import StrEnum


class Capability(StrEnum):
    """Rights that a grant carries one by one."""

    BILL_TRACKER = "bill_tracker"  # TruCase's link to Bill Tracker (S0-02)
