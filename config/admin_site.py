"""The admin site of the service desk and of operators: staff with a verified second factor, one door."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from identity.second_factor import AdminSiteOTPRequiredMixin

SHOWN = {
    "accessforms.Submission",
    "identity.Account",
    "identity.JournalEntry",
    "identity.OutboxMessage",
    "rbac.AccessGrant",
    "rbac.ApprovalQueue",
    "rbac.SweepRun",
}


class StaffSite(AdminSiteOTPRequiredMixin, AdminSite):
    """Its log-in page is ours; somebody without the right is told so, without a second log-in form."""

    site_header = _("One Healthcare ID service desk")
    site_title = _("Service desk")
    index_title = _("Service desk")
    site_url = "/"
    enable_nav_sidebar = False

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
        return HttpResponseRedirect(reverse("profile"))
