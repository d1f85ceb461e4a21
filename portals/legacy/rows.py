"""A list of old accounts as it is read: a line a row, each good or refused with a reason, within bounds of memory."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from identity.policy import text
from portals.legacy import lines
from portals.legacy.hashes import schemes
from portals.legacy.hashes.scheme import Read, TooCostly, UnknownHash
from portals.legacy.lines import Header
from portals.legacy.sources.budget import Budget
from portals.models.legacy import MAX_LENGTH_OF_KEY, login_key
from rbac.capabilities import Capability

MAX_LENGTH = {"login_name": 150, "hash": 500, "email": 254, "first_name": 128, "last_name": 128, "entitlements": 500}
KNOWN = {one.value for one in Capability}
MAX_LENGTH_OF_DETAIL = 100  # characters of what a reason names

# `detail` is what the row says, or the column it says it in; never a part of a hash.
REASONS: dict[str, Any] = {
    "duplicate": _("The user name stands in the file twice; the first row counts."),
    "cells": _("The row has more or fewer cells than the header: %(detail)s."),
    "damaged": _("The row cannot be read: a quotation mark is missing."),
    "long": _("A cell is too long: %(detail)s."),
    "control": _("A cell holds characters that cannot be shown: %(detail)s."),
    "name": _("There is no user name."),
    "hash": _("The password hash is damaged, or of a kind that is not known. Known: %(known)s."),
    "costly": _("The password hash takes too much work to check, alone or beside the other kinds of this old system."),
    "address": _("The email address is not one: %(detail)s."),
    "entitlement": _("An entitlement is not known: %(detail)s. Known: %(known)s."),
}
_KNOWN_TO = {"hash": ", ".join(sorted(schemes.SCHEMES)), "entitlement": ", ".join(sorted(KNOWN))}


class Refused(Exception):
    """This row is left out; `reason` is a key of REASONS."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail[:MAX_LENGTH_OF_DETAIL]


def reason_text(reason: str, detail: str) -> str:
    """Why a row was refused, in the reader's language."""
    if reason not in REASONS:
        return reason
    return str(REASONS[reason]) % {"detail": detail, "known": _KNOWN_TO.get(reason, "")}


@dataclass(slots=True)
class Row:
    """One row; with a `reason` it is refused, and only line, end, name and detail are of use."""

    line: int
    end: int  # bytes of the file up to here
    login_name: str = ""
    reason: str = ""
    detail: str = ""
    login_key: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    capabilities: list[str] = field(default_factory=list)
    hash: str = ""
    read: Read | None = None


def parse(blocks: Iterable[bytes], *, hashes: bool = True, budget: Budget | None = None) -> Iterator[Row]:
    """Every row in order, without `hashes` where nobody will ask for them, and within the `budget` of the source.

    Raises FileRefused for a wrong header, and at the first line that is not UTF-8.
    """
    source = lines.split(blocks)
    header = lines.header(source)
    seen: set[str] = set()
    for number, end, line in source:
        row = Row(number, end)
        try:
            cells = cells_of(line, number, header)
            if not any(cells):
                continue  # an empty line
            _fill(row, cells, header)
            if not hashes:
                row.hash, row.read = "", None
            if row.login_key in seen:
                raise Refused("duplicate")
            seen.add(row.login_key)
            if budget and row.read:
                budget.take(row.read)
        except Refused as refused:
            row.reason, row.detail = refused.reason, refused.detail
        except TooCostly:
            row.reason = "costly"
        except UnknownHash:
            row.reason = "hash"
        yield row


def cells_of(line: bytes | None, number: int, header: Header) -> list[str]:
    """The cells of a line, without empty ones beyond the header. Raises Refused, or FileRefused."""
    if line is None:
        raise Refused("long")
    typed = lines.decoded(line, number)
    if typed.count('"') % 2:  # a part of a cell that goes over two lines: no row of its own
        raise Refused("damaged")
    try:
        cells = next(csv.reader([typed], delimiter=header.separator, strict=True), [])
    except csv.Error:
        raise Refused("damaged") from None
    cells = [cell.strip() for cell in cells]
    while len(cells) > header.width and not cells[-1]:
        cells.pop()
    return cells


def _fill(row: Row, cells: list[str], header: Header) -> None:
    """Take the cells over. Raises Refused, TooCostly or UnknownHash."""
    if len(cells) != header.width:
        raise Refused("cells", f"{len(cells)} ≠ {header.width}")
    raw = {name: cells[place] for name, place in header.places.items()}
    # A hash may hold anything between its signs; everything else is text that somebody typed.
    said = {name: cell if name == "hash" else text.line(cell) for name, cell in raw.items()}
    row.login_name = said["login_name"][: MAX_LENGTH["login_name"]]
    for name, most in MAX_LENGTH.items():
        if len(said[name]) > most:
            raise Refused("long", name)
        if any(unicodedata.category(c) == "Cc" and not c.isspace() for c in raw[name]):
            raise Refused("control", name)
    row.login_key = login_key(said["login_name"])
    if not row.login_key:
        raise Refused("name")
    if len(row.login_key) > MAX_LENGTH_OF_KEY:
        raise Refused("long", "login_name")
    row.first_name, row.last_name, row.hash = said["first_name"], said["last_name"], said["hash"]
    row.capabilities = _capabilities(said["entitlements"])
    row.read = schemes.parse(row.hash) if row.hash else None
    row.email = _email(said["email"])


def _capabilities(said: str) -> list[str]:
    result = sorted(set(said.replace(";", " ").split()))
    if unknown := [one for one in result if one not in KNOWN]:
        raise Refused("entitlement", ", ".join(unknown))
    return result


def _email(said: str) -> str:
    address = text.email(said)
    try:
        if address:
            validate_email(address)
    except ValidationError:
        raise Refused("address", said) from None
    return address
