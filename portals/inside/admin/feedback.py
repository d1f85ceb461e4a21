"""Feedback as the desk reads it: by portal, newest first (S3-09)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin.base import ReadOnlyAdmin, day
from identity.admin.lists import DataFilter, KeysetAdmin
from portals import registry
from portals.models import Feedback

MAX_SHOWN = 80  # characters in the list


class PortalFilter(DataFilter):
    """Of one of the portals that take feedback."""

    title = gettext_lazy("portal")
    parameter_name = "portal_key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(portal.key, portal.name) for portal in registry.portals().values() if portal.takes_feedback]


@admin.register(Feedback)
class FeedbackAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Read by the staff of the portal; nobody answers it. A row opens the whole text."""

    portal_path = "portal_key"
    when_empty = gettext_lazy("Nobody has said yet how they find a portal. What they write stands here.")
    list_display = ("begins", "portal_name", "page", "writer", day("created_at", gettext_lazy("written")))
    list_filter = (PortalFilter,)
    list_select_related = ("account",)
    ordering = ("-pk",)
    fields = ("portal_name", "page", "writer", "created_at", "text")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("feedback"))
    def begins(self, row: Feedback) -> str:
        """How it begins."""
        return Truncator(row.text).chars(MAX_SHOWN)

    @admin.display(description=gettext_lazy("portal"))
    def portal_name(self, row: Feedback) -> str:
        """As people call it."""
        return registry.name_of(row.portal_key)

    @admin.display(description=gettext_lazy("written by"))
    def writer(self, row: Feedback) -> str:
        """Who it was, where they wanted that to be known."""
        return str(row.account) if row.account else _("not named")
