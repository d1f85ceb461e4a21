"""identity in the admin site: accounts to look at and close, the journal, messages that were given up to send again."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.accounts import staff_rights
from identity.admin import refusals
from identity.admin.base import PersonFilter, ReadOnlyAdmin
from identity.admin.factor_resets import start_page
from identity.admin.lists import DataFilter, KeysetAdmin
from identity.admin.mail_life import MailLife, recipient_of, title_of
from identity.factors import phones, second_factor
from identity.governance import closing
from identity.merging import merges
from identity.models import Account, JournalEntry, OutboxMessage, Signature
from identity.policy.agreements import AGREEMENTS
from identity.record import events, journal, machine, outbox
from identity.tenancy import Scope, tenancy
from identity.views.code_prompt import masked

CLOSE = "identity.close_account"
RESET = "identity.reset_factors"


@admin.register(Account)
class AccountAdmin(KeysetAdmin, ReadOnlyAdmin):
    when_empty = gettext_lazy("Nobody has an account yet. Whoever signs up, or accepts an invitation, stands here.")
    list_display = ("login_name", "first_name", "last_name", "email", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff")
    people = ("pk",)
    realm_path = "realm"
    search_help_text = gettext_lazy("Name, ID, email address, phone, practice, tax ID or old username")
    fields = (
        "login_name", "kind_of_id", "first_name", "last_name", "email", "phone", "methods", "spoken", "is_active",
        "is_staff", "date_joined", "last_sign_in", "groups", "merged_into", "possible_duplicates",
    )  # fmt: skip
    readonly_fields = ("kind_of_id", "possible_duplicates", "phone", "methods", "spoken", "last_sign_in")
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.close_or_reopen)
        resets = self.admin_site.admin_view(self.reset_factors)
        return [
            path("<int:pk>/close/", view, {"is_closing": True}, name="identity_account_close"),
            path("<int:pk>/reset-methods/", resets, name="identity_account_reset"),
            path("<int:pk>/reopen/", view, {"is_closing": False}, name="identity_account_reopen"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("Kind of ID"))
    def kind_of_id(self, account: Account) -> str:
        """The realm, as its people know it."""
        return str(tenancy().tenant_of_realm(account.realm).name)

    @admin.display(description=gettext_lazy("Language"))
    def spoken(self, account: Account) -> str:
        """What our pages and mails speak to the person."""
        return str(dict(settings.LANGUAGES).get(account.language, account.language))

    @admin.display(description=gettext_lazy("Phone"))
    def phone(self, account: Account) -> str:
        """Its last four digits, as everywhere (S4-34)."""
        device = phones.first(account)
        if device is None or device.confirmed:
            return device.masked if device else "–"
        return _("%(number)s, not proved yet") % {"number": device.masked}

    @admin.display(description=gettext_lazy("Sign-in methods"))
    def methods(self, account: Account) -> str:
        """What the account signs in with beside its password."""
        held = second_factor.set_up_by(account)
        return ", ".join(str(one.verbose_name) for one in second_factor.METHODS if one.code in held) or "–"

    @admin.display(description=gettext_lazy("Last sign-in"))
    def last_sign_in(self, account: Account) -> str:
        """As the journal has it: the account's own column moves at most once an hour."""
        entry = journal.history(of=account).filter(kind=events.SignedIn.stored_as).first()
        return date_format(timezone.localtime(entry.at), "DATETIME_FORMAT") if entry else "–"

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
        context["related"] = self._related(request, account)
        return super().render_change_form(request, context, *args, **kwargs)

    def _related(self, request: HttpRequest, account: Account) -> list[tuple[str, str, int]]:
        """The lists of this person's requests, access, tickets and so on that the member of staff may see, with how
        many there are."""
        return [
            (
                capfirst(str(model._meta.verbose_name_plural)),
                f"{reverse(list_of(model))}?person={account.pk}",
                shown.get_queryset(request).filter(account=account).count(),
            )
            for model, shown in self.admin_site._registry.items()
            if PersonFilter in shown.get_list_filter(request) and shown.has_view_permission(request)
        ]

    def reset_factors(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page that starts a reset of sign-in methods."""
        return start_page(self.admin_site, request, self.get_queryset(request).filter(pk=pk))

    def close_or_reopen(self, request: HttpRequest, pk: int, is_closing: bool) -> HttpResponse:
        """The page that asks why; its button closes the account, or opens it again."""
        if not request.user.has_perm(CLOSE):
            raise PermissionDenied
        account = get_object_or_404(self.get_queryset(request), pk=pk)
        reason = request.POST.get("reason", "").replace("\0", "")
        problem = _close_or_reopen(request, account, is_closing, reason) if request.method == "POST" else ""
        if request.method == "POST" and not problem:
            return redirect(_page_of(account))
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Close account") if is_closing else _("Reopen account"),
            "opts": self.opts,
            "account": account,
            "back": _page_of(account),
            "closing": is_closing,
            "reason": reason,
            "problem": problem,
        }
        return render(request, "admin/identity/account/close.html", shown, status=422 if problem else 200)


def _close_or_reopen(request: HttpRequest, account: Account, is_closing: bool, reason: str) -> str:
    """Do it and say so; or say what is in the way, for the form."""
    act = closing.close if is_closing else closing.reopen
    try:
        act(account=account, reason=reason, by=cast(Account, request.user), now=timezone.now())
    except (machine.ReasonMissing, staff_rights.MayNotHandle) as refused:
        return refusals.words_of(refused, refusals.HANDLING)
    except (closing.ClosedAlready, closing.NotClosed):
        messages.error(request, _("Nothing was changed: a colleague was quicker."))
    else:
        done = _("The account is closed.") if is_closing else _("The account is open again.")
        messages.success(request, done + " " + _("The owner is told by mail."))
    return ""


def list_of(model: type[Model]) -> str:
    """The name of a model's list."""
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"


def _page_of(account: Account) -> str:
    return reverse("admin:identity_account_change", args=[account.pk])


class AgreementFilter(DataFilter):
    title = gettext_lazy("agreement")
    parameter_name = "agreement"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(one.key, one.title) for one in AGREEMENTS.values()]


