"""The operators' page of lists: the answers that forms offer, one more of them, and those that were taken away."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accessforms.domain import offered
from identity.admin.base import ReadOnlyAdmin
from identity.models import Account
from identity.policy import text
from portals import registry

LONGEST = 80


class OfferedAnswerAdmin(ReadOnlyAdmin):
    """One page of our own: every list of every portal (D-10)."""

    is_of_installation = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return offered.may_change(cast(Account, request.user))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return offered.may_change(cast(Account, request.user))

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A row has no page of its own."""
        raise Http404

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Nor this one."""
        raise Http404

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The lists; a press takes an answer away, offers it again, or adds one."""
        if not self.has_view_permission(request):
            raise Http404
        typed = {name: text.line(request.POST.get(name, ""))[:LONGEST] for name in ("label", "label_es")}
        problem = _change(request, typed) if request.method == "POST" else ""
        if request.method == "POST" and not problem:
            return redirect("admin:accessforms_offeredanswer_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Lists of forms"),
            "opts": self.opts,
            "lists": [
                (portal, field, offered.answers(portal)[field.name])
                for portal in registry.portals().values()
                for field in offered.lists_of(portal)
            ],
            "longest": LONGEST,
            "typed": typed,
            "problem": problem,
        }
        return render(request, "admin/accessforms/lists.html", context, status=422 if problem else 200)


def _change(request: HttpRequest, typed: dict[str, str]) -> str:
    """An empty text, or what went wrong."""
    portal = registry.portals().get(request.POST.get("portal", ""))
    if portal is None:
        raise Http404
    by, now, field = cast(Account, request.user), timezone.now(), request.POST.get("field", "")
    try:
        if "add" in request.POST:
            if not typed["label"]:
                return _("Fill in “%(label)s”.") % {"label": _("English")}
            offered.add(portal=portal, field=field, by=by, now=now, **typed)
        else:
            is_offered = "again" in request.POST
            key = request.POST.get("again" if is_offered else "take", "")
            offered.offer(portal=portal, field=field, key=key, is_offered=is_offered, by=by, now=now)
    except offered.NoSuchList as error:
        raise Http404 from error
    except offered.AlreadyOffered:
        return _("The list has this answer already; what was taken away can be offered again.")
    messages.success(request, _("Saved. The pages show it at once."))
    return ""
