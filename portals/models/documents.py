"""Documents that people of a practice keep and share, and those that a portal's staff share with practices (S3-07)."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from identity.models import Account, StoredFile
from identity.policy import text
from rbac.models import Membership, Practice
from rbac.models.memberships import not_past
from rbac.roles import ADMINISTRATOR

MAX_TITLE, MAX_LABEL, MAX_REASON = 120, 40, 200  # characters
# Of the words of one document: PostgreSQL refuses a row whose words and their places are larger than a mebibyte.
MOST_BYTES, BYTES_OF_A_PLACE = 1_000_000, 8


class DocumentLabel(models.Model):
    """A word that a practice puts on its documents in a portal: labels, not a tree."""

    portal_key = models.CharField(max_length=40)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="document_labels")
    name = models.CharField(_("label"), max_length=MAX_LABEL)
    key = models.CharField(max_length=MAX_LABEL)  # the name without case and accents

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["practice", "portal_key", "key"], name="unique_document_label_per_practice")
        ]

    def __str__(self) -> str:
        return self.name


class DocumentQuerySet(models.QuerySet["Document"]):
    def in_portal(self, portal_key: str) -> "DocumentQuerySet":
        """Those of one portal."""
        return self.filter(portal_key=portal_key)

    def kept(self) -> "DocumentQuerySet":
        """Those that nobody deleted."""
        return self.filter(deleted_at=None)

    def deleted(self) -> "DocumentQuerySet":
        """Those in the trash."""
        return self.filter(deleted_at__isnull=False)

    def of_plan(self) -> "DocumentQuerySet":
        """Those of a portal's staff."""
        return self.filter(practice=None)

    def looked_after_by(
        self, account: Account, *, memberships: Iterable[Membership], now: datetime
    ) -> "DocumentQuerySet":
        """What somebody may change, by the memberships that count behind the door: their own, in a practice that they
        run all, and what was left behind by somebody who works there no longer (S3-07)."""
        return self.filter(_own(account, memberships, now=now))

    def seen_by(self, account: Account, *, memberships: Iterable[Membership], now: datetime) -> "DocumentQuerySet":
        """What somebody may read: the same, and what is shared with them or with a practice of theirs."""
        rows = list(memberships)
        return self.filter(_in_practices(account, rows, now=now) | _of_plan(rows))

    def seen_apart(
        self, account: Account, *, memberships: Iterable[Membership], now: datetime
    ) -> tuple["DocumentQuerySet", "DocumentQuerySet"]:
        """The same in two: of their practices, and of the plan. Each reads an index in the order of a list."""
        rows = list(memberships)
        return self.filter(_in_practices(account, rows, now=now)), self.filter(_of_plan(rows))


def _own(account: Account, memberships: Iterable[Membership], *, now: datetime) -> Q:
    rows = list(memberships)
    practices = [row.practice_id for row in rows]
    run = [row.practice_id for row in rows if row.role == ADMINISTRATOR]
    there = Membership.objects.current().filter(
        not_past(now),
        practice__in=practices,  # or the database might look at everybody's
        grant__account=OuterRef("owner"),
        grant__account__is_active=True,  # whoever closed the account left, too
        grant__portal_key=OuterRef("portal_key"),
        grant__until=None,
        practice=OuterRef("practice"),
    )
    return Q(practice__in=practices) & (Q(owner=account) | Q(practice__in=run) | ~Q(Exists(there)))


def _in_practices(account: Account, memberships: Sequence[Membership], *, now: datetime) -> Q:
    practices = [row.practice_id for row in memberships]
    with_person = DocumentUserObjectPermission.objects.filter(content_object=OuterRef("pk"), user=account)
    shared = Q(Exists(_shares(practices))) | Q(Exists(with_person))
    return Q(practice__in=practices) & (_own(account, memberships, now=now) | shared)


def _of_plan(memberships: Sequence[Membership]) -> Q:
    return Q(Exists(_shares([row.practice_id for row in memberships])), practice=None)


