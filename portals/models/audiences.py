"""Whom something inside a portal is for, as rows: a role, a market, or both. Without rows it is for everybody there."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class AudienceRow(models.Model):
    """This role, in this market: no role is every role, no market every market, and one of them is named.

    Each noun has a subclass of its own, with a foreign key to itself that `of` names. portals.inside.domain.audiences
    reads and writes these rows.
    """

    of: ClassVar[str]  # the name of the foreign key

    role = models.CharField(max_length=40, blank=True)
    market = models.CharField(max_length=2, blank=True)

    class Meta:
        abstract = True
        default_permissions = ()

    @classmethod
    def constraints(cls, *, of: str, name: str) -> list[Any]:
        """What the database keeps of a subclass: for its Meta."""
        return [
            models.UniqueConstraint(fields=[of, "role", "market"], name=f"unique_audience_per_{name}"),
            models.CheckConstraint(name=f"{name}_audience_says_something", condition=~Q(role="", market="")),
        ]

    @property
    def pair(self) -> tuple[str, str]:
        """Role and market, as a form names them."""
        return self.role, self.market
