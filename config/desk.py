"""The first page of the service desk: what waits for its reader, where to search, everything else by kind of work."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.contrib.admin import AdminSite
from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accessforms.domain.waiting import to_decide
from accessforms.models import Submission
from enrollment.models import AdministratorRequest, RequestState
from identity.models import Account, FactorReset, OutboxMessage, Ticket
from identity.models.tickets import TO_ANSWER
from portals.models import CourseVersion, LegacyImport, NewsItem, Unlinking
from rbac.domain import mandates
from rbac.models import AccessGrant, GridVersion, Mandate, SweepRun

GROUPS = {
    _("People"): ("Account", "Ticket", "Feedback", "FactorReset", "Merge", "Signature"),
    _("Access"): (
        "Submission",
        "AdministratorRequest",
        "HandOver",
        "Mandate",
        "Review",
        "AccessGrant",
        "Clinician",
        "ApprovalQueue",
        "GridVersion",
        "SweepRun",
    ),
    _("Inside the portals"): ("Document", "NewsItem", "CourseVersion", "Certificate"),
    _("Old accounts and the change-over"): ("LegacyImport", "Unlinking", "PhaseMove", "PortalText"),
    _("Outside applications"): ("Application", "SigningKey"),
    _("Records"): ("JournalEntry", "OutboxMessage"),
}


class Work(NamedTuple):
    """Something that waits for a decision: in whose list it stands, and which rows of it wait for this reader."""

    words: Any
    model: type[Model]
    waits: Q | Callable[..., Q]  # or what answers it for a moment, `now=`
    own: str = ""  # the path to whoever may not do it: it is their own, or they did the first half
    listed: str = ""  # the query of the list that shows it


class Waiting(NamedTuple):
    """How much of one kind of work waits for a reader, and where."""

    words: Any
    number: int
    path: str


KINDS = (
    Work(_("Access requests to decide"), Submission, to_decide(), own="account", listed="?work=decide"),
    Work(
        _("Administrator requests to decide"),
        AdministratorRequest,
        Q(state=RequestState.SUBMITTED),
        listed="?work=decide",
    ),
    Work(_("Mandates to agree to after a call"), Mandate, mandates.for_desk, listed="?work=call"),
    Work(
        _("Access asked for again, to confirm"),
        AccessGrant,
        Q(until=None, suspended_at__isnull=False, back_asked_at__isnull=False),
        own="account",
        listed="?rest=asked",
    ),
    Work(
        _("Resets of sign-in methods to confirm"),
        FactorReset,
        Q(state=FactorReset.State.STARTED),
        own="started_by",
        listed="?state__exact=started",
    ),
    Work(
        _("Untyings to confirm"),
        Unlinking,
        Q(state=Unlinking.State.ASKED),
        own="asked_by",
        listed="?state__exact=asked",
    ),
    Work(_("Open tickets"), Ticket, TO_ANSWER, listed="?work=answer"),
    Work(_("Checked lists of old accounts to store"), LegacyImport, Q(state=LegacyImport.State.CHECKED), own="by"),
    Work(
        _("Runs over idle accounts to release"),
        SweepRun,
        Q(state__in=[SweepRun.State.FROZEN, SweepRun.State.HALF_RELEASED]),
        own="first_released_by",
    ),
    Work(
        _("Courses to publish"),
        CourseVersion,
        Q(state=CourseVersion.State.PROPOSED),
        own="proposed_by",
        listed="?state__exact=proposed",
    ),
    Work(_("Versions of the grid to publish"), GridVersion, Q(state__in=GridVersion.OPEN), own="proposed_by"),
    Work(
        _("News to publish"),
        NewsItem,
        Q(state=NewsItem.State.PROPOSED),
        own="proposed_by",
        listed="?state__exact=proposed",
    ),
    Work(
        _("Messages that could not be delivered"),
        OutboxMessage,
        Q(state=OutboxMessage.State.GIVEN_UP),
        listed="?state__exact=given+up",
    ),
)
SEARCHES = ((Account, _("Search people")), (Submission, _("Search access requests")))


def waiting(site: AdminSite, request: HttpRequest) -> list[Waiting]:
    """What waits for this reader, within their rights: one query each, most first."""
    found, now = [], timezone.now()
    for kind in KINDS:
        there = site.get_model_admin(kind.model)
        if there.has_view_permission(request):
            waits = kind.waits if isinstance(kind.waits, Q) else kind.waits(now=now)
            rows = there.get_queryset(request).filter(waits)
            if kind.own:
                rows = rows.exclude(**{kind.own: request.user})
            found.append(Waiting(kind.words, rows.count(), _list_of(kind.model) + kind.listed))
    return sorted(found, key=lambda one: -one.number)


def searches(site: AdminSite, request: HttpRequest) -> list[tuple[Any, str]]:
    """The lists that this reader may search from the first page: what its button says, and where it leads."""
    return [
        (words, _list_of(model))
        for model, words in SEARCHES
        if site.get_model_admin(model).has_view_permission(request)
    ]


def grouped(apps: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The menu by kind of work instead of by app. What no group names stands with the records."""
    entries = [entry for app in apps for entry in app["models"]]
    named = {name: group for group, names in GROUPS.items() for name in names}
    *_others, last = GROUPS
    groups: dict[Any, list[dict[str, Any]]] = {group: [] for group in GROUPS}
    for entry in entries:
        groups[named.get(entry["object_name"], last)].append(entry)
    order = list(named)
    for group in groups.values():
        group.sort(key=lambda entry: order.index(entry["object_name"]) if entry["object_name"] in named else len(order))
    return [{"name": group, "app_label": "", "models": models} for group, models in groups.items() if models]


def _list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
