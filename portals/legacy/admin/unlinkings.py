"""Taking an old account from an ID, for the service desk: the first member of staff asks, the second one does it."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.accounts import staff_rights
from identity.admin import refusals
from identity.admin.base import PersonFilter, ReadOnlyAdmin, scope_of
from identity.factors.forms.base import PageForm
from identity.models import Account
from identity.record import journal, machine
from identity.tenancy import Scope
from portals import registry
from portals.legacy import links, unlinkings
from portals.models import LegacyAccount, Unlinking


class AskForm(PageForm):
    """Which old account, and why."""

    source = forms.ChoiceField(label=gettext_lazy("Old accounts of"))
    login_name = forms.CharField(label=gettext_lazy("Old username"), max_length=150)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The journal keeps it; it is not in the mail."),
        max_length=unlinkings.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources = registry.with_old_accounts()
        seen = [sources[key] for key in (sources if scope.is_all else links.sources_of(scope.portals))]
        self.fields["source"].choices = [  # type: ignore[attr-defined]
            (portal.legacy.key, portal.legacy.name) for portal in seen if portal.legacy and portal.links_old_accounts
        ]


@admin.register(Unlinking)
class UnlinkingAdmin(ReadOnlyAdmin):
    """What waits comes first; a row opens its desk, "add" the page that asks."""

    when_empty = gettext_lazy(
        "No old account was untied. Where one is tied to the wrong ID, ask for it with “Add”; a colleague confirms."
    )
    list_display = ("old_account", "linked_to", "state", "asked_by", "asked_at", "ended_by", "ended_at")
    list_filter = ("state", PersonFilter)
    list_select_related = ("legacy", "account", "asked_by", "ended_by")
    people = ("account",)
    search_help_text = gettext_lazy("Name, ID, email address, phone, practice, tax ID or old username")
    ordering = ("state", "-asked_at")

    def within(self, rows: QuerySet[Unlinking], scope: Scope) -> QuerySet[Unlinking]:
        """Of old accounts that come over to the scope's portals."""
        return rows if scope.is_all else rows.filter(legacy__source__in=links.sources_of(scope.portals))

    def also_found(self, typed: str) -> Iterable[Q]:
        """The old name of an account that is linked to nobody any more."""
        sources = registry.with_old_accounts()
        return [Q(legacy__in=LegacyAccount.objects.named(key, typed).values("pk")) for key in sources]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_authenticated and request.user.has_perm(unlinkings.RIGHT)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=gettext_lazy("Old account"), ordering="legacy__login_key")
    def old_account(self, unlinking: Unlinking) -> str:
        return f"{unlinking.legacy} ({_system_of(unlinking)})"

    @admin.display(description=gettext_lazy("Tied to the ID"), ordering="account__login_key")
    def linked_to(self, unlinking: Unlinking) -> str:
        return unlinking.account.login_name

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Name the old account and say why."""
        if not self.has_view_permission(request):
            raise Http404
        named = {name: request.GET.get(name, "").replace("\0", "") for name in ("source", "login_name")}
        form = AskForm(request.POST if request.method == "POST" else None, initial=named, scope=scope_of(request))
        unlinking = _ask(request, form) if request.method == "POST" and form.is_valid() else None
        if unlinking is not None:
            messages.success(request, _("A colleague has to look at it now. Nothing was changed yet."))
            return redirect("admin:portals_unlinking_change", unlinking.pk)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Untie an old account"),
            "opts": self.opts,
            "form": form,
        }
        return render(request, "admin/portals/unlink.html", shown, status=422 if form.errors else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One unlinking: whose, why, its history, and the steps that are possible now."""
        unlinking: Unlinking = self.found_or_404(request, object_id)
        reason = request.POST.get("reason", "").replace("\0", "")
        problem, problem_of = _step(request, unlinking, reason) if request.method == "POST" else ("", "")
        if request.method == "POST" and not problem:
            return redirect("admin:portals_unlinking_change", unlinking.pk)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Untie %(name)s of %(system)s") % {"name": unlinking.legacy, "system": _system_of(unlinking)},
            "system": _system_of(unlinking),
            "opts": self.opts,
            "unlinking": unlinking,
            "is_open": unlinkings.is_open(unlinking, now=timezone.now()),
            "asked_it": unlinking.asked_by_id == request.user.pk,
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=unlinking)],
            "reason": reason,
            "problem": problem,
            "problem_of": problem_of,
        }
        return render(request, "admin/portals/unlinking.html", shown, status=422 if problem else 200)


def _ask(request: HttpRequest, form: AskForm) -> Unlinking | None:
    data = form.cleaned_data
    found = LegacyAccount.objects.named(data["source"], data["login_name"]).select_related("account").first()
    try:
        if found is None:
            raise unlinkings.NotLinked
        return unlinkings.ask(legacy=found, reason=data["reason"], by=cast(Account, request.user), now=timezone.now())
    except unlinkings.NotLinked:
        form.add_error("login_name", _("No old account of this name is tied to an ID."))
    except unlinkings.AskedAlready:
        form.add_error("login_name", _("A colleague asked for it already: look at the list."))
    except (machine.ReasonMissing, staff_rights.MayNotHandle) as refused:
        form.add_error("reason", refusals.words_of(refused, refusals.HANDLING))
    return None


def _step(request: HttpRequest, unlinking: Unlinking, reason: str) -> tuple[str, str]:
    """Do it or give it up, and say so; or what is in the way, and the field it is about."""
    by, now = cast(Account, request.user), timezone.now()
    doing = request.POST.get("step") == "do"
    try:
        if not doing:
            unlinkings.cancel(unlinking=unlinking, reason=reason, by=by, now=now)
            messages.success(request, _("Cancelled."))
        elif by.pk != unlinking.asked_by_id and "sure" not in request.POST:
            return _("Tick the box first: it cannot be taken back here."), "sure"
        else:
            unlinkings.do(unlinking=unlinking, by=by, now=now)
            messages.success(request, _("The old account is free. The person is told by mail."))
    except machine.SamePerson:
        return _("You asked for it: a colleague has to do it."), ""
    except machine.NotPossible:
        messages.error(request, _("This is no longer possible in this state."))
    except machine.ReasonMissing as refused:
        return refusals.words_of(refused, refusals.HANDLING), "reason"
    except staff_rights.MayNotHandle as refused:
        return refusals.words_of(refused, refusals.HANDLING), ""
    return "", ""


def _system_of(unlinking: Unlinking) -> str:
    """What people call the old system; its key where no definition knows it any more."""
    portal = registry.with_old_accounts().get(unlinking.legacy.source)
    return str(portal.legacy.name) if portal and portal.legacy else unlinking.legacy.source