class EventFilter(DataFilter):
    title = gettext_lazy("what")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(((kind, str(event.title) or kind) for kind, event in journal.KINDS.items()), key=itemgetter(1))


class MessageFilter(DataFilter):
    title = gettext_lazy("kind of message")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(((kind, str(one.title)) for kind, one in outbox.KINDS.items()), key=itemgetter(1))


@admin.register(Signature)
class SignatureAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Who agreed to which version of what, when and how (C18)."""

    when_empty = gettext_lazy("Nobody has agreed to anything yet. Each agreement stands here once somebody signs it.")
    list_display = ("at", "account", "agreement", "version", "mode", "typed_name", "language")
    list_filter = (AgreementFilter, PersonFilter)
    list_select_related = ("account",)
    people = ("account",)
    realm_path = "account__realm"
    search_help_text = gettext_lazy("Name, ID, email address, phone, practice, tax ID or old username")
    ordering = ("-pk",)  # as they were signed


@admin.register(JournalEntry)
class JournalAdmin(KeysetAdmin, ReadOnlyAdmin):
    when_empty = gettext_lazy("Nothing happened in this time. Choose another period, or all dates.")
    list_display = ("at", "what", "account", "by", "object_kind", "object_id")
    list_filter = (EventFilter, PersonFilter)
    list_select_related = ("account", "by")
    people = ("account", "by")
    realm_path = "account__realm"
    date_hierarchy = "at"
    ordering = ("-at",)

    @admin.display(description=gettext_lazy("what"))
    def what(self, entry: JournalEntry) -> str:
        """As histories and the filter call it."""
        return journal.title_of(entry)

    def also_found(self, typed: str) -> Iterable[Q]:
        """The key of an object; of which kind, the index wants to know too."""
        kinds = [model._meta.label_lower for model in self.admin_site._registry]
        return [Q(object_kind__in=kinds, object_id=typed)]


_READER = Cast(KT("ids__account_id"), BigIntegerField())


@admin.register(OutboxMessage)
class OutboxAdmin(KeysetAdmin, MailLife):
    """Messages that could not be delivered after the last retry wait here for a person, and mails that bounced."""

    when_empty = gettext_lazy("No message was written yet. Each one stands here, also when it could not be delivered.")
    list_display = ("created_at", "what", "to", "state", "delivery", "attempts", "due_at", "problem")
    list_filter = ("state", "delivery", MessageFilter)
    fields = (
        "what", "recipient", "state", "delivery", "created_at", "due_at", "attempts", "done_at", "problem", "is_bulk",
        "provider_id", "reported_at", "delivered_at", "first_opened_at", "ids",
    )  # fmt: skip
    readonly_fields = ("what", "recipient")
    ordering = ("-pk",)  # as they were written
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        """Each with the name and ID of whose account it goes to: the row keeps its key among its ids."""
        reader = Account.objects.filter(pk=OuterRef("reader")).order_by()
        named = reader.values(told=Concat("first_name", Value(" "), "last_name", Value(" ("), "login_name", Value(")")))
        keyed = super().get_queryset(request).alias(reader=_READER)
        return keyed.annotate(reader_name=Subquery(named))

    def within(self, rows: QuerySet[OutboxMessage], scope: Scope) -> QuerySet[OutboxMessage]:
        """To accounts of the scope's realms."""
        if scope.is_all:
            return rows
        readers = Account.objects.filter(realm__in=sorted(scope.realms)).values("pk")
        return rows.alias(reader=_READER).filter(reader__in=readers)

    @admin.display(description=gettext_lazy("message"))
    def what(self, row: OutboxMessage) -> str:
        """What it is called in words, as in the filter."""
        return title_of(row)

    @admin.display(description=gettext_lazy("to"))
    def to(self, row: Any) -> str:
        """Whose account it goes to. An address without an account stands on the message's own page: to find it out
        costs a question a row."""
        return str(row.reader_name) if row.reader_name else _("an address without an account")

    @admin.display(description=gettext_lazy("to"))
    def recipient(self, row: Any) -> str:
        """Who reads it, and where, without what stands before the @."""
        if row.reader_name:
            return str(row.reader_name)
        found = recipient_of(row)
        return masked(found.address) if found else "–"

    @admin.action(description=gettext_lazy("Send again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        count = outbox.give_again(queryset, by=cast(Account, request.user), now=timezone.now())
        messages.success(request, _("%(count)s messages are sent again.") % {"count": count})
