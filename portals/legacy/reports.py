"""Tables that staff download: CSV whose cells no spreadsheet takes for a formula (policy: Always)."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain

from identity.policy.text import line

FORMULA, BEFORE_ONE = ("=", "+", "-", "@", "\N{MINUS SIGN}"), ("\t", "\r", "\n")
COLUMNS = ("line", "login_name", "outcome", "reason")


def quoted(cell: object) -> str:
    """A cell as text: one that a spreadsheet would compute gets an apostrophe before it, also where the sign is a wide
    one or stands behind something that nobody sees."""
    text = str(cell)
    seen = unicodedata.normalize("NFKC", line(text))
    return f"'{text}" if text.startswith(BEFORE_ONE) or seen.startswith(FORMULA) else text


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a CSV file, one after the other."""
    for row in chain([columns], rows):
        buffer = io.StringIO()
        csv.writer(buffer).writerow([quoted(cell) for cell in row])
        yield buffer.getvalue()
