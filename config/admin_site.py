"""The admin site of the service desk and of operators: staff with a verified second factor, one door."""

from dataclasses import replace
from functools import cache
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config import checks, desk
from identity.factors.second_factor import AdminSiteOTPRequiredMixin
from identity.governance import live_policy
from identity.governance.standards import STANDARDS
from identity.sign_in import step_up
from identity.tenancy import Tenant, tenancy
from identity.views.sign_in import sign_out
from portals import registry
from portals.spec import PortalSpec

SHOWN = {
    "accessforms.OfferedAnswer",
    "accessforms.Submission",
    "enrollment.AdministratorRequest",
    "enrollment.Clinician",
    "enrollment.Invitation",
    "identity.Account",
    "identity.JournalEntry",
    "identity.MassAct",
    "identity.Merge",
    "identity.FactorReset",
    "identity.OutboxMessage",
    "identity.Signature",
    "identity.Ticket",
    "portals.Feedback",
    "portals.LegacyImport",
    "portals.Application",
    "portals.Document",
    "portals.NewsItem",
    "portals.SigningKey",
    "portals.Certificate",
    "portals.CourseVersion",
    "portals.PhaseMove",
    "portals.PortalText",
    "portals.Unlinking",
    "rbac.AccessGrant",
    "rbac.ApprovalQueue",
    "rbac.GridVersion",
    "rbac.HandOver",
    "rbac.Mandate",
    "rbac.Review",
    "rbac.SweepRun",
}


# Addresses whose POST asks for no fresh proof, by name: nothing that anybody has is changed there; at the first the own
# session ends.
WITHOUT_FRESH_PROOF = frozenset({"logout", "password_change", "portals_application_try"})


class StaffSite(AdminSiteOTPRequiredMixin, AdminSite):
    """Its log-in page is ours; somebody without the right is told so, without a second log-in form."""

    site_header = _("One Healthcare ID service desk")
    site_title = _("Service desk")
    index_title = _("Service desk")
    site_url = "/"
    enable_nav_sidebar = False
    empty_value_display = "–"  # as every other page of ours

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("standards/", self.admin_view(self.standards), name="standards"), *super().get_urls()]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Whoever writes here has just shown who they are (policy: session): asked at every address, Django's own too,
        unless it is named above. What was typed is kept meanwhile."""
        return super().admin_view(step_up.fresh_to_write(view, except_at=WITHOUT_FRESH_PROOF), cacheable)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The menu by kind of work, with pages that belong to no table of their own: the cut-over of each old system,
        the standards."""
        groups = desk.grouped(super().get_app_list(request, app_label))
        if request.user.has_perm("identity.view_standards"):
            groups[-1]["models"].append(_page("standards", gettext("Standards and deviations")))
        for group in groups:
            for entry in group["models"]:
                if entry["object_name"] == "LegacyImport":
                    entry["name"] = gettext("Old accounts")  # as its page is called
                    group["models"] += [_cut_over(portal) for portal in registry.with_old_accounts().values()]
                    break
        return groups

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With the desk as the tenant of the page, whichever portal the reader came from."""
        return {**super().each_context(request), "tenant": _tenant()}

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """What waits for the reader first; then a search, and all pages."""
        found = desk.waiting(self, request)
        shown = {
            "title": gettext("What waits for you"),
            "work": [one for one in found if one.number],
            "quiet": [one for one in found if not one.number],
            "searches": desk.searches(self, request),
        }
        return super().index(request, {**shown, **(extra_context or {})})

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: Any = None
    ) -> HttpResponse:
        """Apps are how we sort our code: the desk has one menu."""
        return HttpResponseRedirect(reverse("admin:index"))

    def standards(self, request: HttpRequest) -> HttpResponse:
        """Where the live policy of each realm differs from the standards, and why (D-19)."""
        if not request.user.has_perm("identity.view_standards"):
            raise PermissionDenied
        realms = [
            (realm, tenancy, [(row, row.does(tenancy), row.verdict(tenancy)) for row in STANDARDS])
            for realm, tenancy in live_policy.live()
        ]
        context = {
            **self.each_context(request),
            "title": gettext("Standards and deviations"),
            "realms": realms,
            "unknown_portals": checks.unknown_portals(),
        }
        return render(request, "admin/standards.html", context)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.user.is_authenticated:
            return render(request, "admin/no_access.html", status=403)
        asked = request.GET.get("next", reverse("admin:index"))
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': asked})}")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Passwords are changed at their own door."""
        return HttpResponseRedirect(reverse("profile"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """The one way to sign out, which a GET is not."""
        return sign_out(request)


@cache
def _tenant() -> Tenant:
    return replace(tenancy().tenant(""), name=StaffSite.site_header, home=reverse("admin:index"))


def _cut_over(portal: PortalSpec) -> dict[str, Any]:
    from portals.legacy.admin import cut_over  # the admin modules register with this very site

    assert portal.legacy is not None
    return _page("portals_cut_over", cut_over.name_of(portal), portal.legacy.key)


def _page(name: str, words: str, *args: str) -> dict[str, Any]:
    """A page without a table as Django's menu describes one."""
    shown = {"name": words, "object_name": "-".join((name, *args)), "admin_url": reverse(f"admin:{name}", args=args)}
    return {**shown, "add_url": None, "view_only": True, "perms": {"view": True}}
