"""A list of old accounts as it is read: a line a row, each good or refused with a reason, within bounds of memory.

The file is UTF-8 with or without BOM, comma-separated, with a header that names the columns in any order.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from identity.realms import email_key
from portals.legacy import schemes
from portals.legacy.budget import Budget
from portals.legacy.scheme import Read, TooCostly, UnknownHash
from portals.models.legacy import LONGEST_KEY, login_key
from rbac.capabilities import Capability

COLUMNS = ("login_name", "hash", "email", "first_name", "last_name", "entitlements")
LONGEST = {"login_name": 150, "hash": 500, "email": 254, "first_name": 128, "last_name": 128, "entitlements": 500}
LONGEST_LINE = 16_384  # bytes; all cells at their longest, quoted, need less
KNOWN = {one.value for one in Capability}
BOM = b"\xef\xbb\xbf"

REASONS: dict[str, Any] = {
    "duplicate": _("The user name stands in the file twice; the first row counts."),
    "cells": _("The row has more or fewer cells than the header."),
    "damaged": _("The row cannot be read: a quotation mark is missing."),
    "long": _("A cell is too long."),
    "control": _("A cell holds characters that cannot be shown."),
    "name": _("There is no user name."),
    "hash": _("The password hash is damaged, or of a kind that is not known."),
    "costly": _("The password hash takes too much work to check, alone or beside the other kinds of this old system."),
    "address": _("The email address is not one."),
    "entitlement": _("An entitlement is not known."),
}
PROBLEMS: dict[str, Any] = {
    "encoding": _("Line %(line)s is not UTF-8. Save the file as UTF-8 and try again."),
    "columns": _("The first line must name these columns: %(detail)s."),
    "empty": _("The file is empty."),
}


class FileRefused(Exception):
    """Nothing of the file can be taken; `problem` is a key of PROBLEMS."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(f"{problem} {line}")
        self.problem, self.line = problem, line


@dataclass(slots=True)
class Row:
    """One row; with a `reason` it is refused, and only line, end and name are of use."""

    line: int
    end: int  # bytes of the file up to here
    login_name: str = ""
    reason: str = ""
    login_key: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    capabilities: list[str] = field(default_factory=list)
    hash: str = ""
    read: Read | None = None


def problem_text(problem: str) -> str:
    """Why a file was refused, from what an import keeps of it: "encoding 17"."""
    key, _space, line = problem.partition(" ")
    return str(PROBLEMS[key]) % {"line": line, "detail": ", ".join(COLUMNS)} if key in PROBLEMS else ""


def read(blocks: Iterable[bytes], *, hashes: bool = True, budget: Budget | None = None) -> Iterator[Row]:
    """Every row in order, without `hashes` where nobody will ask for them, and within the `budget` of the source.

    Raises FileRefused for a wrong header, and at the first line that is not UTF-8.
    """
    lines = _lines(blocks)
    places = _header(next(lines, None))
    seen: set[str] = set()
    for number, end, line in lines:
        row = Row(number, end)
        cells = _cells(row, line, number)
        if cells == []:
            continue  # an empty line
        row.reason = row.reason or _fill(row, cells, places)
        if not hashes:
            row.hash, row.read = "", None
        if not row.reason:
            row.reason = "duplicate" if row.login_key in seen else _over(budget, row)
            seen.add(row.login_key)
        yield row


def _lines(blocks: Iterable[bytes]) -> Iterator[tuple[int, int, bytes | None]]:
    """Number, end and bytes of each line; None for one that is too long, of which no more is kept."""
    rest, number, end, cut = b"", 0, 0, False
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            number, end = number + 1, end + len(line) + 1
            yield number, end, None if cut or len(line) > LONGEST_LINE else line
            cut = False
        if len(rest) > LONGEST_LINE:
            end, rest, cut = end + len(rest), b"", True
    if rest or cut:
        yield number + 1, end + len(rest), None if cut else rest


def _header(first: tuple[int, int, bytes | None] | None) -> dict[str, int]:
    """Where each column stands. Raises FileRefused."""
    if first is None:
        raise FileRefused("empty", 1)
    line = first[2]
    if line is None:
        raise FileRefused("columns", 1)
    names = [name.strip().casefold() for name in _decoded(line.removeprefix(BOM), 1).strip("\r").split(",")]
    names = [name.strip('"') for name in names]
    if sorted(names) != sorted(COLUMNS):
        raise FileRefused("columns", 1)
    return {name: names.index(name) for name in COLUMNS}


def _decoded(line: bytes, number: int) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise FileRefused("encoding", number) from None


def _cells(row: Row, line: bytes | None, number: int) -> list[str]:
    if line is None:
        row.reason = "long"
        return [""]
    text = _decoded(line, number).rstrip("\r")
    try:
        return next(csv.reader([text], strict=True), []) if text else []
    except csv.Error:
        row.reason = "damaged"
        return [""]


def _fill(row: Row, cells: list[str], places: dict[str, int]) -> str:
    """Take the cells over; the reason to refuse them, or nothing."""
    if len(cells) != len(COLUMNS):
        return "cells"
    said = {name: cells[place].strip() for name, place in places.items()}
    row.login_name = said["login_name"][: LONGEST["login_name"]].replace("\0", "\ufffd")
    if any(len(said[name]) > most for name, most in LONGEST.items()):
        return "long"
    if not all(cell.isprintable() for cell in said.values()):
        return "control"
    row.login_key, row.email = login_key(said["login_name"]), email_key(said["email"])
    if not row.login_key:
        return "name"
    if len(row.login_key) > LONGEST_KEY:
        return "long"
    row.first_name, row.last_name, row.hash = said["first_name"], said["last_name"], said["hash"]
    row.capabilities = sorted(set(said["entitlements"].replace(";", " ").split()))
    return _wrong(row)


def _over(budget: Budget | None, row: Row) -> str:
    """Why the source has no room for the hash of a row that is good in itself, or nothing."""
    try:
        if budget and row.read:
            budget.take(row.read)
    except TooCostly:
        return "costly"
    except UnknownHash:
        return "hash"
    return ""


def _wrong(row: Row) -> str:
    if not KNOWN.issuperset(row.capabilities):
        return "entitlement"
    try:
        row.read = schemes.read(row.hash) if row.hash else None
        if row.email:
            validate_email(row.email)
    except TooCostly:
        return "costly"
    except UnknownHash:
        return "hash"
    except ValidationError:
        return "address"
    return ""
