"""Reviews: once a year a practice says who still works for it (recertification)."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rbac.models.memberships import Membership
from rbac.models.practices import Practice


class Review(models.Model):
    """One round of questions to the administrators of a practice, behind the door of one portal.

    rbac.domain.reviews writes these rows.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("review", "open")
        ANSWERED = "answered", pgettext_lazy("review", "answered")
        UNANSWERED = "unanswered", pgettext_lazy("review", "ended unanswered")

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("practice"))
    portal_key = models.CharField(max_length=40)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    opened_at = models.DateTimeField(_("opened"))
    due_at = models.DateTimeField(_("to be answered until"))
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("review of users")
        verbose_name_plural = _("reviews of users")
        default_permissions = ()
        indexes = [
            models.Index(fields=["state", "due_at"], name="review_due"),
            models.Index(fields=["practice", "portal_key", "opened_at"], name="review_of_practice"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "portal_key"], condition=Q(state="open"), name="unique_open_review_per_practice"
            ),
            models.CheckConstraint(name="review_due_after_its_opening", condition=Q(due_at__gt=F("opened_at"))),
            models.CheckConstraint(
                name="review_ended_or_open",
                condition=Q(state="open", ended_at=None) | ~Q(state="open") & Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice} {self.opened_at:%Y-%m-%d}"

    def is_open(self, now: datetime) -> bool:
        """Whether it can be answered, whatever any job does."""
        return self.state == self.State.OPEN and now < self.due_at


class ReviewLine(models.Model):
    """One person whom a review asks about, and why."""

    class Cause(models.TextChoices):
        UNUSED = "unused", pgettext_lazy("review", "not used for long")
        NEVER_USED = "never used", pgettext_lazy("review", "never used")
        BY_FORM = "by form", pgettext_lazy("review", "let in by a form, not by your practice")
        TEMPORARY = "temporary", pgettext_lazy("review", "has an end date")
        IN_USE = "in use", pgettext_lazy("review", "in use")

    class Answer(models.TextChoices):
        KEEP = "keep", pgettext_lazy("review", "Keep")
        SUSPEND = "suspend", pgettext_lazy("review", "Deactivate")
        REMOVE = "remove", pgettext_lazy("review", "Remove")

    ASKED = (Cause.UNUSED, Cause.NEVER_USED, Cause.BY_FORM)  # the others are confirmed without a press

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="lines")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="review_lines")
    cause = models.CharField(max_length=10, choices=Cause.choices)  # as it stood when the review was opened
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    # Nobody: the days were over, and the membership rests since.
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["review", "membership"], name="unique_line_per_review"),
            models.CheckConstraint(
                name="review_line_answered_or_not",
                condition=Q(answer="", answered_at=None, answered_by=None)
                | ~Q(answer="") & Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="review_line_silence_only_suspends",
                condition=Q(answer__in=["", "suspend"]) | Q(answered_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.get_cause_display()}"

    @property
    def is_asked(self) -> bool:
        """Whether somebody has to answer."""
        return self.cause in self.ASKED
