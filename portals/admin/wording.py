"""The operators' pages of wording: a portal's texts in each language, with a preview before they are saved (S0-08)."""

from typing import Any, NamedTuple, cast

from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from identity.admin.records import ToLookAt
from identity.models import Account
from portals import registry
from portals.domain import wording
from portals.models import PortalText
from portals.spec import PortalSpec


class Row(NamedTuple):
    """One text on the page: its name, what the definition says, what is in its box."""

    key: str
    name: Any
    default: str
    typed: str


@admin.register(PortalText)
class PortalTextAdmin(ToLookAt):
    """Two pages of our own."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return wording.may_change(cast(Account, request.user))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return wording.may_change(cast(Account, request.user))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.texts)
        return [path("<slug:portal_key>/<slug:language>/", view, name="portals_portaltext_texts"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Every portal with texts that can be changed."""
        if not self.has_view_permission(request):
            raise Http404
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Wording"),
            "opts": self.opts,
            "portals": [portal for portal in registry.portals().values() if portal.wording],
            "languages": settings.LANGUAGES,
        }
        return render(request, "admin/portals/wordings.html", shown)

    def texts(self, request: HttpRequest, portal_key: str, language: str) -> HttpResponse:
        """All texts of a portal in one language; "Preview" shows them, "Save" keeps them."""
        portal = registry.portals().get(portal_key)
        if portal is None or not portal.wording or language not in dict(settings.LANGUAGES):
            raise Http404
        if not self.has_view_permission(request):
            raise Http404
        rows, problem = _rows(request, portal, language), ""
        if request.method == "POST" and "save" in request.POST:
            problem = _save(request, portal, language, rows)
            if not problem:
                return redirect("admin:portals_portaltext_texts", portal.key, language)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Wording: %(portal)s, %(language)s")
            % {"portal": portal.name, "language": dict(settings.LANGUAGES)[language]},
            "opts": self.opts,
            "portal": portal,
            "language": language,
            "rows": rows,
            "previewed": request.method == "POST",
            "longest": wording.LONGEST,
            "problem": problem,
        }
        return render(request, "admin/portals/wording.html", shown, status=422 if problem else 200)


def _rows(request: HttpRequest, portal: PortalSpec, language: str) -> list[Row]:
    """What stands in the boxes: what was typed, else what holds."""
    with translation.override(language):
        defaults = {key: str(text) for key, text in portal.wording}
    now = wording.of(portal, language)
    if request.method == "POST":
        now = {key: request.POST.get(key, "").replace("\0", "").replace("\r\n", "\n") for key in now}
    return [Row(key, name, defaults[key], now[key]) for key, name in wording.NAMES.items() if key in defaults]


def _save(request: HttpRequest, portal: PortalSpec, language: str, rows: list[Row]) -> str:
    texts = {row.key: row.typed for row in rows}
    try:
        changed = wording.change(
            portal=portal, language=language, texts=texts, by=cast(Account, request.user), now=timezone.now()
        )
    except wording.TooLong:
        return _("A text is too long: 2,000 characters at most.")
    messages.success(request, _("Saved. The pages show it at once.") if changed else _("Nothing was to be changed."))
    return ""
