"""Files that people hand over: what each row says of one upload. The bytes lie in identity.files.vault."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from identity.keys.fields import EncryptedTextField
from identity.models.leased import LeasedRow


class Kind(models.TextChoices):
    """What a file can be. Which of them a door takes is data of the door."""

    PDF = "pdf", "PDF"
    PNG = "png", "PNG"
    JPEG = "jpeg", "JPEG"
    TIFF = "tiff", "TIFF"
    DOCX = "docx", "Word"
    XLSX = "xlsx", "Excel"


class Refusal(models.TextChoices):
    """Why a file is not taken, in a sentence for whoever sent it."""

    EMPTY = "empty", _("The file is empty. Choose another one.")
    SIZE = "size", _("The file is too large.")
    KIND = "kind", _("This kind of file is not taken here.")
    NAME = "name", _("The name of the file does not fit what it holds. Rename it, and send it again.")
    DAMAGED = "damaged", _("The file is damaged or not complete. Save it anew, and send it again.")
    LOCKED = "locked", _("The file is locked with a password. Send one that opens without.")
    SCRIPT = "script", _("The file holds a program or another file. Send a copy without, for example a print as PDF.")
    PAGES = "pages", _("The file has too many pages. Send it in parts.")
    PIXELS = "pixels", _("The picture is too large, or unfolds to too much. Send a smaller one.")
    TIME = "time", _("Looking at the file took too long. Send a simpler one, for example a print as PDF.")
    UNCHECKED = "unchecked", _("The file could not be checked. Send it again.")
    HARMFUL = "harmful", _("The file was found to be harmful, and is not shown any more.")


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def of(self, account: Any) -> "StoredFileQuerySet":
        """What an account sent and did not delete: nobody else's files are ever found."""
        return self.filter(uploaded_by=account, deleted_at=None)

    def seen_by(self, account: Any) -> "StoredFileQuerySet":
        """What an account sent, and what stands in its tickets: files that staff sent with an answer. Those of a
        practice's conversation stand behind the door of its portal."""
        sent = Q(uploaded_by=account, deleted_at=None)
        own = {"ticket_messages__ticket__account": account, "ticket_messages__ticket__for_practice": False}
        return self.filter(sent | Q(pk__in=self.model.objects.filter(**own)))

    def from_door(self, door: str) -> "StoredFileQuerySet":
        """Those that came in by one door: what another noun keeps has pages of its own, with rules of its own."""
        return self.filter(door=door)

    def loose(self) -> "StoredFileQuerySet":
        """Those that stand in no message or form yet."""
        return self.filter(attached_at=None)

    def attachable(self) -> "StoredFileQuerySet":
        """Those that a message or form may take: loose, and not refused."""
        return self.loose().exclude(state=StoredFile.State.REFUSED)


class StoredFile(LeasedRow):
    """One upload. Its state moves through identity.files.stored only; not clean is not served.

    `due_at`, `attempts` and `problem` are the inspection's; `done_at` is when it was over. A row that was deleted stays
    until a worker has taken its bytes away.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("file", "being checked")
        CLEAN = "clean", pgettext_lazy("file", "checked")
        REFUSED = "refused", pgettext_lazy("file", "refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stored_files", verbose_name=_("sent by")
    )
    door = models.CharField(max_length=20)
    shown_name = EncryptedTextField(_("name"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    size = models.PositiveIntegerField(_("size"))  # bytes
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    refusal = models.CharField(_("why refused"), max_length=10, choices=Refusal.choices, blank=True)
    page_count = models.PositiveSmallIntegerField(default=0)  # pictures for looking; none of an office document
    scanned_at = models.DateTimeField(null=True)  # by the virus scanner, where one is connected
    attached_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    alarmed_at = models.DateTimeField(null=True)  # when the desk was told that it waits too long

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(state="refused") | Q(refusal=""), name="refused_file_alone_says_why"),
            models.CheckConstraint(
                condition=Q(attached_at=None) | Q(deleted_at=None), name="attached_file_is_not_deleted"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="file_waiting", condition=Q(state="waiting")),
            models.Index(fields=["deleted_at"], name="file_deleted", condition=Q(deleted_at__isnull=False)),
            models.Index(fields=["uploaded_by", "-created_at"], name="file_of_account"),
            models.Index(fields=["sha256"], name="file_bytes"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def pages(self) -> range:
        """The numbers of the pages that there are pictures of."""
        return range(1, self.page_count + 1)

    @property
    def is_scanner_away(self) -> bool:
        """Whether it waits because the virus scanner did not answer when it was last asked."""
        return self.state == self.State.WAITING and self.problem == "ScannerAway"

    @property
    def why_refused(self) -> Any:
        """The sentence for whoever sent it; a file that every worker gave up has none of its own."""
        return Refusal(self.refusal or Refusal.UNCHECKED).label


class FileText(models.Model):
    """What a PDF says, where its door wants that; apart from its file, which lists read without it."""

    file = models.OneToOneField(StoredFile, on_delete=models.CASCADE, primary_key=True, related_name="said")
    text = EncryptedTextField()

    class Meta:
        default_permissions = ()
