"""identity in the admin site: accounts to look at and close, the journal, messages that were given up to send again."""

from functools import reduce
from operator import or_
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.domain import accounts, merges, outbox, staff_rights
from identity.models import Account, JournalEntry, OutboxMessage, Signature
from identity.realms import REALMS, login_key

CLOSE = "identity.close_account"
RESET = "identity.reset_methods"


class FindsById(admin.ModelAdmin):
    """People are found by their ID as they say it."""

    ids: tuple[str, ...] = ()  # the paths to `login_key`
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """An ID is found by its beginning, in each realm, without the realm before it."""
        found, doubled = super().get_search_results(request, queryset, search_term.strip())
        if search_term.strip() and self.ids:
            keys = [login_key(realm, search_term) for realm in REALMS]
            named = reduce(or_, (Q(**{f"{path}__startswith": key}) for path in self.ids for key in keys))
            found |= queryset.filter(named)
        return found, doubled


class ToLookAt(FindsById):
    """Rows that nobody adds, changes or deletes by hand."""

    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Account)
class AccountAdmin(ToLookAt):
    list_display = ("login_name", "first_name", "last_name", "email", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff")
    search_fields = ("login_key__startswith", "=email", "last_name__istartswith")
    ids = ("login_key",)
    search_help_text = gettext_lazy("ID, email address or last name")
    fields = (
        "login_name", "realm", "first_name", "last_name", "email", "language", "is_active", "is_staff",
        "date_joined", "last_login", "groups", "merged_into", "possible_duplicates",
    )  # fmt: skip
    readonly_fields = ("possible_duplicates",)
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.close_or_reopen)
        resets = self.admin_site.admin_view(self.reset_methods)
        return [
            path("<int:pk>/close/", view, {"closing": True}, name="identity_account_close"),
            path("<int:pk>/reset-methods/", resets, name="identity_account_reset"),
            path("<int:pk>/reopen/", view, {"closing": False}, name="identity_account_reopen"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("Possible duplicates"))
    def possible_duplicates(self, account: Account) -> str:
        """Same name and year of birth, or a verified address in common: a hint, never a match (D-17)."""
        rows = [
            (reverse("admin:identity_account_change", args=[one.pk]), one.login_name, one.get_full_name())
            for one in merges.duplicates_of(account)
        ]
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a> {}', rows) or _("None")

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Offer closing or reopening to whom it is possible."""
        account = context["original"]
        context["may_close"] = request.user.has_perm(CLOSE) and staff_rights.can_handle(
            agent=cast(Account, request.user), account=account
        )
        context["may_reset"] = request.user.has_perm(RESET) and staff_rights.can_handle(
            agent=cast(Account, request.user), account=account
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def reset_methods(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page that starts a reset of sign-in methods."""
        from identity.admin.resets import start_page

        return start_page(self.admin_site, request, pk)

    def close_or_reopen(self, request: HttpRequest, pk: int, closing: bool) -> HttpResponse:
        """The page that asks why; its button closes the account, or opens it again."""
        if not request.user.has_perm(CLOSE):
            raise PermissionDenied
        account = get_object_or_404(self.get_queryset(request), pk=pk)
        reason = request.POST.get("reason", "").replace("\0", "")
        problem = _close_or_reopen(request, account, closing, reason) if request.method == "POST" else ""
        if request.method == "POST" and not problem:
            return redirect(_page_of(account))
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Close account") if closing else _("Reopen account"),
            "opts": self.opts,
            "account": account,
            "back": _page_of(account),
            "closing": closing,
            "reason": reason,
            "problem": problem,
        }
        return render(request, "admin/identity/account/close.html", shown, status=422 if problem else 200)


def _close_or_reopen(request: HttpRequest, account: Account, closing: bool, reason: str) -> str:
    """Do it and say so; or say what is in the way, for the form."""
    act = accounts.close if closing else accounts.reopen
    try:
        act(account=account, reason=reason, by=cast(Account, request.user), now=timezone.now())
    except accounts.ReasonMissing:
        return _("Enter a reason: the journal keeps it.")
    except staff_rights.OwnAccount:
        return _("This is your own account. A colleague does this.")
    except staff_rights.MayNotHandle:
        return _("This account has rights that you do not have. Somebody who has them does this.")
    except (accounts.ClosedAlready, accounts.NotClosed):
        messages.error(request, _("Nothing was changed: a colleague was quicker."))
    else:
        done = _("The account is closed.") if closing else _("The account is open again.")
        messages.success(request, done + " " + _("The owner is told by mail."))
    return ""


def _page_of(account: Account) -> str:
    return reverse("admin:identity_account_change", args=[account.pk])


@admin.register(Signature)
class SignatureAdmin(ToLookAt):
    """Who agreed to which version of what, when and how (C18)."""

    list_display = ("at", "account", "agreement", "version", "mode", "typed_name", "language")
    list_filter = ("agreement", "version")
    list_select_related = ("account",)
    ids = ("account__login_key",)
    search_fields = ("account__login_key__startswith",)
    search_help_text = gettext_lazy("ID")
    ordering = ("-at",)


@admin.register(JournalEntry)
class JournalAdmin(ToLookAt):
    list_display = ("at", "kind", "account", "by", "object_kind", "object_id")
    list_filter = ("kind",)
    list_select_related = ("account", "by")
    ids = ("account__login_key",)
    search_fields = ("account__login_key__startswith", "=object_id")
    date_hierarchy = "at"
    ordering = ("-at",)


@admin.register(OutboxMessage)
class OutboxAdmin(ToLookAt):
    """Messages that could not be delivered after the last retry wait here for a person."""

    list_display = ("created_at", "kind", "state", "attempts", "due_at", "problem")
    list_filter = ("state", "kind")
    ordering = ("-created_at",)
    actions = ("send_again",)

    @admin.action(description=gettext_lazy("Send again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        count = outbox.give_again(queryset, now=timezone.now())
        messages.success(request, _("%(count)s messages are sent again.") % {"count": count})
