"""What makes ten digits a National Provider Identifier."""

import re

from stdnum import luhn


def is_npi(digits: str) -> bool:
    """Ten digits that begin with 1 or 2, with the check digit: Luhn over 80840 and the number."""
    return bool(re.fullmatch(r"[12]\d{9}", digits)) and luhn.is_valid("80840" + digits)
