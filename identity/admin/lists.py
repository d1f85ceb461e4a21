"""Lists of a million rows: pages by key instead of by number, no counting, choices that read no table.

The next page is "after this row", read by an index on one column and the key: as fast as the first, and no row is seen
twice or missed because others came or went meanwhile.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import DateTimeField, F, Max, Min, Model, QuerySet, Subquery
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import HttpRequest

from identity.admin.base import PersonSearchAdmin

AFTER, BEFORE = "after", "before"
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)  # period: transport
_LARGEST = 2**63 - 1  # of a key


class KeysetList(ChangeList):
    """Django's list with its search, filters, dates and actions, in pages that begin after or before a row."""

    is_capped = False
    next_page = previous_page = ""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """The declared column, either way round, then the key."""
        declared = cast("KeysetAdmin", self.model_admin).followed
        column = declared.removeprefix("-")
        asked = (super().get_ordering(request, queryset) or (declared,))[0]
        first = str(asked) if asked in (column, f"-{column}") else declared
        return [first] if column == "pk" else [first, "-pk" if first.startswith("-") else "pk"]

    def get_results(self, request: HttpRequest) -> None:
        """One page and whether there is another; one row more than it shows is read."""
        way, row = self._cursor(request.GET.get(PAGE_VAR, ""))
        found = self._read(way, row)
        if row and (not found or (way == BEFORE and len(found) <= self.list_per_page)):
            way, row = AFTER, ()  # the beginning, or a place where nothing is left
            found = self._read(way, row)
        is_more = len(found) > self.list_per_page
        self.result_list = found[: self.list_per_page]
        if way == BEFORE:
            self.result_list.reverse()
        if is_more or way == BEFORE:
            self.next_page = self._link(AFTER, self.result_list[-1])
        if row and (is_more or way == AFTER):
            self.previous_page = self._link(BEFORE, self.result_list[0])
        self._tell(is_more=is_more or bool(row))

    def _tell(self, *, is_more: bool) -> None:
        """How many there are, where one page holds them all: a count reads every row that it counts. And what else
        Django's templates ask."""
        self.is_capped = is_more
        self.result_count = self.list_per_page if is_more else len(self.result_list)
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False

    def _read(self, way: str, row: tuple[Any, ...]) -> list[Any]:
        rows = self.queryset if way == AFTER else self.queryset.reverse()
        if row:
            columns = Tuple(*(F(name) for name in self._columns))
            falls = self._falls == (way == AFTER)
            rows = rows.filter(TupleLessThan(columns, row) if falls else TupleGreaterThan(columns, row))
        if self.date_hierarchy:
            rows = rows.annotate(
                first_moment=self._end(self.date_hierarchy), last_moment=self._end(f"-{self.date_hierarchy}")
            )
        return list(rows[: self.list_per_page + 1])

    # --- the dates that the list can be narrowed to -----------------------------------------------------------------
    def _end(self, order: str) -> Subquery:
        moments = self.model._base_manager.order_by(order).values(order.removeprefix("-"))
        return Subquery(moments[:1])

    def ends(self) -> tuple[datetime, datetime] | None:
        """The moments of the table's first row and of its last one, whatever is shown: read with the page, where it
        shows anything. None of an empty table."""
        if self.result_list:
            return self.result_list[0].first_moment, self.result_list[0].last_moment
        column = str(self.date_hierarchy)
        found = self.model._base_manager.aggregate(first=Min(column), last=Max(column))
        return (found["first"], found["last"]) if found["first"] else None

    # --- the row in an address: its key, and microseconds of a moment ---------------------------------------------
    @property
    def _columns(self) -> list[str]:
        return [name.removeprefix("-") for name in self.queryset.query.order_by]

    @property
    def _falls(self) -> bool:
        return self.queryset.query.order_by[0].startswith("-")

    def _link(self, way: str, row: Model) -> str:
        values = [getattr(row, name) for name in self._columns]
        words = [str((one - _EPOCH) // _MICROSECOND) if isinstance(one, datetime) else str(one) for one in values]
        return self.get_query_string({PAGE_VAR: ".".join([way, *words])})

    def _cursor(self, typed: str) -> tuple[str, tuple[Any, ...]]:
        """Which way and from which row; the first page for what no link of ours says."""
        way, *words = typed.split(".")
        is_ours = way in (AFTER, BEFORE) and len(words) == len(self._columns)
        if not is_ours or not all(word.isascii() and word.isdecimal() and len(word) < 20 for word in words):
            return AFTER, ()
        try:
            return way, tuple(self._value(*one) for one in zip(self._columns, map(int, words), strict=True))
        except OverflowError:
            return AFTER, ()

    def _value(self, column: str, number: int) -> Any:
        field = self.lookup_opts.pk if column == "pk" else self.lookup_opts.get_field(column)
        if isinstance(field, DateTimeField):
            return _EPOCH + number * _MICROSECOND
        if number > _LARGEST:
            raise OverflowError
        return number


class DataFilter(admin.SimpleListFilter):
    """The rows with one value of a column, `parameter_name`. Its choices are declared: Django's read the table."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class KeysetAdmin(PersonSearchAdmin):
    """A list that may hold a million rows. `ordering` names one column that is never empty and has an index with the
    key; a column of the list that shows it can be turned round, no other sorts. Filters name choices, never a table's
    values."""

    list_max_show_all = 0

    @property
    def followed(self) -> str:
        """The column that the pages follow, with its sign."""
        assert self.ordering
        return str(self.ordering[0])

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetList

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        """The column that the pages follow."""
        column = self.followed.removeprefix("-")
        shown = self.get_list_display(request)
        return [one for one in shown if column in (one, getattr(one, "admin_order_field", None))]