def _shares(practices: Sequence[int]) -> "models.QuerySet[DocumentPracticeShare]":
    return DocumentPracticeShare.objects.filter(document=OuterRef("pk"), practice__in=practices)


class Document(models.Model):  # type: ignore[django-manager-missing]  # guardian types no manager
    """One document. It belongs to its practice, whoever added it; without one it is of the portal's staff.

    It is read and written through portals.inside.domain: documents, document_shares, document_trash.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portal_key = models.CharField(_("portal"), max_length=40)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, null=True, related_name="documents")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="documents", verbose_name=_("added by")
    )
    title = models.CharField(_("title"), max_length=MAX_TITLE)
    labels = models.ManyToManyField(DocumentLabel, related_name="documents")
    # What it is found by: the words of its title, its labels and its newest version, as text.words reads them.
    words = models.TextField(blank=True, editable=False)
    kept_until = models.DateField(_("keep until"), null=True)
    hold_reason = models.CharField(_("why it is held"), max_length=MAX_REASON, blank=True)
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("added"))
    changed_at = models.DateTimeField(_("changed"))  # its newest version
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        default_permissions = ()
        permissions = [
            ("read_document", "Can read a document that is shared with them"),
            ("share_documents", "Can share documents of the plan with practices"),
        ]
        constraints = [
            models.CheckConstraint(
                name="document_held_for_a_reason",
                condition=Q(hold_reason="", held_at=None, held_by=None)
                | Q(~Q(hold_reason=""), held_at__isnull=False, held_by__isnull=False),
            ),
            models.CheckConstraint(name="held_document_not_deleted", condition=Q(held_at=None) | Q(deleted_at=None)),
            models.CheckConstraint(
                name="document_deleted_by_somebody",
                condition=Q(deleted_at=None, deleted_by=None) | Q(deleted_at__isnull=False, deleted_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "portal_key", "-changed_at"], name="document_of_practice"),
            models.Index(fields=["owner"], name="document_of_owner"),
            models.Index(fields=["deleted_at"], name="document_deleted", condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_held(self) -> bool:
        """Whether somebody said that it must stay (see `hold_reason`)."""
        return self.held_at is not None

    def is_kept_on(self, today: date) -> bool:
        """Whether the day until which it is to be kept has not come."""
        return self.kept_until is not None and today <= self.kept_until


class DocumentVersion(models.Model):
    """One version: a file, which has a life of its own (waiting, clean, refused). It is never changed."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="document_version")
    number = models.PositiveIntegerField(_("version"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("added"))

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="unique_version_number_per_document")
        ]

    def __str__(self) -> str:
        return str(self.number)


class DocumentPracticeShare(models.Model):
    """A document is shared with everybody who works for a practice: its own, or, of the plan, any."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="practice_shares")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="shared_documents")
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("shared"))

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["document", "practice"], name="unique_document_share_per_practice")
        ]
        indexes = [models.Index(fields=["practice"], name="document_share_of_practice")]


class DocumentUserObjectPermission(UserObjectPermissionBase):
    """A document is shared with one person, as a permission of django-guardian's on this one object. It counts while
    the person works for the document's practice."""

    content_object = models.ForeignKey(Document, on_delete=models.CASCADE)
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("shared"))


class DocumentOpening(models.Model):
    """Somebody opened a version; the first time is in the journal too ("who has read this")."""

    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="openings")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("opened"))  # for the first time

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["version", "account"], name="unique_opening_per_reader")]


def words_of(document: Document, labels: Iterable[DocumentLabel], newest: str) -> str:
    """What a document is found by, each word once; `newest` is the text of its newest version. The words at the end of
    a very long one are left out."""
    said: list[Any] = [document.title, *(label.name for label in labels), newest]
    found, room = [], MOST_BYTES
    for word in dict.fromkeys(word for part in said for word in text.words(part.replace("\n", " "))):
        room -= len(word.encode()) + BYTES_OF_A_PLACE
        if room < 0:
            break
        found.append(word)
    return " ".join(found)
