"""What an NPI is, wherever one is typed, imported or stored."""

import re

from stdnum import luhn


def is_npi(digits: str) -> bool:
    """Ten digits whose last one is right: Luhn over 80840 and the number (S1-23, S2-21)."""
    return bool(re.fullmatch(r"[12][0-9]{9}", digits)) and luhn.is_valid("80840" + digits)
