"""What every model of the admin site stands on: whose rows a member of staff sees, which filters an address may name,
how people and rows are found."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.models import Account
from identity.policy import text
from identity.record import journal, search
from identity.tenancy import Scope, tenancy

MAX_LENGTH_OF_KEY = 64  # characters of a primary key: a UUID has 36
SHOWN = 200  # entries of a history
# What a date hierarchy adds to an address. A four-digit year leaves room for the day after its last one.
_OF_A_DATE = {"year": range(1, 9999), "month": range(1, 13), "day": range(1, 32)}


def scope_of(request: HttpRequest) -> Scope:
    """Whom the member of staff sees (D-28), asked once a request."""
    known: Scope | None = getattr(request, "staff_scope", None)
    if known is None:
        known = tenancy().scope_of(cast(Account, request.user))
        request.staff_scope = known  # type: ignore[attr-defined]
    return known


class PersonSearchAdmin(admin.ModelAdmin):
    """Rows about people, found by what a caller says: names in any order, an ID, an address, a phone, a tax ID.

    `people` are the paths to accounts. Without any, Django's own `search_fields` hold.
    `realm_path` and `portal_path` say where a row belongs (D-28): staff see the rows of their realms and portals,
    operators all. Lists, pages of one row, counters, filters and actions all begin with `get_queryset`, so what is not
    theirs answers as if it did not exist. A page of the installation, which its right alone opens, says so; so does one
    for whoever answers for a portal, whatever else they see.
    `when_empty` says on a list without a row what stands there and what to do next.
    """

    people: tuple[str, ...] = ()
    realm_path = ""
    portal_path = ""
    when_empty: Any = ""
    is_of_installation = False
    is_for_deciders = False
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # a count of every choice reads the whole table

    # --- whose rows these are -------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows that this member of staff may know of."""
        return self.within(super().get_queryset(request), scope_of(request))

    def within(self, rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
        """Those of a scope; none of a model that does not say where its rows belong."""
        if self.is_for_deciders:
            return rows.filter(**{f"{self.portal_path}__in": sorted(scope.portals)})
        if scope.is_all or self.is_of_installation:
            return rows
        if not (self.realm_path or self.portal_path):
            return rows.none()
        paths = {self.realm_path: scope.realms, self.portal_path: scope.portals}
        return rows.filter(**{f"{path}__in": sorted(keys) for path, keys in paths.items() if path})

    # --- what an address may ask for ------------------------------------------------------------------------------
    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the declared filters and the date hierarchy themselves put into an address; 400 for all else.

        Django lets every column of the model be asked for, and a yes or no for each beginning spells out a hash.
        """
        if not value.isprintable():
            return False
        name, _sep, part = lookup.rpartition("__")
        if self.date_hierarchy and name == self.date_hierarchy and part in _OF_A_DATE:
            return value.isascii() and value.isdecimal() and len(value) <= 4 and int(value) in _OF_A_DATE[part]
        return lookup in self._of_filters(request)

    def _of_filters(self, request: HttpRequest) -> set[str]:
        names: set[str] = set()
        for declared in self.get_list_filter(request):
            if isinstance(declared, type):
                names.add(declared.parameter_name)  # type: ignore[attr-defined]
                continue
            path, kind = declared if isinstance(declared, tuple | list) else (declared, admin.FieldListFilter.create)
            field = get_fields_from_path(self.model, str(path))[-1]
            make = cast("Callable[..., Any]", kind)
            names.update(make(field, request, {}, self.model, self, field_path=str(path)).expected_parameters())
        return names

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Rows are named by their primary key only."""
        return bool(self.opts.pk) and to_field == self.opts.pk.name

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Django's, where a moment or number beyond what the database can hold is a bad request, not a failure."""
        try:
            return super().changelist_view(request, extra_context)
        except OverflowError as error:
            raise DisallowedModelAdminLookup("A number or moment out of range") from error

    # --- one row --------------------------------------------------------------------------------------------------
    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row, or None: also for what no key looks like (other scripts' digits, NUL, thousands of digits)."""
        if not (object_id.isascii() and object_id.isprintable() and len(object_id) <= MAX_LENGTH_OF_KEY):
            return None
        return super().get_object(request, object_id, from_field)

    def found_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """The row of a page of our own. Raises Http404, alike for a missing row and for whoever may not see it."""
        found = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if found is None:
            raise Http404
        return found

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What the journal says of this row: Django's own log knows nothing of our pages."""
        found = self.found_or_404(request, object_id)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("History: %(name)s") % {"name": found},
            "opts": self.opts,
            "found": found,
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=found)[:SHOWN]],
        }
        return render(request, "admin/history.html", shown)

    # --- search ---------------------------------------------------------------------------------------------------
    def get_search_fields(self, request: HttpRequest) -> Any:
        """Where there are any, the list has a search box."""
        return self.people or super().get_search_fields(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows of the people found, and rows that `also_found` names. Each part is looked up by an index: one union of
        keys, for an OR across tables would read them all."""
        typed = text.line(search_term)
        if not self.people:
            return super().get_search_results(request, queryset, typed)
        if not typed:
            return queryset, False
        people = self.people_found(request, typed)
        rows = self.model._base_manager.order_by()
        found = [rows.filter(**{f"{path}__in": people}) for path in self.people]
        found += [rows.filter(one) for one in self.also_found(typed)]
        keys = [one.values("pk") for one in found]
        return queryset.filter(pk__in=keys[0].union(*keys[1:]) if len(keys) > 1 else keys[0]), False

    def people_found(self, request: HttpRequest, typed: str) -> list[int]:
        """The keys of the people whom a query names, among those whom the reader sees; the page says where these are
        not all."""
        scope = scope_of(request)
        found = search.accounts(typed, realms=None if scope.is_all else scope.realms)
        request.is_search_cut = len(found) > search.MOST_FOUND  # type: ignore[attr-defined]
        return found[: search.MOST_FOUND]

    def also_found(self, typed: str) -> Iterable[Q]:
        """What else the words may name: a number on the row itself."""
        return ()


class ReadOnlyAdmin(PersonSearchAdmin):
    """Rows that nobody adds, changes or deletes by hand."""

    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PersonFilter(admin.SimpleListFilter):
    """The rows of one account, from a link of its page; shown, to be taken off, only while it is on."""

    title = gettext_lazy("person")
    parameter_name = "person"
    person: Account | None = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        if (typed := self.value()) is None:
            return []
        self.person = _account_of(typed, scope_of(request))
        return [(typed, self.person or _("unknown"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(account=self.person) if self.person else queryset.none()


def _account_of(typed: str, scope: Scope) -> Account | None:
    """The account of a key, if this member of staff sees it."""
    is_key = typed.isascii() and typed.isdecimal() and len(typed) <= MAX_LENGTH_OF_KEY
    found = Account.objects.filter(pk=typed).first() if is_key else None
    return found if found and scope.covers(found) else None


def day(name: str, label: Any) -> Callable[[Any], str]:
    """A column with the day of a moment: the time stands on the row's own page."""

    @admin.display(description=label, ordering=name)
    def column(row: Model) -> str:
        moment = getattr(row, name)
        return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT") if moment else "–"

    return column
