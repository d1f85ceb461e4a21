"""Numbers of tickets, as they are drawn and as they are read out on the telephone."""

import re
import secrets

from identity.codes import codes
from identity.record import search


def new() -> str:
    """T-7K3M-9QX2: 40 bits that survive a telephone, in letters and digits that nobody mixes up."""
    drawn = "".join(secrets.choice(codes.READABLE) for _ in range(8))
    return f"T-{drawn[:4]}-{drawn[4:]}"


def meant_by(typed: str) -> list[str]:
    """The numbers of tickets that what was read out may stand for."""
    plain = re.sub(r"^\s*[Tt][\s.-]+", "", typed)
    drawn = search.spellings(plain, alphabet=codes.READABLE, length=8)
    return [f"T-{one[:4]}-{one[4:]}" for one in drawn]
