"""Which access grants a member of staff sees, and the filters of their list."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from identity.admin.base import scope_of
from portals import registry
from rbac.models import AccessGrant


def portals_of(request: HttpRequest) -> list[str]:
    """The portals a member of staff answers for; one without a form goes with the portals of its landing page."""
    return sorted(scope_of(request).portals)


class SuspendedFilter(admin.SimpleListFilter):
    """What an approver has to confirm comes first (D-09)."""

    title = gettext_lazy("rest")
    parameter_name = "rest"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("asked", gettext_lazy("Asked for again: to confirm")), ("rests", gettext_lazy("Rests"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> QuerySet[AccessGrant]:
        if self.value() not in ("asked", "rests"):
            return queryset
        resting = queryset.filter(until=None, suspended_at__isnull=False)
        return resting.filter(back_asked_at__isnull=False) if self.value() == "asked" else resting


class PortalFilter(admin.SimpleListFilter):
    """The portals that this member of staff answers for, by name."""

    title = gettext_lazy("portal")
    parameter_name = "portal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(portal.key, portal.name) for portal in registry.known(portals_of(request))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> QuerySet[AccessGrant]:
        return queryset.in_portal(self.value()) if self.value() else queryset  # type: ignore[attr-defined]
