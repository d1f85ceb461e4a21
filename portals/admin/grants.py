"""Access grants in the admin site: the "SSO Database" to look at, grants without a form to give, access to end."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from guardian.admin import GuardedModelAdmin

from identity.admin.records import FindsById
from identity.models import Account
from portals import registry, tiles
from portals.admin import grant_words
from portals.registry import UnknownPortal
from rbac.capabilities import LABELS, Capability
from rbac.domain import approvals, grants, idleness
from rbac.models import AccessGrant, ApprovalQueue


class GrantForm(forms.ModelForm):
    """Giving access to a portal that has no form (C12)."""

    login_name = forms.CharField(label=gettext_lazy("One Healthcare ID"), max_length=64)
    portal = forms.ChoiceField(label=gettext_lazy("Portal"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=60)
    by: Account | None = None

    class Meta:
        model = AccessGrant
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(portal.key, portal.name) for portal in registry.opened_by_staff()]
        self.fields["portal"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The ID is looked for in the realm of the portal."""
        data = super().clean() or self.cleaned_data
        if data.get("portal") and data.get("login_name"):
            realm = registry.get(data["portal"]).realm
            account = Account.objects.named(realm, data["login_name"]).filter(is_active=True).first()
            if account is None:
                self.add_error("login_name", _("Nobody has this ID there."))
            elif account == self.by:
                self.add_error("login_name", _("A colleague gives you access."))
            else:
                data["login_name"] = account
        return data


class RestFilter(admin.SimpleListFilter):
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
        return [(key, grant_words.name_of(key)) for key in _portals_of(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> QuerySet[AccessGrant]:
        return queryset.in_portal(self.value()) if self.value() else queryset  # type: ignore[attr-defined]


@admin.register(AccessGrant)
class AccessGrantAdmin(FindsById):
    list_display = ("account", "portal", "role", "since", "until", "last_used_at", "suspended_at", "back_asked_at")
    list_filter = (RestFilter, PortalFilter, ("until", admin.EmptyFieldListFilter))
    list_select_related = ("account", "by")
    ids = ("account__login_key",)
    search_fields = ("=because_of",)
    search_help_text = gettext_lazy("ID, or the reference of a form")
    ordering = ("-since",)
    actions = ("end_access", "give_access_back")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessGrant]:
        """Grants of the portals that this member of staff answers for."""
        return super().get_queryset(request).filter(portal_key__in=_portals_of(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(_portals_of(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(_portals_of(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(_portals_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        return type("OwnGrantForm", (GrantForm,), {"by": request.user})

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
            "because_of",
            "last_used_at",
            "suspended_at",
            "back_asked_at",
            "restored_at",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("portal", "details", "rights")

    @admin.display(description=gettext_lazy("Portal"), ordering="portal_key")
    def portal(self, grant: AccessGrant) -> str:
        return grant_words.name_of(grant.portal_key)

    @admin.display(description=gettext_lazy("Details"))
    def details(self, grant: AccessGrant) -> str:
        """What the form or the old account said, with the labels that people read there."""
        return grant_words.details_of(grant)

    @admin.display(description=gettext_lazy("Rights"))
    def rights(self, grant: AccessGrant) -> str:
        return grant_words.in_words(grant.capabilities)

    def save_model(self, request: HttpRequest, obj: AccessGrant, form: Any, change: bool) -> None:
        data = form.cleaned_data
        if data["portal"] not in _portals_of(request):
            raise PermissionDenied
        grant = grants.give(
            account=data["login_name"],
            portal_key=data["portal"],
            attributes={},
            practices=[],
            because_of=data["reason"],
            by=cast(Account, request.user),
            now=timezone.now(),
        )
        obj.__dict__.update(grant.__dict__)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.change_capabilities)
        return [path("<int:pk>/rights/", view, name="rbac_accessgrant_rights"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Offer the page of single rights where the portal has any."""
        grant = context.get("original")
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
            % {"name": grant.account.login_name, "portal": registry.get(grant.portal_key).name},
            "opts": self.opts,
            "grant": grant,
            "rights": [(right, LABELS[Capability(right)], right in ticked) for right in possible],
            "reason": request.POST.get("reason", ""),
            "problem": problem,
        }
        return render(request, "admin/rbac/accessgrant/rights.html", shown, status=422 if problem else 200)

    @admin.action(description=gettext_lazy("End access"))
    def end_access(self, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> None:
        for grant in queryset.select_related("account").filter(until=None):
            grants.end(
                account=grant.account,
                portal_key=grant.portal_key,
                because_of="service desk",
                by=cast(Account, request.user),
                now=timezone.now(),
            )
        messages.success(request, _("Access has ended."))

    @admin.action(description=gettext_lazy("Give access back"))
    def give_access_back(self, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> None:
        """Access that rests opens its portal again; each person is told by mail (D-09)."""
        back = 0
        for grant in queryset.select_related("account"):
            try:
                idleness.give_back(grant=grant, by=cast(Account, request.user), now=timezone.now())
            except grants.OwnGrant:
                messages.error(request, _("A colleague gives you access back."))
            except idleness.NotResting:
                messages.warning(request, _("%(grant)s does not rest.") % {"grant": grant})
            else:
                back += 1
        if back:
            told = {"count": back}
            messages.success(
                request,
                ngettext(
                    "Access was given back to %(count)s person, who is told by mail.",
                    "Access was given back to %(count)s people, who are told by mail.",
                    back,
                )
                % told,
            )


def _rights_in(portal_key: str) -> list[str]:
    """The single rights that a grant for this portal can carry."""
    try:
        return tiles.capabilities_of(registry.get(portal_key))
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
            because_of=reason,
            by=cast(Account, request.user),
            now=timezone.now(),
        )
    except grants.OwnGrant:
        return _("A colleague gives you rights.")
    except grants.GrantEnded:
        messages.error(request, _("Nothing was changed: the access has ended."))
    else:
        messages.success(request, _("The rights are changed.") if changed else _("Nothing was to be changed."))
    return ""


def _portals_of(request: HttpRequest) -> list[str]:
    """The portals a member of staff answers for; one without a form goes with the portals of its landing page."""
    known = getattr(request, "answered_portals", None)
    if known is None:
        decided = set(approvals.portals_decided_by(cast(Account, request.user)))
        landings = {portal.part_of for portal in registry.portals().values() if portal.key in decided}
        without = {portal.key for portal in registry.opened_by_staff() if portal.part_of in landings}
        known = sorted(decided | without)
        request.answered_portals = known  # type: ignore[attr-defined]
    return known


@admin.register(ApprovalQueue)
class ApprovalQueueAdmin(GuardedModelAdmin):
    """Operators give approver rights here: "Object permissions" of a queue, to a person or a group (C29)."""

    list_display = ("portal_key",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
