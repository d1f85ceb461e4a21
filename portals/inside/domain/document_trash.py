"""Documents that nobody wants any more, and those that must stay: trash, hold, the day until which one is kept."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from identity.files import stored
from identity.jobs import mass_acts
from identity.models import Account, StoredFile
from identity.policy import lifecycle, zones
from identity.record import journal
from identity.record.machine import ReasonMissing
from portals.events import documents as events
from portals.inside.domain import documents, handling, plan_documents
from portals.models import Document
from rbac.models import Membership
from rbac.roles import ADMINISTRATOR


class Held(Exception):
    """Somebody said that the document must stay; its row says why."""


class StillKept(Exception):
    """The day until which it is to be kept has not passed."""


class MayNotLift(Exception):
    """Whoever set the hold lifts it, or an administrator of the practice."""


def check_can_delete(document: Document, *, now: datetime) -> None:
    """Raise Held or StillKept (S3-07): the page says which, and why."""
    if document.is_held:
        raise Held
    if document.is_kept_on(today_of(document, now=now)):
        raise StillKept


def today_of(document: Document, *, now: datetime) -> date:
    """The day where the people of the document live."""
    return zones.today(document.owner.realm, now=now)


@transaction.atomic
def delete(*, document: Document, by: Account, now: datetime) -> None:
    """Move a document to the trash: nobody but who looks after it sees it any more, and it is restored for
    `document_trash`. Raises Held, StillKept or documents.InTrash."""
    current = documents.locked(document)
    check_can_delete(current, now=now)
    Document.objects.filter(pk=current.pk).update(deleted_at=now, deleted_by=by)
    journal.record(events.DocumentDeleted(account=by, by=by, about=current), now=now)


@transaction.atomic
def restore(*, document: Document, by: Account, now: datetime) -> None:
    """Take a document from the trash, with its versions and shares as they were; one that is not there stays as it
    is."""
    if Document.objects.deleted().filter(pk=document.pk).update(deleted_at=None, deleted_by=None):
        journal.record(events.DocumentRestored(account=by, by=by, about=document), now=now)


@transaction.atomic
def hold(*, document: Document, reason: str, by: Account, now: datetime) -> None:
    """Say that a document must stay, and why; said again, the new reason and its author count. Raises ReasonMissing,
    documents.InTrash, MayNotLift where somebody else holds it, or, of the plan's, staff_rights.MayNotHandle."""
    if not reason.strip():
        raise ReasonMissing
    current = documents.locked(document)
    _check_staff(current, by=by)
    if current.is_held:
        check_can_lift(current, by=by, now=now)
    Document.objects.filter(pk=current.pk).update(hold_reason=reason.strip(), held_at=now, held_by=by)
    journal.record(events.HoldSet(account=by, by=by, about=current, reason=reason.strip()), now=now)


@transaction.atomic
def lift(*, document: Document, by: Account, now: datetime) -> None:
    """The document need not stay any more; one that nobody holds stays as it is. Raises MayNotLift,
    documents.InTrash or, of the plan's, staff_rights.MayNotHandle."""
    current = documents.locked(document)
    _check_staff(current, by=by)
    if not current.is_held:
        return
    check_can_lift(current, by=by, now=now)
    Document.objects.filter(pk=current.pk).update(hold_reason="", held_at=None, held_by=None)
    journal.record(events.HoldLifted(account=by, by=by, about=current, reason=current.hold_reason), now=now)


def check_can_lift(document: Document, *, by: Account, now: datetime) -> None:
    """Raise MayNotLift for anybody but who set the hold and an administrator of the practice, or, where who set it has
    left (the practice, or the portal's staff), whoever looks after the document."""
    there = Membership.objects.open_at(now).in_portal(document.portal_key).filter(practice=document.practice_id)
    if document.held_by_id == by.pk or there.filter(grant__account=by, role=ADMINISTRATOR).exists():
        return
    if document.practice_id is None and document.held_by is not None:
        is_there = handling.handles(document.held_by, plan_documents.RIGHT, portal_key=document.portal_key)
    else:
        is_there = there.filter(grant__account=document.held_by_id).exists()
    if is_there:
        raise MayNotLift


def _check_staff(document: Document, *, by: Account) -> None:
    """A document of the plan is held and let go by the staff of its portal alone (D-28)."""
    if document.practice_id is None:
        handling.check_can_handle(by, plan_documents.RIGHT, portal_key=document.portal_key)


def can_lift(document: Document, *, by: Account, now: datetime) -> bool:
    """Whether the account may lift the hold."""
    try:
        check_can_lift(document, by=by, now=now)
    except MayNotLift:
        return False
    return True


def erase(*, now: datetime) -> int:
    """Delete for good what has been in the trash for its period, one transaction each; returns how many. Too many at
    once wait for two people (policy: mass acts)."""
    over = mass_acts.admitted(
        kind=gettext_noop("erase deleted documents"),
        rows=lambda moment: Document.objects.filter(
            deleted_at__lte=lifecycle.over_before("document_trash", now=moment)
        ),
        active=Document.objects.all(),
        limit=mass_acts.PRUNING,
        now=now,
    )
    return sum(_erase_one(document, now=now) for document in list(over))


@transaction.atomic
def _erase_one(document: Document, *, now: datetime) -> bool:
    """Its rows go, then its files, whose bytes a worker takes away; False for one that was restored meanwhile."""
    current = Document.objects.select_for_update().deleted().filter(pk=document.pk).first()
    if current is None or current.deleted_at != document.deleted_at:
        return False
    files = list(StoredFile.objects.filter(document_version__document=current))
    journal.record(events.DocumentErased(account=current.owner, about=current), now=now)
    current.delete()
    stored.let_go(files=files, by=None, now=now)
    return True
