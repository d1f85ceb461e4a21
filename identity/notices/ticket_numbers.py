"""Numbers of tickets and of other requests, as they are drawn and as they are read out on the telephone."""

import re
import secrets

from identity.codes import codes
from identity.record import search

TICKET = "T"


def new(letter: str = TICKET) -> str:
    """T-7K3M-9QX2: 40 bits that survive a telephone, in letters and digits that nobody mixes up. The letter says what
    it is the number of."""
    drawn = "".join(secrets.choice(codes.READABLE) for _ in range(8))
    return f"{letter}-{drawn[:4]}-{drawn[4:]}"


def meant_by(typed: str, letter: str = TICKET) -> list[str]:
    """The numbers of tickets, or of what else has a letter, that what was read out may stand for."""
    plain = re.sub(rf"^\s*{letter}[\s.-]+", "", typed, flags=re.IGNORECASE)
    drawn = search.spellings(plain, alphabet=codes.READABLE, length=8)
    return [f"{letter}-{one[:4]}-{one[4:]}" for one in drawn]
