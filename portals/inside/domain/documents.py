"""Documents: added, described, versions added, opened (S3-07)."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from identity.files import doors, stored
from identity.models import Account, StoredFile
from identity.policy import text
from identity.record import journal, transactions
from portals.events import documents as events
from portals.models import Document, DocumentLabel, DocumentOpening, DocumentVersion
from portals.models.documents import words_of
from rbac.models import Practice

MAX_LABELS = 10  # of one document


class NewerVersion(Exception):
    """Somebody added a version since the page was shown: it is looked at first."""


class InTrash(Exception):
    """The document was deleted: it is restored first."""


class TooManyLabels(Exception):
    """More labels than one document takes."""


@transaction.atomic
def add(
    *,
    portal_key: str,
    practice: Practice | None,
    file: UUID,
    title: str,
    labels: Collection[str] = (),
    kept_until: date | None = None,
    by: Account,
    now: datetime,
) -> Document:
    """Keep a file that was handed in as the first version of a document (S3-03, S3-07). Whoever calls has found the
    practice among those the account works for; without one it is a document of the plan, which has no labels.

    Raises TooManyLabels, or what stored.attach raises.
    """
    found = stored.attach(keys=[file], door=doors.DOCUMENT, by=by, now=now)
    document = Document.objects.create(
        portal_key=portal_key, practice=practice, owner=by, title=title, kept_until=kept_until,
        created_at=now, changed_at=now,
    )  # fmt: skip
    DocumentVersion.objects.create(document=document, file=found[0], number=1, uploaded_by=by, created_at=now)
    _put_labels(document, labels)
    _reword(document)
    journal.record(events.DocumentAdded(account=by, by=by, about=document, portal_key=portal_key), now=now)
    return document


@transaction.atomic
def add_version(*, document: Document, file: UUID, seen: int, by: Account, now: datetime) -> DocumentVersion:
    """Add a file that was handed in as the next version; `seen` is the newest one on the page that was acted on.
    Raises InTrash, NewerVersion, or what stored.attach raises (S3-07)."""
    current = locked(document)
    newest = newest_of(current)
    if newest.number != seen:
        raise NewerVersion
    found = stored.attach(keys=[file], door=doors.DOCUMENT, by=by, now=now)
    number = newest.number + 1
    version = DocumentVersion.objects.create(
        document=current, file=found[0], number=number, uploaded_by=by, created_at=now
    )
    current.changed_at = now
    _reword(current)
    journal.record(events.DocumentVersionAdded(account=by, by=by, about=current, version=number), now=now)
    return version


@transaction.atomic
def describe(
    *, document: Document, title: str, labels: Collection[str], kept_until: date | None, by: Account, now: datetime
) -> list[str]:
    """Write another title, other labels, another day to keep it until. Answers which of them changed. Raises InTrash or
    TooManyLabels (S3-07)."""
    current = locked(document)
    before = {label.key for label in current.labels.all()}
    said: dict[str, Any] = {"title": title, "kept_until": kept_until}
    changed = [name for name, value in said.items() if getattr(current, name) != value]
    current.title, current.kept_until = title, kept_until
    if before != _put_labels(current, labels):
        changed.append("labels")
    _reword(current)
    if changed:
        journal.record(events.DocumentChanged(account=by, by=by, about=current, changed=changed), now=now)
    return changed


@transaction.atomic
def note_opened(*, version: DocumentVersion, by: Account, now: datetime) -> None:
    """Remember who opened which version, and when for the first time: "who has read this" is asked of practices."""
    _opening, is_first = DocumentOpening.objects.get_or_create(
        version=version, account=by, defaults={"created_at": now}
    )
    if is_first:
        opened = events.DocumentOpened(account=by, by=by, about=version.document, version=version.number)
        journal.record(opened, now=now)


@transaction.atomic
def note_text(*, file: StoredFile) -> None:
    """A file was looked at: what it says is found from now on, where it is the newest version of a document."""
    version = DocumentVersion.objects.filter(file=file).select_related("document").first()
    if version is not None:
        _reword(Document.objects.select_for_update().get(pk=version.document_id))


def newest_of(document: Document) -> DocumentVersion:
    """Its newest version, with its file."""
    return document.versions.select_related("file").order_by("-number")[0]


def labels_of(practices: Iterable[Practice], portal_key: str) -> list[DocumentLabel]:
    """The labels that practices use in a portal, by name."""
    found = DocumentLabel.objects.filter(practice__in=list(practices), portal_key=portal_key)
    return list(found.order_by("key", "pk"))


def locked(document: Document) -> Document:
    """The row as it is, until the end of the caller's transaction. Raises InTrash."""
    current = Document.objects.select_for_update().get(pk=document.pk)
    if current.deleted_at:
        raise InTrash
    return current


def _put_labels(document: Document, names: Collection[str]) -> set[str]:
    """Put these labels on a document, and take others off; one that no document carries any more is gone."""
    if document.practice is None:
        return set()
    wanted = {" ".join(text.words(name)): name for name in names if text.words(name)}
    if len(wanted) > MAX_LABELS:
        raise TooManyLabels
    # One after the other: what one takes off the last document, and so deletes, another would put on.
    transactions.lock(f"document labels {document.practice_id} {document.portal_key}")
    of_practice = DocumentLabel.objects.filter(practice=document.practice, portal_key=document.portal_key)
    known = set(of_practice.filter(key__in=wanted).values_list("key", flat=True))
    about = {"practice": document.practice, "portal_key": document.portal_key}
    DocumentLabel.objects.bulk_create(
        [DocumentLabel(**about, key=key, name=name) for key, name in wanted.items() if key not in known],
        ignore_conflicts=True,
    )
    document.labels.set(of_practice.filter(key__in=wanted))
    of_practice.filter(documents=None).delete()
    return set(wanted)


def _reword(document: Document) -> None:
    """Write down what it is found by, with whatever else changed on the row."""
    document.words = words_of(document, document.labels.all(), stored.text_of(newest_of(document).file))
    document.save(update_fields=["title", "kept_until", "changed_at", "words"])
