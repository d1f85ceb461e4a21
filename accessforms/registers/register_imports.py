"""Importing a file of a register: read once from its first byte to its last, a chunk a transaction, each step
resumable."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from io import SEEK_END
from itertools import batched
from types import ModuleType
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction

from accessforms import events
from accessforms.models import RegisterImport
from accessforms.registers import cells, leie, nppes
from accessforms.registers.cells import Cutter
from identity.models import Account
from identity.policy import lifecycle
from identity.record.machine import Machine, NotPossible
from portals.legacy import lines
from portals.legacy.lines import Header, Line

State, Register = RegisterImport.State, RegisterImport.Register
READERS: dict[str, ModuleType] = {Register.NPPES: nppes, Register.LEIE: leie}
CHUNK = 10_000  # rows a transaction
BLOCK = 512 * 1024  # bytes read at once
TOLD_BY = 1024 * 1024  # bytes of either end that tell one file from another


class RegisterMachine(Machine[RegisterImport]):
    """The life of an import."""

    model = RegisterImport
    begins = frozenset({State.READING})
    transitions = {
        State.READING: frozenset({State.DONE, State.GIVEN_UP}),
        State.DONE: frozenset(),
        State.GIVEN_UP: frozenset(),
    }
    events = {
        State.READING: events.RegisterImportBegun,
        State.DONE: events.RegisterImported,
        State.GIVEN_UP: events.RegisterImportGivenUp,
    }
    messages = dict.fromkeys(State, None)  # whoever runs the command reads how far it is

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        return {"ended_at": now}

    def facts(self, row: RegisterImport, *, reason: str) -> dict[str, Any]:
        return {"account": None, "register": row.register, "stored": row.stored, "left_out": row.left_out}


MACHINE = RegisterMachine()


class Known(Exception):
    """This file is the one that was imported last: there is nothing to do, and reading it twice makes it no younger."""


class Changed(Exception):
    """The file is another one than when its import began: a download that was not over yet, or one over it."""


class MostlyDamaged(Exception):
    """No more rows can be read than cannot: it is in another encoding, or no such file."""


def digest_of(stream: BinaryIO, *, size: int) -> str:
    """What tells the file, in bytes `size` long, from another one: its length, its beginning and its end. Of several
    gigabytes the whole is not read twice."""
    digest = hashlib.sha256(str(size).encode())
    for place in (0, max(0, size - TOLD_BY)):
        stream.seek(place)
        digest.update(stream.read(TOLD_BY))
    return digest.hexdigest()


def check_layout(register: str, stream: BinaryIO) -> Header:
    """What the first line of a file says. Raises FileRefused where it is not this register's: nothing is begun then."""
    stream.seek(0)
    return lines.header(lines.split(_blocks(stream)), READERS[register].COLUMNS)


def begin(*, register: str, file_name: str, digest: str, now: datetime) -> RegisterImport:
    """The import of a file: a new one, or the one of the same file that was interrupted. One of another file is given
    up for it. Raises Known, or NotPossible when somebody begins another one at the same moment."""
    with transaction.atomic():
        own = RegisterImport.objects.filter(register=register).order_by("pk")
        reading = own.filter(state=State.READING).last()
        if reading and reading.digest == digest:
            return reading
        former = own.filter(state=State.DONE).last()
        if former and former.digest == digest:
            raise Known
        if reading:
            MACHINE.move(reading, to=State.GIVEN_UP, by=None, now=now)
        found = RegisterImport(register=register, file_name=file_name[:200], digest=digest, created_at=now)
        try:
            with transaction.atomic():
                found.save()
        except IntegrityError as error:
            raise NotPossible(own.filter(state=State.READING).get()) from error
        MACHINE.tell(found, by=None, now=now)
        return found


def go_on(
    *, found: RegisterImport, stream: BinaryIO, may_shrink: bool = False, clock: Callable[[], datetime]
) -> Iterator[int]:
    """Store what is left of the file, yielding how many rows were stored after each chunk; then the import is done.

    Killed at any moment it goes on after the last whole chunk. Raises FileRefused for another layout, Changed,
    leie.Shrunk unless it `may_shrink`, MostlyDamaged, and NotPossible when somebody else works on it.
    """
    reader = READERS[found.register]
    cutter = Cutter(check_layout(found.register, stream))
    begun = found.read
    stream.seek(begun)
    source = lines.split(_blocks(stream))
    if not begun:
        lines.header(source, reader.COLUMNS)
    first = found.stored + found.left_out + 1
    for chunk in batched(_rows(source, reader, cutter, first=first), CHUNK):
        _do(found, reader, chunk, begun=begun)
        yield found.stored
    if found.digest != digest_of(stream, size=stream.seek(0, SEEK_END)):
        raise Changed
    if found.register == Register.LEIE and not may_shrink:
        leie.check_size(found)
    if found.stored <= found.left_out:
        raise MostlyDamaged
    _finish(found, reader, now=clock())


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block


def _rows(source: Iterator[Line], reader: ModuleType, cutter: Cutter, *, first: int) -> Iterator[tuple[int, Any]]:
    """The bytes up to the end of each row, and the row, or None where it is left out; the first has this number."""
    filled = (one for one in source if one[2] != b"")  # an empty line is no row
    for number, (line, end, content) in enumerate(filled, start=first):
        try:
            yield end, reader.parse(cutter.cells(content, line), number)
        except cells.Unreadable:
            yield end, None


@transaction.atomic
def _do(found: RegisterImport, reader: ModuleType, chunk: tuple[tuple[int, Any], ...], *, begun: int) -> None:
    """One chunk and its progress; of two workers at the same chunk one wins."""
    good = [row for _end, row in chunk if row is not None]
    progress = {
        "read": begun + chunk[-1][0],
        "stored": found.stored + len(good),
        "left_out": found.left_out + len(chunk) - len(good),
    }
    if not RegisterImport.objects.filter(pk=found.pk, state=State.READING, read=found.read).update(**progress):
        raise NotPossible(found)
    reader.store(good, of=found)
    for name, value in progress.items():
        setattr(found, name, value)


@transaction.atomic
def _finish(found: RegisterImport, reader: ModuleType, *, now: datetime) -> None:
    reader.finish(found)
    MACHINE.move(found, to=State.DONE, by=None, now=now)


def latest(register: str) -> RegisterImport | None:
    """The import that was done last; None while the register was never imported."""
    done = RegisterImport.objects.filter(register=register, state=State.DONE)
    return done.order_by("pk").last()


def is_old(found: RegisterImport, *, now: datetime) -> bool:
    """Whether what it says has become old data."""
    return found.created_at <= lifecycle.over_before("register_stale", now=now)
