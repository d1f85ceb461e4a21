"""The operators' pages of wording: a portal's texts in each language, with a preview before they are saved (S0-08)."""

from typing import Any, NamedTuple, cast

from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from identity.admin.base import ReadOnlyAdmin
from identity.keys.fields import keyed_hash
from identity.models import Account, JournalEntry
from portals import registry
from portals.legacy import wording
from portals.models import PortalText
from portals.spec import PortalSpec


class Row(NamedTuple):
    """One text on the page: its name, what the definition says, what the pages show now, what is in its box."""

    key: str
    name: Any
    default: str
    saved: str
    typed: str

    @property
    def is_new(self) -> bool:
        """Whether saving would change what the pages show. An empty box goes back to the definition's text."""
        return (self.typed.strip() or self.default) != self.saved

    @property
    def is_button(self) -> bool:
        """Whether the pages show it on a button."""
        return self.key.endswith("_button")


@admin.register(PortalText)
class PortalTextAdmin(ReadOnlyAdmin):
    """Two pages of our own."""

    is_of_installation = True

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
        seen = wording.read(portal, language)
        rows, problem = _rows(request, portal, language, seen), ""
        if request.method == "POST" and "save" in request.POST:
            problem = _save(request, portal, language, rows, seen)
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
            "nothing_new": not any(row.is_new for row in rows),
            # Of a preview, what stood there when the boxes were filled; after a refusal, what the page shows now.
            "seen": request.POST.get("seen", "") if "preview" in request.POST else _mark(seen),
            "history": [(entry, wording.NAMES.get(entry.facts["key"], "")) for entry in _last(portal, language)],
            "longest": wording.MAX_LENGTH,
            "problem": problem,
        }
        return render(request, "admin/portals/wording.html", shown, status=422 if problem else 200)


def _mark(seen: dict[str, str]) -> str:
    """What the form carries of the texts that were seen."""
    return keyed_hash("portal wording", repr(seen))


def _last(portal: PortalSpec, language: str) -> list[JournalEntry]:
    return list(wording.history(portal, language)[:50])


def _rows(request: HttpRequest, portal: PortalSpec, language: str, seen: dict[str, str]) -> list[Row]:
    """What stands in the boxes: what was typed, else what holds."""
    with translation.override(language):
        defaults = {key: str(text) for key, text in portal.wording}
    saved = defaults | seen
    typed = saved
    if request.method == "POST":
        typed = {key: request.POST.get(key, "").replace("\0", "").replace("\r\n", "\n") for key in saved}
    names = wording.NAMES.items()
    return [Row(key, name, defaults[key], saved[key], typed[key]) for key, name in names if key in defaults]


def _save(request: HttpRequest, portal: PortalSpec, language: str, rows: list[Row], seen: dict[str, str]) -> str:
    """An empty text, or what went wrong."""
    texts = {row.key: row.typed for row in rows}
    try:
        if request.POST.get("seen") != _mark(seen):
            raise wording.ChangedMeanwhile
        changed = wording.change(
            portal=portal, language=language, texts=texts, seen=seen, by=cast(Account, request.user), now=timezone.now()
        )
    except wording.TooLong:
        return _("A text is too long: 2,000 characters at most.")
    except wording.ChangedMeanwhile:
        return _(
            "A colleague changed these texts meanwhile: nothing was saved. Where a box differs, the text that holds "
            "now stands below it. Save replaces it."
        )
    messages.success(request, _("Saved. The pages show it at once.") if changed else _("Nothing was to be changed."))
    return ""
