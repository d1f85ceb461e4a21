"""Records to look at: accounts and the journal; messages that were given up, to send again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.domain import merges, outbox
from identity.models import Account, JournalEntry, OutboxMessage


class ToLookAt(admin.ModelAdmin):
    """Rows that nobody adds, changes or deletes by hand."""

    show_full_result_count = False
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
    search_help_text = gettext_lazy("One Healthcare ID (ohid:name), email address or last name")
    fields = (
        "login_name", "realm", "first_name", "last_name", "email", "language", "is_active", "is_staff",
        "date_joined", "last_login", "groups", "merged_into", "possible_duplicates",
    )  # fmt: skip
    readonly_fields = ("possible_duplicates",)
    ordering = ("-pk",)

    @admin.display(description=gettext_lazy("Possible duplicates"))
    def possible_duplicates(self, account: Account) -> str:
        """Same name and year of birth, or a verified address in common: a hint, never a match (D-17)."""
        rows = [
            (reverse("admin:identity_account_change", args=[one.pk]), one.login_name, one.get_full_name())
            for one in merges.duplicates_of(account)
        ]
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a> {}', rows) or _("None")


@admin.register(JournalEntry)
class JournalAdmin(ToLookAt):
    list_display = ("at", "kind", "account", "by", "object_kind", "object_id")
    list_filter = ("kind",)
    list_select_related = ("account", "by")
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
