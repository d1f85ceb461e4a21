"""A request for access: the answers to a portal's access form, and where its decision stands."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from identity.keys.fields import EncryptedJSONField
from identity.policy import zones
from portals import registry


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def of(self, account: Any) -> "SubmissionQuerySet":
        """The requests that an account made: nobody else's are ever found."""
        return self.filter(account=account)

    def in_portal(self, portal_key: str) -> "SubmissionQuerySet":
        """Requests for one portal."""
        return self.filter(portal_key=portal_key)

    def sent(self) -> "SubmissionQuerySet":
        """Everything but drafts."""
        return self.exclude(state=Submission.State.DRAFT)


class Submission(models.Model):
    """One request. Its state moves only through accessforms.domain.submissions."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        FAX_RECEIVED = "fax received", _("fax received")
        RETURNED = "returned", _("returned")
        APPROVED = "approved", _("approved")
        DENIED = "denied", _("denied")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    # What the applicant reads where it is not the desk's word.
    WORDS_FOR_APPLICANT = {
        State.SUBMITTED: _("Waiting for your fax"),
        State.FAX_RECEIVED: _("Fax received, being checked"),
        State.RETURNED: _("Returned to you"),
    }
    WORDS_WITHOUT_PAPER = {
        State.SUBMITTED: _("Waiting for a decision"),
        State.RETURNED: _("Returned to you"),
    }

    reference = models.CharField(_("reference"), max_length=8, unique=True, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions", verbose_name=_("account")
    )
    portal_key = models.CharField(max_length=40)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT)
    answers = EncryptedJSONField(default=dict)  # tax IDs among them may be somebody's SSN
    is_complete = models.BooleanField(default=False)  # the answers passed the form's checks
    version = models.PositiveIntegerField(default=0)  # raised by each save: tells a stale page
    revision = models.PositiveSmallIntegerField(default=1)  # raised by each resubmission: printed on the form
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    state_since = models.DateTimeField(_("in this state since"))
    due_at = models.DateTimeField(_("due"), null=True)  # of what was sent in: by when its form says it is decided
    late_told_at = models.DateTimeField(null=True)  # the applicant was told that it is late
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="decided_submissions",
        verbose_name=_("decided by"),
    )
    reason = models.TextField(_("reason"), blank=True)  # of the last return or denial, for the applicant

    outcomes = models.JSONField(default=list)  # of an approval: what became of the access of each person it names

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("access request")
        verbose_name_plural = _("access requests")
        indexes = [
            models.Index(fields=["state", "portal_key", "submitted_at"], name="submission_queue"),
            models.Index(fields=["account", "-created_at"], name="submission_of_account"),
            models.Index(fields=["state", "due_at"], name="submission_due"),
            # The desk's list, whoever waits longest first: all, and those that wait.
            models.Index(fields=["submitted_at", "id"], name="submission_submitted", condition=~Q(state="draft")),
            models.Index(
                fields=["submitted_at", "id"],
                name="submission_open",
                condition=Q(state__in=["fax received", "submitted", "returned"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "portal_key"], condition=Q(state="draft"), name="unique_draft_per_portal"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_on_paper(self) -> bool:
        """Whether its form is printed, signed and faxed; one that no definition knows any more once was."""
        portal = registry.portals().get(self.portal_key)
        return portal is None or portal.access_form is None or portal.access_form.paper is not None

    @property
    def state_for_applicant(self) -> str:
        """The state as the applicant's own pages say it."""
        words = self.WORDS_FOR_APPLICANT if self.is_on_paper else self.WORDS_WITHOUT_PAPER
        return str(capfirst(words.get(self.State(self.state), self.get_state_display())))

    @property
    def due_on(self) -> date | None:
        """The day by whose close of work it is decided, by the clock of its portal's realm (S2-20)."""
        portal = registry.portals().get(self.portal_key)
        return zones.today(portal.realm, now=self.due_at) if portal and self.due_at else None
