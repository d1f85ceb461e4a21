"""The lines of a list as spreadsheets save it: their ends, what separates cells, and the header that names the columns.

UTF-8 with or without BOM; lines end with LF, CR LF or CR; commas, semicolons or tabs separate cells, and a first line
`sep=;` may say which. Columns come in any order; empty ones at the end, and empty lines, count for nothing.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from identity.policy import text

COLUMNS = ("login_name", "hash", "email", "first_name", "last_name", "entitlements")
MAX_LENGTH_OF_LINE = 16_384  # bytes; all cells at their longest, quoted, need less
BOM = b"\xef\xbb\xbf"
SEPARATORS: dict[str, Any] = {
    ",": pgettext_lazy("between the cells of a list", "commas"),
    ";": pgettext_lazy("between the cells of a list", "semicolons"),
    "\t": pgettext_lazy("between the cells of a list", "tabs"),
}
PROBLEMS: dict[str, Any] = {
    "encoding": gettext_lazy("Line %(line)s is not UTF-8. Save the file as UTF-8 and try again."),
    "columns": gettext_lazy("The first line must name these columns: %(columns)s."),
    "empty": gettext_lazy("The file is empty."),
}
_MOST_TOLD, _LONGEST_TOLD = 3, 20  # names of unknown columns, and characters of one

type Line = tuple[int, int, bytes | None]  # its number, the bytes of the file up to its end, and its own


class FileRefused(Exception):
    """Nothing of the file can be taken; `problem` is a key of PROBLEMS, `told` what else is known."""

    def __init__(self, problem: str, line: int, **told: Any) -> None:
        self.kept = json.dumps({"problem": problem, "line": line, **told}, ensure_ascii=False)
        super().__init__(self.kept)


class Header(NamedTuple):
    """Where each column stands, and what separates the cells."""

    places: dict[str, int]
    separator: str
    names: int = 0  # how many there are, where others than those that are read may stand among them

    @property
    def width(self) -> int:
        """How many cells a row has; more are taken when they are empty."""
        return max(self.names, max(self.places.values()) + 1)


def problem_text(kept: str) -> str:
    """Why a file was refused, in the reader's language, from what `FileRefused.kept` says."""
    if not kept:
        return ""
    told = json.loads(kept)
    columns = ", ".join(told.get("columns", COLUMNS))
    sentences = [str(PROBLEMS[told["problem"]]) % {"line": told["line"], "columns": columns}]
    for name, words in (
        ("missing", _("Missing: %(names)s.")),
        ("unknown", _("Not known: %(names)s.")),
        ("twice", _("Named twice: %(names)s.")),
    ):
        if told.get(name):
            sentences.append(words % {"names": ", ".join(told[name])})
    if told["problem"] == "columns":
        sentences.append(_separated(told.get("separator", "")))
    return " ".join(sentences)


def _separated(separator: str) -> str:
    if separator in SEPARATORS:
        return _("Its cells are separated by %(separator)s.") % {"separator": SEPARATORS[separator]}
    return _("Separate the cells by commas, semicolons or tabs.")


def split(blocks: Iterable[bytes]) -> Iterator[Line]:
    """Every line in order; None for one that is too long, of which no more is kept."""
    rest, number, end, cut = b"", 0, 0, False
    for block in blocks:
        pieces = (rest + block).splitlines(keepends=True)  # ends are LF, CR LF and CR
        # Without an end, or with a CR whose LF may come with the next block.
        rest = pieces.pop() if pieces and not pieces[-1].endswith(b"\n") else b""
        for piece in pieces:
            line = piece[:-2] if piece.endswith(b"\r\n") else piece[:-1]
            number, end = number + 1, end + len(piece)
            yield number, end, None if cut or len(line) > MAX_LENGTH_OF_LINE else line
            cut = False
        if len(rest) > MAX_LENGTH_OF_LINE:
            end, rest, cut = end + len(rest) - rest.endswith(b"\r"), b"\r" if rest.endswith(b"\r") else b"", True
    if rest or cut:
        yield number + 1, end + len(rest), None if cut else rest.removesuffix(b"\r")


def decoded(line: bytes, number: int) -> str:
    """The line as text. Raises FileRefused."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise FileRefused("encoding", number) from None


class Columns(NamedTuple):
    """What a header may name: each of `required`, any of `optional`; `other_names` are words that mean one of them."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    other_names: Mapping[str, str] = MappingProxyType({})
    has_others: bool = False  # a published layout names many more, which nobody reads

    @property
    def known(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)

    def refused(self, line: int, **told: Any) -> FileRefused:
        """What a wrong header is answered with; the columns are said where they are not those of old accounts."""
        if self.required != COLUMNS:
            told["columns"] = self.required
        return FileRefused("columns", line, **told)


OF_OLD_ACCOUNTS = Columns(COLUMNS)


def header(lines: Iterator[Line], columns: Columns = OF_OLD_ACCOUNTS) -> Header:
    """Read the lines up to the header. Raises FileRefused when there is none, or when it is a wrong one."""
    said, number = "", 0
    for number, _end, line in lines:
        if line is None:
            raise columns.refused(number)
        typed = decoded(line.removeprefix(BOM) if number == 1 else line, number)
        if number == 1 and (found := re.fullmatch(r'"?sep=(.)"?', typed, re.IGNORECASE)):
            said = found[1]
        elif typed.strip(f"{said}, ;\t"):
            return _read(typed, said, number, columns)
    raise FileRefused("empty", max(number, 1))


def _read(typed: str, said: str, number: int, columns: Columns) -> Header:
    """The header of a line: by the separator that was said, or the one with which it names most of the columns."""
    tried = [(one, _names(typed, one, columns)) for one in ([said] if said in SEPARATORS else SEPARATORS)]
    separator, names = max(tried, key=lambda one: len(set(one[1]) & set(columns.known)))
    missing = [name for name in columns.required if name not in names]
    unknown = [name[:_LONGEST_TOLD] for name in names if name not in columns.known and not columns.has_others]
    twice = [name for name in columns.known if names.count(name) > 1]
    if len(missing) == len(columns.required):
        raise columns.refused(number)
    if missing or unknown or twice:
        told = {"missing": missing, "unknown": unknown[:_MOST_TOLD], "twice": twice, "separator": separator}
        raise columns.refused(number, **told)
    places = {name: names.index(name) for name in columns.known if name in names}
    return Header(places, separator, len(names) if columns.has_others else 0)


def _names(typed: str, separator: str, columns: Columns) -> list[str]:
    try:
        cells = next(csv.reader([typed], delimiter=separator, strict=True), [])
    except csv.Error:
        return []
    names = [text.line(cell).casefold() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return [columns.other_names.get(name, name) for name in names]
