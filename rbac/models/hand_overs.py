"""Hand-overs: who runs a practice's users passes that to somebody else, by two signatures (D-15)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rbac.models.practices import Practice


class HandOver(models.Model):
    """One person is to run a practice's users in the place of another, or beside nobody: where Provider Services called
    the number on file, there is nobody to hand over.

    rbac.domain.hand_overs writes these rows.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("waits for a signature")
        SIGNED = "signed", _("signed by one")
        DONE = "done", pgettext_lazy("hand-over", "done")
        DECLINED = "declined", pgettext_lazy("hand-over", "declined")
        LAPSED = "lapsed", pgettext_lazy("hand-over", "lapsed")

    OPEN = (State.ASKED, State.SIGNED)

    practice = models.ForeignKey(
        Practice, on_delete=models.PROTECT, related_name="hand_overs", verbose_name=_("practice")
    )
    portal_key = models.CharField(max_length=40)
    from_account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("hands over")
    )
    to_account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="hand_overs_to", verbose_name=_("takes over")
    )
    stays = models.BooleanField(default=False)  # who hands over goes on as a user
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    asked_at = models.DateTimeField(_("asked"))
    from_name = models.CharField(max_length=260, blank=True)  # as each of them typed it to sign
    from_signed_at = models.DateTimeField(null=True)
    to_name = models.CharField(max_length=260, blank=True)
    to_signed_at = models.DateTimeField(null=True)
    # Provider Services, in the place of one signature, after a call to the number on file.
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        default_permissions = ()
        indexes = [models.Index(fields=["state", "asked_at"], name="hand_over_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "portal_key"],
                condition=Q(state__in=["asked", "signed"]),
                name="unique_open_hand_over_per_practice",
            ),
            models.CheckConstraint(
                name="hand_over_between_two", condition=Q(from_account=None) | ~Q(from_account=F("to_account"))
            ),
            models.CheckConstraint(
                name="hand_over_confirmed_or_from_somebody",
                condition=Q(from_account__isnull=False) | Q(confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="hand_over_confirmed_with_reason",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="hand_over_done_by_two",
                condition=~Q(state="done")
                | Q(from_signed_at__isnull=False, to_signed_at__isnull=False)
                | Q(confirmed_at__isnull=False) & (Q(from_signed_at__isnull=False) | Q(to_signed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="hand_over_ended_or_open",
                condition=Q(state__in=["asked", "signed"], ended_at=None)
                | ~Q(state__in=["asked", "signed"]) & Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice} {self.asked_at:%Y-%m-%d}"
