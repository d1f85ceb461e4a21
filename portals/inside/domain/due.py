"""What somebody has to do, and what is new to them: every noun says it by a source, and one statement asks all of them
(S3-05, S4-16).

An app registers its sources when it is ready. A source names the rows that it needs, which cost the page nothing more
than a part of the one statement, and then says in words what they mean. Nothing is kept: an item is gone when what is
behind it changed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Expression, F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.models import Account
from identity.policy import zones
from portals.spec import PortalSpec
from rbac.models.memberships import MembershipQuerySet

type Column = str | Expression  # the name of one, or what is computed of several


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody before the first screen of a portal."""

    portal: PortalSpec
    account: Account
    memberships: MembershipQuerySet  # those that count behind the grant
    capabilities: frozenset[str]  # what the portal opens to them
    since: datetime | None  # the sign-in before this one; None: this is the first, and nothing can be new
    now: datetime

    @property
    def today(self) -> date:
        """Which day it is where the portal's people live."""
        return self.day_of(self.now)

    def opens(self, page: str) -> bool:
        """Whether the portal has this page of ours, and it is open to the person (C26)."""
        return self.portal.opens(page, self.capabilities)

    def day_of(self, moment: datetime) -> date:
        """The day of a moment there."""
        return zones.today(self.portal.realm, now=moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing to do, whole in a sentence, with one button whose words say what happens. `day` is the one by which it
    is to be done, or, where it only waits, the one since when it does."""

    text: str
    day: date
    address: str
    button: str
    waits: bool = False

    def is_late(self, today: date) -> bool:
        """Whether its day has passed."""
        return not self.waits and self.day < today

    def when(self, today: date) -> str:
        """Its day in words, in the language of the page."""
        day = date_format(self.day, "DATE_FORMAT")
        if self.waits:
            return _("since %(day)s") % {"day": day}
        if self.day < today:
            return _("was due on %(day)s") % {"day": day}
        if self.day == today:
            return _("today")
        days = (self.day - today).days
        told = {"days": days, "day": day}
        return ngettext("tomorrow, %(day)s", "in %(days)s days, on %(day)s", days) % told


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """Something that came since the sign-in before this one. `address` leads to it; nothing has to be done."""

    text: str
    day: date
    address: str


class Row(NamedTuple):
    """What the statement answers of one row of a source."""

    key: str
    name: str
    at: datetime
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows that a source asks for: of `found`, which is neither ordered nor sliced, and may be grouped by `values`.
    Few: of what may be a thousand a source asks for the number."""

    found: QuerySet[Any, Any]
    at: str  # the column of a moment
    key: Column | None = None
    name: Column | None = None
    number: Column | None = None  # 1 where nothing is said

    def numbered(self, source: int) -> QuerySet[Any, Any]:
        """The same as a part of the statement, with the number of their source."""
        return (
            self.found.order_by()
            .annotate(
                row_source=Value(source, IntegerField()),
                row_key=Cast(_column(self.key, ""), TextField()),
                row_name=Cast(_column(self.name, ""), TextField()),
                row_at=F(self.at),
                row_number=Cast(_column(self.number, 1), IntegerField()),
            )
            .values_list("row_source", "row_key", "row_name", "row_at", "row_number")
        )


type Asks = Callable[[Visit], Rows | None]  # None: nothing can be there for this visit
type Says = Callable[[Visit, list[Row]], Iterable[Due | New]]


class _Source(NamedTuple):
    says: Says
    asks: Asks | None


_sources: list[_Source] = []


def register(says: Says, *, asks: Asks | None = None) -> None:
    """Take a source in: `asks` names the rows of a visit, `says` makes items of them. A source that needs no more than
    the visit itself asks for nothing, and is given no rows. Where several rows are the same thing, it says one item
    with their number. Neither of the two asks the database."""
    _sources.append(_Source(says, asks))


def of(visit: Visit) -> tuple[list[Due], list[New]]:
    """What the person has to do, by day and what is late first; and what is new, newest first. One question to the
    database, however many sources there are."""
    found = _answers(visit)
    said = [item for number, source in enumerate(_sources) for item in source.says(visit, found[number])]
    due = sorted((item for item in said if isinstance(item, Due)), key=lambda item: (item.day, item.text))
    new = sorted((item for item in said if isinstance(item, New)), key=lambda item: item.day, reverse=True)
    return due, new


def _answers(visit: Visit) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    asked = [
        rows.numbered(number)
        for number, source in enumerate(_sources)
        if source.asks is not None and (rows := source.asks(visit)) is not None
    ]
    if asked:
        for number, *columns in asked[0].union(*asked[1:], all=True):
            found[number].append(Row(*columns))
    return found


def _column(column: Column | None, otherwise: str | int) -> Expression | F:
    if column is None:
        return Value(otherwise)
    return F(column) if isinstance(column, str) else column
