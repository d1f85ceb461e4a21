"""Tables that staff download: CSV whose cells no spreadsheet takes for a formula (policy: Always)."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from portals.legacy.rows import REASONS

FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("line", "login_name", "outcome", "reason")


def quoted(cell: object) -> str:
    """A cell as text: one that a spreadsheet would compute gets an apostrophe before it."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a CSV file, one after the other."""
    for row in chain([columns], rows):
        buffer = io.StringIO()
        csv.writer(buffer).writerow([quoted(cell) for cell in row])
        yield buffer.getvalue()


def reason_text(reason: str) -> str:
    """Why a row was refused, in the reader's language."""
    return str(REASONS[reason]) if reason in REASONS else reason
