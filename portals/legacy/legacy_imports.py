"""Importing a list of old accounts: received, checked row by row, stored a chunk a transaction, each step resumable."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import batched, chain
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext_noop

from identity.governance import retention
from identity.jobs import mass_acts
from identity.models import Account
from identity.policy import lifecycle
from identity.record import queue
from identity.record.machine import Machine, NotPossible
from portals import registry
from portals.legacy import events, legacy_rows, lines, rows
from portals.legacy.lines import FileRefused
from portals.legacy.rows import Row
from portals.legacy.sources import imported
from portals.legacy.sources.budget import Budget
from portals.models import LegacyImport, LegacyImportBlock, LegacyImportRow

State = LegacyImport.State
Outcome = LegacyImportRow.Outcome

RIGHT = "portals.run_cut_over"


class ImportMachine(Machine[LegacyImport]):
    """The life of an import."""

    model = LegacyImport
    begins = frozenset({State.CHECKING, State.STORING})  # uploaded, or read by the command
    transitions = {
        State.CHECKING: frozenset({State.CHECKED, State.REFUSED, State.DISCARDED}),
        State.CHECKED: frozenset({State.STORING, State.DISCARDED}),
        State.STORING: frozenset({State.DONE, State.REFUSED, State.DISCARDED}),
        State.DONE: frozenset(),
        State.REFUSED: frozenset(),
        State.DISCARDED: frozenset(),
    }
    events = {
        State.CHECKING: events.LegacyImportReceived,
        State.CHECKED: events.LegacyImportChecked,
        State.STORING: events.LegacyImportBegun,
        State.DONE: events.LegacyImportDone,
        State.REFUSED: events.LegacyImportRefused,
        State.DISCARDED: events.LegacyImportDiscarded,
    }
    messages = dict.fromkeys(State, None)  # the pages say how far it is
    by_two = {State.STORING: "by"}

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        return {} if self.transitions[to] else {"ended_at": now}

    def facts(self, row: LegacyImport, *, reason: str) -> dict[str, Any]:
        return {"account": None, "source": row.source, **counts_of(row)}


MACHINE = ImportMachine()
nudge: Callable[[], object] = queue.noop  # has a worker go on at once; PortalsConfig sets it
CHUNK = 2_000  # rows a transaction
BLOCK = 512 * 1024  # bytes of an uploaded list that are kept together
LARGEST = 500 * 1024**2  # bytes of an uploaded list


class MayNotImport(Exception):
    """This account does not hold, or no longer holds, the right to import old accounts."""


class AnotherIsOpen(Exception):
    """Another list of this source is under way: it is finished or stopped first."""


class TooLarge(Exception):
    """The list is larger than the admin site takes; the command takes any."""


def may_import(account: Account) -> bool:
    """Whether the account may import old accounts and see how the cut-over goes."""
    return account.is_active and account.is_staff and account.has_perm(RIGHT)


def check_may_import(account: Account) -> None:
    """Raise MayNotImport unless the account holds the right now, whatever was read earlier."""
    if not may_import(Account.objects.get(pk=account.pk)):
        raise MayNotImport


def receive(*, source_key: str, file_name: str, blocks: Iterable[bytes], by: Account, now: datetime) -> LegacyImport:
    """Keep an uploaded list, encrypted; the job begins to check it at once. Raises MayNotImport, AnotherIsOpen,
    TooLarge, or FileRefused for a list whose first line is wrong: nothing of it is kept."""
    check_may_import(by)
    blocks = iter(blocks)
    first = next(blocks, b"")
    lines.header(lines.split([first]))
    try:
        with transaction.atomic():
            found = _begin(source_key, file_name, State.CHECKING, by=by, now=now, uploaded=True)
            digest, size = hashlib.sha256(), 0
            for number, block in enumerate(chain([first], blocks)):
                digest.update(block)
                size += len(block)
                if size > LARGEST:
                    raise TooLarge
                LegacyImportBlock.objects.create(legacy_import=found, number=number, content=block.decode("latin-1"))
            found.digest, found.size = digest.hexdigest(), size
            found.save(update_fields=["digest", "size"])
            transaction.on_commit(nudge, robust=True)
    except IntegrityError as error:
        raise AnotherIsOpen from error
    return found


def begin(*, source_key: str, file_name: str, digest: str, size: int, now: datetime) -> LegacyImport:
    """The import of a file that the command reads: a new one, or the one of the same file that was interrupted.

    Raises AnotherIsOpen.
    """
    unfinished = LegacyImport.objects.filter(source=source_key, state=State.STORING, digest=digest, uploaded=False)
    if found := unfinished.first():
        return found
    try:
        with transaction.atomic():
            return _begin(source_key, file_name, State.STORING, by=None, now=now, digest=digest, size=size)
    except IntegrityError as error:
        raise AnotherIsOpen from error


def _begin(
    source_key: str, file_name: str, state: str, *, by: Account | None, now: datetime, **given: Any
) -> LegacyImport:
    found = LegacyImport.objects.create(
        source=source_key, file_name=file_name[:200], state=state, begun_at=now, by=by, **given
    )
    MACHINE.tell(found, by=by, now=now)
    return found


@transaction.atomic
def start(*, found: LegacyImport, by: Account, now: datetime) -> None:
    """Store what was checked: the second of two people, for a list can give anybody any right of its portal.

    Raises MayNotImport, SamePerson, or NotPossible when somebody was quicker.
    """
    check_may_import(by)
    _move(found, to=State.STORING, by=by, now=now, read=0)
    transaction.on_commit(nudge, robust=True)


def stop(*, found: LegacyImport, by: Account, now: datetime) -> None:
    """Give a list up; what was stored of it stays. Raises MayNotImport, or NotPossible when it has ended."""
    check_may_import(by)
    _move(found, to=State.DISCARDED, by=by, now=now)


def blocks_of(found: LegacyImport) -> Iterator[bytes]:
    """The bytes of an uploaded list."""
    for number in range(found.blocks.count()):
        yield found.blocks.get(number=number).content.encode("latin-1")


def parse(blocks: Iterable[bytes], *, source_key: str) -> Iterator[Row]:
    """The rows of a list; their hashes only where passwords are checked here, and within what a source may cost beside
    what is stored of it. A list that goes on finds the same rows good as before. Raises FileRefused."""
    portal = registry.with_old_accounts().get(source_key)
    hashes = not (portal and portal.legacy and portal.legacy.adapter != "imported")
    return rows.parse(blocks, hashes=hashes, budget=Budget(imported.most_work(source_key)))


def go_on(*, found: LegacyImport, blocks: Iterable[bytes], clock: Callable[[], datetime]) -> Iterator[int]:
    """Check or store what is left, yielding how many rows each chunk had; then the import goes a state further.

    Killed at any moment it goes on after the last whole chunk. Raises NotPossible when somebody else works on it.
    """
    checking = found.state == State.CHECKING
    done = found.checked if checking else found.stored
    source = parse(blocks, source_key=found.source)
    try:
        for _skipped in zip(range(done), source, strict=False):
            pass
        for chunk in batched(source, CHUNK):
            _do(found, chunk, checking=checking, now=clock())
            yield len(chunk)
    except FileRefused as refused:
        _move(found, to=State.REFUSED, by=None, now=clock(), problem=refused.kept)
        return
    _move(found, to=State.CHECKED if checking else State.DONE, by=None, now=clock(), read=found.size)


@transaction.atomic
def _do(found: LegacyImport, chunk: tuple[Row, ...], *, checking: bool, now: datetime) -> None:
    """One chunk and its progress; of two workers at the same chunk one wins."""
    name = "checked" if checking else "stored"
    before = getattr(found, name)
    progress = {name: before + len(chunk), "read": chunk[-1].end}
    if not LegacyImport.objects.filter(pk=found.pk, state=found.state, **{name: before}).update(**progress):
        raise NotPossible(found)
    if not checking:
        found.rows.filter(line__gte=chunk[0].line, line__lte=chunk[-1].line).delete()
    told = legacy_rows.compare(source_key=found.source, chunk=chunk)
    if not checking:
        legacy_rows.store(source_key=found.source, told=told, imported_at=found.begun_at)
    LegacyImportRow.objects.bulk_create(
        LegacyImportRow(
            legacy_import=found,
            line=row.line,
            login_name=row.login_name,
            outcome=outcome,
            reason=row.reason,
            detail=row.detail,
        )
        for row, outcome, _needs_writing in told
    )
    for key, value in progress.items():
        setattr(found, key, value)


def counts_of(found: LegacyImport) -> dict[str, int]:
    """How many rows had each outcome so far, by one index."""
    counted = dict(found.rows.values_list("outcome").annotate(Count("line")).order_by())
    return {outcome: counted.get(outcome, 0) for outcome in Outcome.values}


@transaction.atomic
def _move(found: LegacyImport, *, to: str, by: Account | None, now: datetime, **changes: Any) -> None:
    """Move one step. The bytes of a list go when it ends."""
    MACHINE.move(found, to=to, by=by, now=now, **changes)
    if found.ended_at:
        found.blocks.all().delete()
        if found.stored:
            legacy_rows.count_work_anew(source_key=found.source)


def forget(*, now: datetime) -> None:
    """Delete old reports row by row, and lists that nobody started. Too many at once wait for two people (policy: mass
    acts)."""
    retention.delete(
        gettext_noop("prune reports of imports"),
        lambda moment: LegacyImportRow.objects.filter(
            legacy_import__ended_at__lte=moment - lifecycle.after("legacy_report")
        ),
        now=now,
    )
    unstarted = LegacyImport.objects.filter(state=State.CHECKED)
    for found in mass_acts.admitted(
        kind=gettext_noop("discard lists that nobody started"),
        rows=lambda moment: unstarted.filter(begun_at__lte=moment - lifecycle.after("legacy_report")),
        active=unstarted,
        limit=mass_acts.ENDING,
        now=now,
    ):
        _move(found, to=State.DISCARDED, by=None, now=now)
