"""Old accounts that come over: whom each is linked to, how its password is checked, and the lists they came from."""

import unicodedata

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.keys.fields import EncryptedTextField
from identity.models import Account, Ticket
from identity.policy import text

MAX_LENGTH_OF_KEY = 300  # characters, as its column; NFKC can make one character many


def login_key(login_name: str) -> str:
    """The unique form of an old login name within its source: NFKC and casefolded, as C1 asks of new ones, and with
    runs of spaces as one, as directories compare names."""
    return single_spaced(unicodedata.normalize("NFKC", text.line(login_name))).casefold()


def single_spaced(login_name: str) -> str:
    """An old login name trimmed, and with one space for each run of spaces."""
    return " ".join(login_name.split())


class LegacyAccountQuerySet(models.QuerySet["LegacyAccount"]):
    def of_source(self, source_key: str) -> "LegacyAccountQuerySet":
        """The old accounts of one source."""
        return self.filter(source=source_key)

    def named(self, source_key: str, login_name: str) -> "LegacyAccountQuerySet":
        """The old account of this name: an exact match on a unique index."""
        return self.filter(source=source_key, login_key=login_key(login_name))

    def linked_to(self, account: Account, source_key: str) -> "LegacyAccountQuerySet":
        """The old account of this source that the person's ID is linked to: none or one."""
        return self.filter(source=source_key, account=account)

    def with_own_address(self, source_key: str, key: str) -> "LegacyAccount | None":
        """The old account of this name, if it has an address that no other one of its source has: a shared mailbox
        proves that somebody is of the office, not who."""
        found = self.filter(source=source_key, login_key=key).exclude(email="").first()
        if found is None:
            return None
        others = self.of_source(source_key).filter(email=found.email).exclude(pk=found.pk)
        return None if others.exists() else found

    def unlinked(self) -> "LegacyAccountQuerySet":
        """Those that nobody has linked to an ID yet."""
        return self.filter(account=None)

    def to_wrap(self) -> "LegacyAccountQuerySet":
        """Those whose imported hash is not wrapped in Argon2id yet."""
        return self.filter(TO_WRAP)


NO_HASH = Q(scheme="", imported_hash="", secret="")
TO_WRAP = ~Q(scheme="") & Q(secret="")
WRAPPED = ~Q(scheme="") & Q(imported_hash="") & ~Q(secret="")


