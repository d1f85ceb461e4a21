"""What the first screen says of news: regulatory items to confirm, and what is new since the last sign-in (S3-03)."""

from collections.abc import Iterable

from django.db.models import Count, Max, Min
from django.urls import reverse
from django.utils.translation import get_language, ngettext

from portals.inside.domain import due, news, news_items
from portals.inside.domain.due import Due, New, Row, Rows, Visit
from portals.models.news import NewsItemQuerySet


def unconfirmed(visit: Visit) -> Rows | None:
    """The regulatory items that the reader has not confirmed, since the oldest."""
    found = _shown(visit)
    return None if found is None else _together(news.unconfirmed(found), at=Min("since"))


def confirm_them(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item: it leads to the news item, or where there are several to their list."""
    for row in rows:
        told = {"title": row.name, "count": row.number}
        text = ngettext(
            "Please read and confirm: %(title)s", "Please read and confirm %(count)s regulatory items.", row.number
        )
        yield Due(
            text=text % told,
            day=visit.day_of(row.at),
            waits=True,
            address=_address(visit, row, several="?show=unconfirmed"),
            button=ngettext("Read it", "Read them", row.number),
        )


def unseen(visit: Visit) -> Rows | None:
    """What came since the last sign-in and the reader has not opened; what is to be confirmed is said above."""
    found = _shown(visit)
    if found is None or visit.since is None:
        return None
    return _together(news.unseen(found).filter(is_regulatory=False, since__gt=visit.since), at=Max("since"))


def look_at_them(visit: Visit, rows: list[Row]) -> Iterable[New]:
    """One item, as above."""
    for row in rows:
        told = {"title": row.name, "count": row.number}
        text = ngettext("News: %(title)s", "%(count)s new items in News & Alerts", row.number) % told
        yield New(text=text, day=visit.day_of(row.at), address=_address(visit, row))


def _shown(visit: Visit) -> NewsItemQuerySet | None:
    if not visit.opens(news_items.PAGE):
        return None
    return news.shown_to(visit.account, portal=visit.portal, memberships=visit.memberships, now=visit.now)


def _together(found: NewsItemQuerySet, *, at: Min | Max) -> Rows:
    """One row with their number: where it is one, with its key and its title in the reader's language."""
    title = "title_es" if (get_language() or "").startswith("es") else "title_en"
    grouped = found.order_by().values("portal_key")
    return Rows(
        found=grouped.annotate(row_day=at, first=Min("pk"), heading=Min(title), many=Count("pk")),
        at="row_day", key="first", name="heading", number="many",
    )  # fmt: skip


def _address(visit: Visit, row: Row, *, several: str = "") -> str:
    if row.number == 1:
        return reverse("portal_news_item", args=[visit.portal.key, row.key])
    return reverse("portal_news", args=[visit.portal.key]) + several


due.register(confirm_them, asks=unconfirmed)
due.register(look_at_them, asks=unseen)
