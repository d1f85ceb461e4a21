"""The filters of the service desk's queue: by portal, and by what there is to do."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accessforms.domain.waiting import to_decide
from accessforms.models import Submission
from identity.admin.base import scope_of
from portals import registry

State = Submission.State

STATES = {
    "open": [State.FAX_RECEIVED, State.SUBMITTED, State.RETURNED],
    "decide": [State.FAX_RECEIVED, State.SUBMITTED],
    "late": [State.SUBMITTED],
    "fax": [State.SUBMITTED, State.RETURNED],
    "done": [State.APPROVED, State.DENIED, State.WITHDRAWN, State.EXPIRED],
    "all": list(State),
}


class PortalFilter(admin.SimpleListFilter):
    title = gettext_lazy("portal")
    parameter_name = "portal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(portal.key, str(portal.name)) for portal in registry.known(sorted(scope_of(request).portals))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        return queryset.filter(portal_key=self.value()) if self.value() else queryset


class WorkFilter(admin.SimpleListFilter):
    """What there is to do now comes first."""

    title = gettext_lazy("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", gettext_lazy("Open")),
            ("decide", gettext_lazy("To decide")),
            ("late", gettext_lazy("Late")),
            ("fax", gettext_lazy("Waiting for the fax")),
            ("done", gettext_lazy("Decided")),
            ("all", gettext_lazy("All")),
        ]

    def value(self) -> str:
        """What is open, by itself; but whoever searches, or looks at a person, looks in all states."""
        chosen = super().value()
        if chosen in STATES:
            return str(chosen)
        return "all" if self.is_looking else "open"

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.is_looking = bool(request.GET.get("q", "").strip() or request.GET.get("person"))
        super().__init__(request, *args, **kwargs)

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Without Django's own "All", which would mean whatever the queue shows by itself."""
        _all, *choices = super().choices(changelist)
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        rows = queryset.filter(state__in=STATES[self.value()])
        match self.value():
            case "decide":
                return rows.filter(to_decide())
            case "late":
                return rows.filter(due_at__lte=timezone.now())
            case "fax":
                return rows.exclude(portal_key__in=registry.without_paper())
        return rows