class LegacyAccount(models.Model):
    """One account of an old system, linked to at most one ID.

    The old password is kept as Argon2id over the inner digest (`secret`), with the inner scheme and its salt and cost
    beside it (`parameters`), never the inner digest. Until the background job has wrapped it, the hash that was
    imported lies encrypted in `imported_hash`. Accounts of a system that answers itself have neither.
    """

    class LinkedBy(models.TextChoices):
        PRE_REGISTRATION = "pre-registration", _("by pre-registration")
        FINAL_LOG_IN = "final log-in", _("by logging in one last time")
        MAILED_PROOF = "mailed proof", _("by a mail to the old address")
        FIRST_SIGN_IN = "first sign-in", _("by the first sign-in after the move")

    source = models.CharField(max_length=40)
    login_name = models.CharField("old user name", max_length=150)
    login_key = models.CharField(max_length=MAX_LENGTH_OF_KEY, editable=False)
    email = models.EmailField("e-mail address", max_length=254, blank=True)
    first_name = models.CharField(max_length=128, blank=True)
    last_name = models.CharField(max_length=128, blank=True)
    capabilities = models.JSONField(default=list, blank=True)  # keys of rbac.capabilities (S0-02)

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="legacy_accounts"
    )
    linked_at = models.DateTimeField(null=True, blank=True)
    linked_by = models.CharField(max_length=20, blank=True, choices=LinkedBy.choices)
    # Of the last claim that was refused: while it is open, staff have not decided whose the old account is.
    second_claim = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    scheme = models.CharField(max_length=20, blank=True)
    parameters = models.CharField(max_length=500, blank=True)
    imported_hash = EncryptedTextField(blank=True)
    secret = models.CharField(max_length=200, blank=True)
    imported_at = models.DateTimeField()  # raised with each import: whoever wraps compares it before writing

    objects = LegacyAccountQuerySet.as_manager()

    class Meta:
        verbose_name = "old account"
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["source", "login_key"], name="unique_legacy_account_per_name"),
            models.UniqueConstraint(
                fields=["source", "account"],
                condition=Q(account__isnull=False),
                name="unique_legacy_account_per_person",
            ),
            models.CheckConstraint(
                name="legacy_account_linked_or_not",
                condition=Q(account=None, linked_at=None, linked_by="")
                | (Q(account__isnull=False, linked_at__isnull=False) & ~Q(linked_by="")),
            ),
            models.CheckConstraint(
                name="legacy_hash_in_one_form",
                condition=NO_HASH | WRAPPED | (TO_WRAP & ~Q(imported_hash="")),
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="legacy_to_wrap", condition=TO_WRAP),
            models.Index(fields=["source", "linked_by", "linked_at"], name="legacy_linked"),
            models.Index(fields=["source", "email"], name="legacy_address"),
        ]

    def __str__(self) -> str:
        return self.login_name

    def save(self, *args: object, **kwargs: object) -> None:
        self.login_key = login_key(self.login_name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class LegacyWork(models.Model):
    """The most work that any hash of a source asks for, a row a kind of hash: every attempt on the source's form does
    as much, whoever is asked for (policy: password hash)."""

    source = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    most = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["source", "kind"], name="unique_work_per_kind")]


class LegacyImport(models.Model):
    """One list of old accounts: checked row by row, then stored, a chunk a transaction.

    `checked` and `stored` are the rows that are done: a job that was killed goes on there.
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked: nothing is stored yet")
        STORING = "storing", _("being stored")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        DISCARDED = "discarded", _("stopped")

    OPEN = (State.CHECKING, State.CHECKED, State.STORING)
    AT_WORK = (State.CHECKING, State.STORING)

    source = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # SHA-256 of the file: the same list goes on where it stopped
    state = models.CharField(max_length=20, choices=State.choices)
    uploaded = models.BooleanField(default=False)  # its bytes are kept here until it ends; else the command reads them
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="legacy_imports")
    size = models.PositiveBigIntegerField(default=0)  # bytes
    read = models.PositiveBigIntegerField(default=0)  # bytes of those, up to where the work is: progress to show
    checked = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)  # why the whole file was refused

    class Meta:
        verbose_name = _("import of old accounts")
        verbose_name_plural = _("imports of old accounts")
        default_permissions = ()
        permissions = [("run_cut_over", "Can import old accounts and see how the cut-over goes")]
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(state__in=["checking", "checked", "storing"]),
                name="unique_import_per_source",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.file_name}"


class LegacyImportBlock(models.Model):
    """A part of an uploaded list, encrypted, until the import ends."""

    legacy_import = models.ForeignKey(LegacyImport, on_delete=models.CASCADE, related_name="blocks")
    number = models.PositiveIntegerField()
    content = EncryptedTextField()  # its bytes, each as the character of the same number (Latin-1)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["legacy_import", "number"], name="unique_block_per_number")]


class LegacyImportRow(models.Model):
    """What became of one row of a list, and why: the report."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        REFUSED = "refused", _("refused")

    legacy_import = models.ForeignKey(LegacyImport, on_delete=models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField()
    login_name = models.CharField(max_length=150)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=60, blank=True)  # a key of portals.legacy.rows.REASONS
    detail = models.CharField(max_length=100, blank=True)  # what the reason names: a value, or a column

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["legacy_import", "line"], name="unique_outcome_per_line")]
        indexes = [models.Index(fields=["legacy_import", "outcome", "line"], name="legacy_row_outcome")]
