"""The cells of one row of a register's file: only those that are kept, and fast, for a file may have many millions."""

from datetime import date
from functools import lru_cache
from operator import itemgetter

from portals.legacy import rows
from portals.legacy.lines import FileRefused, Header

type Cells = list[str]  # in the order in which the layout names its columns


class Unreadable(Exception):
    """This row is left out: it is damaged, or says nothing that could be looked up."""


class Cutter:
    """Takes the rows of one file apart: what its header says of each of them is worked out once."""

    def __init__(self, header: Header) -> None:
        self.header, self.width = header, header.width
        self.cut = max(header.places.values()) + 1  # cells from the first to the last that is kept
        self.chosen = itemgetter(*header.places.values())
        self.is_plain = header.separator == ","

    def cells(self, line: bytes | None, number: int) -> Cells:
        """The cells that are kept. Raises Unreadable."""
        if line is None or b"\0" in line:
            raise Unreadable
        try:
            return self._quoted(line) if self._is_quoted(line) else self._any(line, number)
        except (rows.Refused, FileRefused, UnicodeDecodeError) as refused:
            raise Unreadable from refused

    def _any(self, line: bytes, number: int) -> Cells:
        found = rows.cells_of(line, number, self.header)
        if len(found) != self.width:
            raise Unreadable
        return list(self.chosen(found))

    def _is_quoted(self, line: bytes) -> bool:
        """Whether every cell stands in quotes and none has a quote within, as NPPES is published: then those that
        separate the cells, and one at either end, are all quotes that there are."""
        return (
            self.is_plain
            and line.count(b'"') == 2 * self.width
            and line.count(b'","') == self.width - 1
            and line[:1] + line[-1:] == b'""'
        )

    def _quoted(self, line: bytes) -> Cells:
        """The cells of such a row; what stands behind the last one that is kept is not taken apart."""
        found = b"\0".join(self.chosen(line.split(b'","', self.cut)))
        return [cell.strip() for cell in found.decode().replace('"', "").split("\0")]


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
