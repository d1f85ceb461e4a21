"""What the bar code of a printed page says (policy: fax bar code): form number, page n of m, revision, check."""

import zlib
from dataclasses import dataclass

from accessforms.domain.submissions import REFERENCE_ALPHABET

LENGTH = 14


class Unreadable(ValueError):
    """Not one of our codes, or damaged."""


@dataclass(frozen=True, slots=True)
class PageCode:
    """One page of one revision of one form. Pages count from 1, at most 9; revisions at most 99."""

    reference: str
    page: int
    pages: int
    revision: int

    def payload(self) -> str:
        """Fourteen characters of QR's alphanumeric set, so that version 2 at level H holds them."""
        body = f"{self.reference}{self.page}{self.pages}{self.revision:02d}"
        return body + _check(body)


def parse(payload: str) -> PageCode:
    """The page that a payload names. Raises Unreadable."""
    body, check = payload[:-2], payload[-2:]
    if len(payload) != LENGTH or not payload.isascii() or _check(body) != check or not body[8:].isdigit():
        raise Unreadable(payload)
    return PageCode(reference=body[:8], page=int(body[8]), pages=int(body[9]), revision=int(body[10:12]))


def _check(body: str) -> str:
    number = zlib.crc32(body.encode())
    return REFERENCE_ALPHABET[number % 32] + REFERENCE_ALPHABET[number // 32 % 32]
