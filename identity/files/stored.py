"""Stored files: taken in, looked at, attached, refused, deleted, and the machine that moves them."""

import hashlib
import logging
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.db.models import Q

from identity.files import kinds, naming, sandbox, scanner, vault
from identity.files.doors import DOORS, Door
from identity.files.naming import Refused
from identity.models import Account, FileText, StoredFile
from identity.models.files import Refusal
from identity.record import events, journal, transactions
from identity.record.machine import Machine, NotPossible
from identity.record.queue import LeasedQueue

logger = logging.getLogger(__name__)

State = StoredFile.State

# Longer than a look may take. A storage that is away is asked again for more than a day: meanwhile the desk is told.
LEASE = timedelta(seconds=60)  # period: transport
PAUSES = [timedelta(minutes=m) for m in (0.5, 1, 5, 15, 60, 120, 240, 480, 600)]  # period: transport
QUEUE = LeasedQueue(model=StoredFile, finished=State.CLEAN, given_up=State.REFUSED, lease=LEASE, pauses=PAUSES)


class FileMachine(Machine[StoredFile]):
    """The life of a file. What is not clean is not served; harm that is found later is refused later."""

    model = StoredFile
    compared = ("attempts", "deleted_at")  # only who looks at it now says what it is
    begins = frozenset({State.WAITING})
    transitions = {
        State.WAITING: frozenset({State.CLEAN, State.REFUSED}),
        State.CLEAN: frozenset({State.REFUSED}),
        State.REFUSED: frozenset(),
    }
    events = {
        State.WAITING: events.FileReceived,
        State.CLEAN: events.FileCleared,
        State.REFUSED: events.FileRefused,
    }
    messages = {State.WAITING: None, State.CLEAN: None, State.REFUSED: None}  # the list of files says it

    def stamps(self, *, to: str, by: Account | None, now: datetime, reason: str) -> dict[str, Any]:
        return {"done_at": now}

    def facts(self, row: StoredFile, *, reason: str) -> dict[str, Any]:
        said = {State.WAITING: {"door": row.door, "kind": row.kind}, State.REFUSED: {"refusal": row.refusal}}
        return {"account": row.uploaded_by, **said.get(State(row.state), {})}


MACHINE = FileMachine()


class TooManyFiles(Exception):
    """This door takes no further file of this account before others are sent or deleted."""


class NotAttachable(Exception):
    """One of these is somebody else's, refused, deleted, or stands in a message already."""


class InUse(Exception):
    """The file stands in a message or form, which keeps it; or it is deleted already."""


class NotServed(Exception):
    """The file is not clean, or its bytes are not there."""


def receive(*, door: Door, name: str, content: File, by: Account, now: datetime) -> StoredFile:
    """Take a file in: its row, its bytes, then a worker looks at it. It waits until then, and is not served.

    Raises Refused for what shows at once (size in bytes, kind, name), TooManyFiles, or whatever the storage raises.
    """
    size = content.size or 0
    if not size:
        raise Refused(Refusal.EMPTY)
    if size > door.max_bytes:
        raise Refused(Refusal.SIZE)
    naming.check_plain(name)
    kind = kinds.sniff(content, name)
    if kind is None or kind not in door.kinds:
        raise Refused(Refusal.KIND)
    digest = hashlib.sha256()
    for piece in content.chunks():
        digest.update(piece)
    facts = {"shown_name": naming.shown(name, kind), "kind": kind, "size": size, "sha256": digest.hexdigest()}
    file = _record(door=door, facts=facts, by=by, now=now)
    try:
        # After the row: from now on nobody takes these bytes away (see _forget).
        vault.keep(vault.place_of(file.sha256), content.chunks())
    except BaseException:
        delete(file=file, by=by, now=now)
        raise
    QUEUE.wake()
    return file


@transaction.atomic
def _record(*, door: Door, facts: dict[str, Any], by: Account, now: datetime) -> StoredFile:
    Account.objects.select_for_update().get(pk=by.pk)
    _lock(facts["sha256"])
    if StoredFile.objects.of(by).loose().from_door(door.key).count() >= door.max_files:
        raise TooManyFiles
    file = StoredFile.objects.create(**facts, door=door.key, uploaded_by=by, created_at=now, due_at=now)
    MACHINE.tell(file, by=by, now=now)
    return file


def inspect_next(*, now: datetime) -> bool:
    """Look at the file that waits longest; False when none waits."""
    file = QUEUE.claim(now=now)
    if file is None:
        return False
    try:
        inspect(file=file, now=now)
    except Exception as error:  # the storage is away, the disk is full: not the file's fault
        logger.warning("a file could not be looked at", extra={"error": type(error).__name__})
        QUEUE.failed(file, error=error, now=now)
    return True


