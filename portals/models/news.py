"""News & Alerts of a portal in two languages, whom an item is for, and who has seen and confirmed it (S2-27, S3-03)."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portals.models.audiences import AudienceRow


class NewsItemQuerySet(models.QuerySet["NewsItem"]):
    def in_portal(self, portal_key: str) -> "NewsItemQuerySet":
        """The items of one portal."""
        return self.filter(portal_key=portal_key)

    def shown_at(self, now: datetime) -> "NewsItemQuerySet":
        """Those that are published, have begun, and are not over."""
        begun = self.filter(state=NewsItem.State.PUBLISHED, since__lte=now)
        return begun.filter(Q(until=None) | Q(until__gt=now))


class NewsItem(models.Model):
    """One item, proposed by somebody and published by somebody else; what was published never changes.

    portals.inside.domain.news_items writes these rows. That an item is over is no state: the day says it.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("news", "proposed: a second person has to publish it")
        PUBLISHED = "published", pgettext_lazy("news", "published")
        WITHDRAWN = "withdrawn", pgettext_lazy("news", "withdrawn")

    portal_key = models.CharField(max_length=40)
    title_en = models.CharField(_("title"), max_length=120)
    text_en = models.TextField()  # Markdown, as in Spanish
    title_es = models.CharField(max_length=120)
    text_es = models.TextField()
    is_regulatory = models.BooleanField(_("regulatory"), default=False)  # everybody confirms that they have read it
    since = models.DateTimeField(_("shown from"))
    until = models.DateTimeField(_("shown until"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PROPOSED)
    reason = models.CharField(max_length=400, blank=True)  # why it was withdrawn
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # everybody whom a regulatory item is for was told by mail
    reminders = models.PositiveSmallIntegerField(default=0)  # how often whoever had not confirmed it was reminded

    objects = NewsItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("news item")
        verbose_name_plural = _("news and alerts")
        default_permissions = ()
        permissions = [("handle_news", "Can propose, publish and withdraw news")]
        indexes = [models.Index(fields=["portal_key", "since"], name="news_of_portal")]
        constraints = [
            models.CheckConstraint(name="news_ends_after_its_start", condition=Q(until=None) | Q(until__gt=F("since"))),
            models.CheckConstraint(
                name="news_published_by_another",
                condition=Q(published_by=None, published_at=None)
                | (Q(published_by__isnull=False, published_at__isnull=False) & ~Q(published_by=F("proposed_by"))),
            ),
            models.CheckConstraint(
                name="news_published_as_its_state_says",
                condition=Q(state="proposed", published_by=None)
                | Q(state="published", published_by__isnull=False)
                | Q(state="withdrawn"),
            ),
            models.CheckConstraint(
                name="news_withdrawn_with_a_reason",
                condition=Q(state="withdrawn", withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(reason="")
                | (~Q(state="withdrawn") & Q(withdrawn_by=None, withdrawn_at=None, reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.title_es if _is_spanish() else self.title_en

    @property
    def text(self) -> str:
        """In the reader's language, as it was written."""
        return self.text_es if _is_spanish() else self.text_en

    def is_shown(self, now: datetime) -> bool:
        """As `shown_at`, of a row that was read."""
        return (
            self.state == self.State.PUBLISHED
            and self.since <= now
            and not (self.until is not None and self.until <= now)
        )

    def is_over(self, now: datetime) -> bool:
        """Whether it was published, and its last day has passed."""
        return self.state == self.State.PUBLISHED and self.until is not None and self.until <= now


def _is_spanish() -> bool:
    return (get_language() or "").startswith("es")


class NewsAudience(AudienceRow):
    """Whom an item is for."""

    of = "item"

    item = models.ForeignKey(NewsItem, on_delete=models.CASCADE, related_name="audience")

    class Meta(AudienceRow.Meta):
        constraints = AudienceRow.constraints(of="item", name="news")


class NewsRead(models.Model):
    """Somebody opened an item; of a regulatory one, they confirmed that they have read it, or not yet.

    portals.inside.domain.news writes these rows.
    """

    item = models.ForeignKey(NewsItem, on_delete=models.PROTECT, related_name="reads")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="news_reads")
    seen_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["item", "account"], name="unique_read_per_news_item"),
            models.CheckConstraint(
                name="news_seen_before_acknowledged",
                condition=Q(acknowledged_at=None) | Q(acknowledged_at__gte=F("seen_at")),
            ),
        ]
