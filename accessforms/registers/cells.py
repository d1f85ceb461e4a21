"""The cells of one row of a register's file: only those that are kept, and fast, for a file may have many millions."""

from datetime import date
from functools import lru_cache

from portals.legacy import rows
from portals.legacy.lines import FileRefused, Header

type Cells = dict[str, str]


class Unreadable(Exception):
    """This row is left out: it is damaged, or says nothing that could be looked up."""


class Cutter:
    """Takes the rows of one file apart: what its header says of each of them is worked out once."""

    def __init__(self, header: Header) -> None:
        self.header, self.width = header, header.width
        self.cut = max(header.places.values()) + 1  # cells from the first to the last that is kept
        self.is_plain = header.separator == ","

    def cells(self, line: bytes | None, number: int) -> Cells:
        """The cells that are kept, by column. Raises Unreadable."""
        if line is None or b"\0" in line:
            raise Unreadable
        try:
            return self._quoted(line) or self._any(line, number)
        except (rows.Refused, FileRefused, UnicodeDecodeError) as refused:
            raise Unreadable from refused

    def _any(self, line: bytes, number: int) -> Cells:
        found = rows.cells_of(line, number, self.header)
        if len(found) != self.width:
            raise Unreadable
        return {name: found[place] for name, place in self.header.places.items()}

    def _quoted(self, line: bytes) -> Cells | None:
        """The same of a row with every cell in quotes and no quote within one, as NPPES is published; None of any
        other. What stands behind the last cell that is kept is counted, and not taken apart."""
        if not self.is_plain or line.count(b'"') != 2 * self.width or line[:1] + line[-1:] != b'""':
            return None
        pieces = line[1:-1].split(b'","', self.cut)
        if len(pieces) < min(self.cut + 1, self.width) or b'"' in b"".join(pieces[: self.cut]):
            return None
        return {name: pieces[place].decode().strip() for name, place in self.header.places.items()}


@lru_cache(maxsize=50_000)
def day(typed: str) -> date | None:
    """A date as NPPES (MM/DD/YYYY) and LEIE (YYYYMMDD) write it; zeros are none. Raises Unreadable."""
    digits = typed[6:] + typed[:2] + typed[3:5] if "/" in typed else typed
    if not digits.strip("0"):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise Unreadable from None