def inspect(*, file: StoredFile, now: datetime) -> None:
    """Look at one file that the caller has claimed, keep the pictures of its pages, and say whether it is clean. Raises
    scanner.ScannerAway, or whatever the storage raises: the file waits."""
    if file.deleted_at:
        return None
    if file.attempts > len(QUEUE.pauses):  # whatever it is that goes wrong, a person is told
        return _settle(file, to=State.REFUSED, now=now, refusal=Refusal.UNCHECKED)
    with sandbox.look(vault.read(vault.place_of(file.sha256)), file.kind) as seen:
        if seen.refusal:
            return _settle(file, to=State.REFUSED, now=now, refusal=seen.refusal)
        if scanner.is_connected() and scanner.finds_harm(vault.read(vault.place_of(file.sha256))):
            return _settle(file, to=State.REFUSED, now=now, refusal=Refusal.HARMFUL, scanned_at=now)
        for page, picture in enumerate(seen.pictures, start=1):
            with picture.open("rb") as opened:
                vault.keep(vault.place_of(file.sha256, page), File(opened).chunks())
    said = seen.text if DOORS[file.door].wants_text else ""
    scanned_at = now if scanner.is_connected() else None
    return _settle(file, to=State.CLEAN, now=now, said=said, page_count=len(seen.pictures), scanned_at=scanned_at)


@transaction.atomic
def _settle(file: StoredFile, *, to: str, now: datetime, said: str = "", **found: Any) -> None:
    try:
        with transaction.atomic():
            if said:
                FileText.objects.update_or_create(file=file, defaults={"text": said})
            MACHINE.move(file, to=to, by=None, now=now, **found)
    except (NotPossible, StoredFile.DoesNotExist):
        logger.info("a file was deleted, or looked at by somebody else, meanwhile")


@transaction.atomic
def refuse(*, file: StoredFile, by: Account | None, now: datetime) -> int:
    """Harm was found in a file that was clean: it and all that hold the same bytes are served no more; how many."""
    found = list(StoredFile.objects.select_for_update().filter(sha256=file.sha256, state=State.CLEAN))
    for one in found:
        MACHINE.move(one, to=State.REFUSED, by=by, now=now, refusal=Refusal.HARMFUL)
    return len(found)


@transaction.atomic
def attach(*, keys: Collection[UUID], door: Door, by: Account, now: datetime) -> list[StoredFile]:
    """The files with these ids, which stand in the caller's message or form from now on, in the order of the ids.

    Own ones of this door that are not refused, each in one place. Raises NotAttachable or TooManyFiles.
    """
    wanted = list(dict.fromkeys(keys))
    if len(wanted) > door.max_files:
        raise TooManyFiles
    mine = StoredFile.objects.of(by).attachable().filter(pk__in=wanted, door=door.key)
    if mine.update(attached_at=now) != len(wanted):
        raise NotAttachable
    found = StoredFile.objects.in_bulk(wanted)
    return [found[key] for key in wanted]


@transaction.atomic
def delete(*, file: StoredFile, by: Account | None, now: datetime) -> None:
    """Delete a file that stands nowhere yet; its bytes go with the last one that holds them. Raises InUse."""
    loose = StoredFile.objects.loose().filter(pk=file.pk, deleted_at=None)
    if not loose.update(deleted_at=now):
        raise InUse
    journal.record(events.FileDeleted(account=file.uploaded_by, by=by, about=file), now=now)
    QUEUE.wake()


@transaction.atomic
def let_go(*, files: Collection[StoredFile], by: Account | None, now: datetime) -> None:
    """Whoever keeps these files keeps them no longer: they are deleted, and their bytes go with the last that holds
    them. The caller's own row names none of them any more."""
    for file in StoredFile.objects.select_for_update().filter(pk__in=[one.pk for one in files], deleted_at=None):
        StoredFile.objects.filter(pk=file.pk).update(attached_at=None, deleted_at=now)
        journal.record(events.FileDeleted(account=file.uploaded_by, by=by, about=file), now=now)
    QUEUE.wake()


def text_of(file: StoredFile) -> str:
    """What a PDF says; nothing before it was looked at, and of any other file."""
    found = FileText.objects.filter(file=file).first()
    return found.text if found else ""


def forget_deleted(*, now: datetime) -> int:
    """Take the bytes of deleted files away, and their rows; how many. One that fails is tried again at the next run,
    one that a worker looks at is left until it is done."""
    gone = 0
    looked_at = Q(state=State.WAITING, due_at__gt=now)
    for file in StoredFile.objects.filter(~looked_at, deleted_at__isnull=False).order_by("deleted_at"):
        try:
            _forget(file)
        except Exception as error:
            logger.warning("the bytes of a file could not be deleted", extra={"error": type(error).__name__})
        else:
            gone += 1
    return gone


@transaction.atomic
def _forget(file: StoredFile) -> None:
    """The one call of a storage within a transaction: under its lock nobody hands in the same bytes meanwhile."""
    _lock(file.sha256)
    alike = StoredFile.objects.filter(sha256=file.sha256).exclude(pk=file.pk)
    if not alike.exists():
        vault.forget(file.sha256)
    file.delete()


def read(*, file: StoredFile, page: int = 0) -> Iterator[bytes]:
    """The bytes of a clean file, or the picture of one of its pages (1 is the first). Raises NotServed."""
    if file.state != State.CLEAN or file.deleted_at or not 0 <= page <= file.page_count:
        raise NotServed
    try:
        return vault.read(vault.place_of(file.sha256, page))
    except vault.Missing:
        raise NotServed from None


def _lock(sha256: str) -> None:
    transactions.lock(f"stored file {sha256}")
