"""One row of the table of periods."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Profile = Literal["source", "nist"]


@dataclass(frozen=True, slots=True)
class Period:
    """One row. `nist` is the length under the NIST profile; None means the same as `source`.

    With `years` it lasts so many calendar years, to the end of their month, with `business_days` so many of them;
    `source` is then what it lasts at least.
    """

    what: str
    source: timedelta
    counted_from: str
    outcome: str
    enforced_by: str
    rows: str
    nist: timedelta | None = None
    years: int = 0
    business_days: int = 0
