"""The grid of roles, markets and capabilities, a version after the other: rows say what each of them opens (S2-33)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class GridVersion(models.Model):
    """One version: proposed by somebody, published by others, in force from its day until the next one's.

    rbac.domain.grid reads these rows, rbac.domain.grid_versions writes them. Those of a published version never change.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed: a second person has to publish it")
        HALF_PUBLISHED = "half published", _("published by one: it takes something from many, a third person is needed")
        PUBLISHED = "published", _("published")
        DISCARDED = "discarded", _("discarded")

    OPEN = (State.PROPOSED, State.HALF_PUBLISHED)

    number = models.AutoField(_("number"), primary_key=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.PROPOSED)
    effective_from = models.DateTimeField(_("in force from"))
    reason = models.CharField(_("reason"), max_length=400)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField()
    first_published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)
    losers_told_at = models.DateTimeField(null=True)
    sign_ons_ended_at = models.DateTimeField(null=True)  # the job of its day is done

    class Meta:
        verbose_name = _("version of the grid")
        verbose_name_plural = _("who may open what")
        default_permissions = ()
        permissions = [("change_grid", "Can propose and publish versions of the grid")]
        constraints = [
            models.UniqueConstraint(
                fields=["effective_from"], condition=Q(state="published"), name="unique_published_grid_per_day"
            ),
            models.UniqueConstraint(fields=["state"], condition=Q(state="proposed"), name="unique_proposal_per_grid"),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="half published"), name="unique_half_published_per_grid"
            ),
            # Nobody's: the first version, which came with the product.
            models.CheckConstraint(
                name="grid_published_by_another",
                condition=~Q(state="published")
                | Q(proposed_by=None, published_by=None, published_at__isnull=False)
                | (
                    Q(proposed_by__isnull=False, published_by__isnull=False, published_at__isnull=False)
                    & ~Q(published_by=F("proposed_by"))
                ),
            ),
            models.CheckConstraint(
                name="grid_published_by_two_others",
                condition=Q(first_published_by=None)
                | (
                    ~Q(first_published_by=F("proposed_by"))
                    & (Q(published_by=None) | ~Q(published_by=F("first_published_by")))
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(_("Version %(number)s") % {"number": self.number})


class GridCell(models.Model):
    """A ticked box: the version opens this to a role, in a market. No role: to every role of the version; no market: in
    every market (S2-27..29)."""

    version = models.ForeignKey(GridVersion, on_delete=models.CASCADE, related_name="cells")
    role = models.CharField(max_length=40, blank=True)
    market = models.CharField(max_length=2, blank=True)
    capability = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("box of the grid")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["version", "role", "market", "capability"], name="unique_box_per_grid_version"
            ),
        ]


class MarketSwitch(models.Model):
    """What the version opens to nobody in a market: "All functionality may not be available in all markets" (S3-04)."""

    version = models.ForeignKey(GridVersion, on_delete=models.CASCADE, related_name="switches")
    market = models.CharField(max_length=2)
    capability = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("what a market has not")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["version", "market", "capability"], name="unique_switch_per_grid_version"),
            models.CheckConstraint(name="market_switch_names_a_market", condition=~Q(market="")),
        ]
