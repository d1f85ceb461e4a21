"""Whom a document is shared with: a person of its practice, the whole practice, or, of the plan, any practice."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import QuerySet

from identity.models import Account
from identity.record import journal, outbox
from portals.events import documents as events
from portals.inside.domain import documents, handling, plan_documents
from portals.inside.messages.documents import DocumentSharedMail
from portals.models import Document, DocumentPracticeShare, DocumentUserObjectPermission
from rbac.models import Membership, Practice
from rbac.models.memberships import MembershipQuerySet


class NotInPractice(Exception):
    """This person does not work for the document's practice, or added it themselves; or it is another practice."""


def people_of(document: Document, *, now: datetime) -> MembershipQuerySet:
    """The memberships of those with whom a document can be shared: they work for its practice behind this door."""
    there = Membership.objects.open_at(now).in_portal(document.portal_key).filter(practice=document.practice_id)
    others = there.exclude(grant__account=document.owner_id).filter(grant__account__is_active=True)
    return others.select_related("grant__account").order_by("last_name", "grant__account__last_name", "pk")


def given_to(document: Document) -> QuerySet[Account]:
    """Those whom it is shared with one by one, whether or not they still work for its practice."""
    shares = DocumentUserObjectPermission.objects.filter(content_object=document)
    return Account.objects.filter(pk__in=shares.values("user"))


def readers_of(document: Document, *, now: datetime) -> list[tuple[Membership, datetime]]:
    """The people whom it is shared with one by one and who work for its practice, each with the moment, by name."""
    shares = DocumentUserObjectPermission.objects.filter(content_object=document)
    since = dict(shares.values_list("user", "created_at"))
    return [(row, since[row.grant.account_id]) for row in people_of(document, now=now).filter(grant__account__in=since)]


@transaction.atomic
def share_with_person(*, document: Document, person: Account, by: Account, now: datetime) -> None:
    """Let one person of the practice read it, who is told by mail (S3-07). Sharing it twice shares it once. Raises
    NotInPractice or documents.InTrash."""
    current = documents.locked(document)
    if not people_of(current, now=now).filter(grant__account=person).exists():
        raise NotInPractice
    right = Permission.objects.get(content_type__app_label="portals", codename="read_document")
    share, is_new = DocumentUserObjectPermission.objects.get_or_create(
        content_object=current, user=person, permission=right, defaults={"shared_by": by, "created_at": now}
    )
    if is_new:
        _record(events.DocumentShared, current, account=person, practice=None, by=by, now=now)
        outbox.enqueue(DocumentSharedMail(account_id=person.pk, share=share.pk), now=now)


@transaction.atomic
def unshare_with_person(*, document: Document, person: Account, by: Account, now: datetime) -> None:
    """The person reads it no longer, from the next request on."""
    if DocumentUserObjectPermission.objects.filter(content_object=document, user=person).delete()[0]:
        _record(events.DocumentUnshared, document, account=person, practice=None, by=by, now=now)


@transaction.atomic
def share_with_practice(*, document: Document, practice: Practice, by: Account, now: datetime) -> None:
    """Let everybody who works for a practice read it: its own, or, of the plan, any that staff choose (S4-16).
    Raises NotInPractice, staff_rights.MayNotHandle or documents.InTrash."""
    current = documents.locked(document)
    if current.practice_id is None:
        handling.check_can_handle(by, plan_documents.RIGHT, portal_key=current.portal_key)
    elif current.practice_id != practice.pk:
        raise NotInPractice
    _share, is_new = DocumentPracticeShare.objects.get_or_create(
        document=current, practice=practice, defaults={"shared_by": by, "created_at": now}
    )
    if is_new:
        _record(events.DocumentShared, current, account=None, practice=practice.pk, by=by, now=now)


@transaction.atomic
def unshare_with_practice(*, document: Document, practice: Practice, by: Account, now: datetime) -> None:
    """The practice reads it no longer, from the next request on. Raises staff_rights.MayNotHandle."""
    if document.practice_id is None:
        handling.check_can_handle(by, plan_documents.RIGHT, portal_key=document.portal_key)
    if DocumentPracticeShare.objects.filter(document=document, practice=practice).delete()[0]:
        _record(events.DocumentUnshared, document, account=None, practice=practice.pk, by=by, now=now)


def _record(event: type[events.DocumentShareEvent], document: Document, *, now: datetime, **facts: Any) -> None:
    journal.record(event(about=document, **facts), now=now)
