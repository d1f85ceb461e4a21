"""Help-desk resets of sign-in methods: started after a call back, confirmed by a second agent, watched (S4-37)."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.accounts import staff_rights
from identity.admin import refusals
from identity.admin.base import PersonFilter, ReadOnlyAdmin
from identity.factors import phones
from identity.models import Account, FactorReset
from identity.policy import lifecycle
from identity.record import journal, machine
from identity.recovery import factor_resets

State = FactorReset.State


@admin.register(FactorReset)
class FactorResetAdmin(ReadOnlyAdmin):
    """What is under way comes first; a row opens the desk of one reset."""

    when_empty = gettext_lazy(
        "No reset was begun. Begin one on the account of the person who called: search for it under “Accounts”."
    )
    list_display = ("account", "state", "started_by", "started_at", "confirmed_by", "confirmed_at")
    list_filter = ("state", PersonFilter)
    list_select_related = ("account", "started_by", "confirmed_by")
    people = ("account",)
    realm_path = "account__realm"
    search_help_text = gettext_lazy("Name, ID, email address, phone, practice, tax ID or old username")
    ordering = ("-started_at",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_authenticated and request.user.has_perm(factor_resets.PERMISSION)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One reset: who began it and why, its history, and the steps that are possible now."""
        reset: FactorReset = self.found_or_404(request, object_id)
        reason = request.POST.get("reason", "").replace("\0", "")
        problem = _step(request, reset, reason) if request.method == "POST" else ""
        if request.method == "POST" and not problem:
            return redirect("admin:identity_factorreset_change", reset.pk)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Reset of sign-in methods: %(name)s") % {"name": reset.account.login_name},
            "opts": self.opts,
            "reset": reset,
            "due_at": reset.due_at if reset.state == State.CONFIRMED else None,
            "may_confirm": reset.state == State.STARTED and reset.started_by_id != request.user.pk,
            "may_cancel": reset.state in factor_resets.OPEN,
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=reset)],
            "reason": reason,
            "problem": problem,
        }
        return render(request, "admin/identity/factorreset/desk.html", shown, status=422 if problem else 200)


def start_page(site: Any, request: HttpRequest, found: QuerySet[Account]) -> HttpResponse:
    """The page that an account's page leads to: call back, say why, start. A second agent has to confirm."""
    if not request.user.has_perm(factor_resets.PERMISSION):
        raise PermissionDenied
    account = get_object_or_404(found)
    reason = request.POST.get("reason", "").replace("\0", "")
    open_one = factor_resets.for_account(account)
    if open_one is not None:
        messages.info(request, _("A reset of this account is under way already."))
        return redirect("admin:identity_factorreset_change", open_one.pk)
    problem = _start(request, account, reason) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return redirect("admin:identity_factorreset_changelist")
    shown = {
        **site.each_context(request),
        "title": _("Reset sign-in methods"),
        "opts": FactorReset._meta,
        "account": account,
        "phone": phones.proved(account),
        "reason": reason,
        "called": "called" in request.POST,
        "problem": problem,
    }
    return render(request, "admin/identity/factorreset/start.html", shown, status=422 if problem else 200)


def _start(request: HttpRequest, account: Account, reason: str) -> str:
    """Do it and say so; or say what is in the way, for the form."""
    if "called" not in request.POST:
        return _("Call the person back first, then tick the box.")
    try:
        factor_resets.start(account=account, reason=reason, by=cast(Account, request.user), now=timezone.now())
    except factor_resets.NothingToReset:
        return _("This account has no sign-in method beside its password: there is nothing to reset.")
    except factor_resets.StaffAccount:
        return _("This is a member of staff: an operator invites them anew.")
    except factor_resets.OpenAlready:
        return _("A reset of this account is under way already.")
    except (machine.ReasonMissing, staff_rights.MayNotHandle) as refused:
        return refusals.words_of(refused, refusals.HANDLING)
    messages.success(request, _("Started. A colleague has to confirm it; nothing happens before."))
    return ""


def _step(request: HttpRequest, reset: FactorReset, reason: str) -> str:
    """Confirm or cancel; or say what is in the way."""
    confirming = request.POST.get("step") == "confirm"
    act = factor_resets.confirm if confirming else factor_resets.cancel
    try:
        act(reset=reset, reason=reason, by=cast(Account, request.user), now=timezone.now())
    except machine.SamePerson:
        return _("You started this reset. A colleague has to confirm it.")
    except machine.NotPossible:
        messages.error(request, _("Nothing was changed: the reset is no longer in this state."))
    except (machine.ReasonMissing, staff_rights.MayNotHandle) as refused:
        return refusals.words_of(refused, refusals.HANDLING)
    else:
        done = _("Confirmed. The person is told on every channel and can stop it for %(time)s.") % {
            "time": lifecycle.humanize_duration(lifecycle.after("factor_reset"))
        }
        messages.success(request, done if confirming else _("Cancelled."))
    return ""
