"""What a file is called where it is shown, and names that mean harm: a path, letters out of order, a wrong ending."""

from identity.files.kinds import ENDINGS
from identity.models.files import Kind, Refusal
from identity.policy import text

MAX_LENGTH = 120  # characters
_TURNS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Refused(Exception):
    """This file is not taken: `refusal` says why, in a sentence."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def check_plain(name: str) -> None:
    """Raise Refused for a name that is a path, or that shows its letters in another order than they stand."""
    if set(name) & {"/", "\\", "\0", *_TURNS}:
        raise Refused(Refusal.NAME)


def shown(name: str, kind: Kind) -> str:
    """The name as people see it, with an ending of its kind. Raises Refused for one that does not fit its kind."""
    check_plain(name)
    *before, ending = text.line(name).split(".")
    if not before:
        return _cut(ending, ENDINGS[kind][0])
    if ending.lower() not in ENDINGS[kind]:
        raise Refused(Refusal.NAME)
    return _cut(".".join(before), ending)


def _cut(stem: str, ending: str) -> str:
    return f"{stem[: MAX_LENGTH - len(ending) - 1].strip(' .') or 'file'}.{ending}"
