"""Access grants in the admin site: the "SSO Database" to look at, grants without a form to give, access to end."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin.base import PersonFilter, day
from identity.admin.lists import KeysetAdmin
from identity.codes import codes
from identity.models import Account
from identity.record import search
from portals import registry
from portals.desk import grant_acts, grant_words, membership_acts, more_practices, opened
from portals.desk.forms import GrantForm
from portals.desk.grant_filters import PortalFilter, SuspendedFilter, portals_of
from portals.registry import UnknownPortal
from rbac.capabilities import LABELS, Capability
from rbac.domain import approvals, grants
from rbac.models import AccessGrant, Membership, Origin


@admin.register(AccessGrant)
class AccessGrantAdmin(KeysetAdmin):
    portal_path = "portal_key"
    is_for_deciders = True
    when_empty = gettext_lazy("Nobody has access yet. Decide a request, or give access with “Add”.")
    list_display = (
        "account",
        "portal",
        "role",
        day("since", gettext_lazy("Since")),
        day("until", gettext_lazy("Until")),
        day("last_used_at", gettext_lazy("Last used")),
        day("suspended_at", gettext_lazy("Rests since")),
        day("back_asked_at", gettext_lazy("Asked for again")),
    )
    list_filter = (SuspendedFilter, PortalFilter, ("until", admin.EmptyFieldListFilter), PersonFilter)
    list_select_related = ("account", "by")
    people = ("account",)
    search_help_text = gettext_lazy("Name, ID, email address, phone, practice, tax ID, or the reference of a form")
    ordering = ("-pk",)  # as they were given
    actions = ("end_access", "give_access_back")

    def also_found(self, typed: str) -> Iterable[Q]:
        """The reference of the form that gave it."""
        return [Q(origin=Origin.FORM, origin_key__in=search.spellings(typed, alphabet=codes.READABLE, length=8))]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(portals_of(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(portals_of(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(portals_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        return type("OwnGrantForm", (GrantForm,), {"by": request.user, "seen": portals_of(request)})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("login_name", "portal", "reason")
        return (
            "account",
            "portal",
            "role",
            "details",
            "rights",
            "practices",
            "since",
            "until",
            "ended_by",
            "by",
            "cause",
            "last_used_at",
            "suspended_at",
            "back_asked_at",
            "restored_at",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("portal", "details", "rights", "practices", "cause")

    @admin.display(description=gettext_lazy("Portal"), ordering="portal_key")
    def portal(self, grant: AccessGrant) -> str:
        return registry.name_of(grant.portal_key)

    @admin.display(description=gettext_lazy("Details"))
    def details(self, grant: AccessGrant) -> str:
        """What the form or the old account said, with the labels that people read there."""
        return grant_words.details_of(grant)

    @admin.display(description=gettext_lazy("Rights"))
    def rights(self, grant: AccessGrant) -> str:
        return grant_words.format_value(grant.capabilities)

    @admin.display(description=gettext_lazy("Practices"))
    def practices(self, grant: AccessGrant) -> str:
        return grant_words.memberships_of(grant)

    @admin.display(description=gettext_lazy("because of"))
    def cause(self, grant: AccessGrant) -> str:
        return grant.cause

    def save_model(self, request: HttpRequest, obj: AccessGrant, form: Any, change: bool) -> None:
        data = form.cleaned_data
        if data["portal"] not in portals_of(request):
            raise PermissionDenied
        grant = grants.give(
            account=data["login_name"],
            portal_key=data["portal"],
            origin=Origin.STAFF,
            reason=data["reason"],
            by=cast(Account, request.user),
            now=timezone.now(),
        )
        obj.__dict__.update(grant.__dict__)

    def get_urls(self) -> list[URLPattern]:
        inside = self.admin_site.admin_view
        own = [
            path("<int:pk>/rights/", inside(self.change_capabilities), name="rbac_accessgrant_rights"),
            path("<int:pk>/opens/", inside(self.show_opened), name="rbac_accessgrant_opens"),
            path("<int:pk>/practices/add/", inside(self.add_practices), name="rbac_accessgrant_more_practices"),
            path(
                "<int:pk>/practices/<int:membership>/",
                inside(self.change_membership),
                name="rbac_accessgrant_membership",
            ),
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Offer the page of single rights where the portal has any; name the portal as people read it."""
        grant = context.get("original")
        context["heading"] = f"{grant.account}, {registry.name_of(grant.portal_key)}" if grant else ""
        context["has_grid"] = grant is not None and _has_grid(grant.portal_key)
        context["takes_practices"] = grant is not None and more_practices.is_possible(grant)
        context["has_rights"] = grant is not None and grant.until is None and bool(_rights_in(grant.portal_key))
        return super().render_change_form(request, context, *args, **kwargs)

    def change_capabilities(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The check boxes of the rights that the portal's tiles name (S0-02)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        grant = get_object_or_404(self.get_queryset(request).select_related("account").filter(until=None), pk=pk)
        possible = _rights_in(grant.portal_key)
        problem = _set_rights(request, grant, possible) if request.method == "POST" else ""
        if request.method == "POST" and not problem:
            return redirect("admin:rbac_accessgrant_change", grant.pk)
        ticked = request.POST.getlist("right") if problem else grant.capabilities
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Rights of %(name)s in %(portal)s")
            % {"name": grant.account.login_name, "portal": registry.name_of(grant.portal_key)},
            "opts": self.opts,
            "grant": grant,
            "rights": [(right, LABELS[Capability(right)], right in ticked) for right in possible],
            "reason": request.POST.get("reason", ""),
            "problem": problem,
        }
        return render(request, "admin/rbac/accessgrant/rights.html", shown, status=422 if problem else 200)

    def show_opened(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the access opens, on any day, and why (S2-33)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        grant = get_object_or_404(self.get_queryset(request).select_related("account"), pk=pk)
        if not _has_grid(grant.portal_key):
            raise Http404
        return opened.page(self, request, grant)

    def add_practices(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One more practice, by its tax ID (S2-16)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        grant = get_object_or_404(self.get_queryset(request).select_related("account"), pk=pk)
        return more_practices.page(self, request, grant)

    def change_membership(self, request: HttpRequest, pk: int, membership: int) -> HttpResponse:
        """The work for one practice: suspended, restored or ended by staff (D-11)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        seen = Membership.objects.current().filter(grant__in=self.get_queryset(request).filter(until=None))
        rows = seen.select_related("grant__account", "practice", "suspended_by")
        return membership_acts.page(self, request, get_object_or_404(rows, grant=pk, pk=membership))

    @admin.action(description=gettext_lazy("End access"))
    def end_access(self, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> HttpResponse | None:
        return grant_acts.end(self, request, queryset)

    @admin.action(description=gettext_lazy("Give access back"))
    def give_access_back(self, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> HttpResponse | None:
        return grant_acts.give_back(self, request, queryset)


def _has_grid(portal_key: str) -> bool:
    portal = registry.portals().get(portal_key)
    return portal is not None and portal.grid


def _rights_in(portal_key: str) -> list[str]:
    """The single rights that a grant for this portal can carry."""
    try:
        return registry.get(portal_key).capabilities
    except UnknownPortal:
        return []


def _set_rights(request: HttpRequest, grant: AccessGrant, possible: list[str]) -> str:
    """Give and withdraw what the boxes say; or say what is in the way. Rights that no box shows stay."""
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:60]
    if not reason:
        return _("Enter a reason: the journal keeps it.")
    ticked = {right for right in request.POST.getlist("right") if right in possible}
    unseen = {right for right in grant.capabilities if right not in possible}
    try:
        changed = grants.set_capabilities(
            grant=grant,
            capabilities=ticked | unseen,
            reason=reason,
            by=cast(Account, request.user),
            now=timezone.now(),
        )
    except grants.OwnGrant:
        return _("A colleague gives you rights.")
    except approvals.MayNotDecide:
        raise Http404 from None  # the right to answer for this portal was taken meanwhile
    except grants.GrantEnded:
        messages.error(request, _("Nothing was changed: the access has ended."))
    else:
        messages.success(request, _("The rights are changed.") if changed else _("Nothing was to be changed."))
    return ""
