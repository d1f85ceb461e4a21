"""News & Alerts behind a portal's door: the list, an item, "I have read this", how a practice stands (S2-27, S3-03)."""

from collections.abc import Iterator

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portals.entry.admission import PortalRequest
from portals.entry.portal_page import layout, portal_page
from portals.inside.domain import markdown, news, news_items, news_reports
from portals.inside.views.answering import practice_or_404, practices
from portals.legacy import reports
from portals.models import NewsItem
from portals.models.news import NewsItemQuerySet
from rbac.models import Practice
from rbac.models.memberships import MembershipQuerySet

ON_A_PAGE = 25
MOST_REPORTED = 100  # regulatory items of a practice on one page; nobody publishes as many in a year
COLUMNS = ("first_name", "last_name", "email", "role", "market", "opened", "confirmed")


@portal_page(methods="read", capability=news_items.CAPABILITY)
def news_list(request: PortalRequest) -> HttpResponse:
    """What is for the reader, newest first; with `?show=unconfirmed` what they still have to confirm."""
    rows, now = _shown(request), timezone.now()
    unconfirmed = news.unconfirmed(rows)
    is_waiting = request.GET.get("show") == "unconfirmed"
    page = Paginator(unconfirmed if is_waiting else rows, ON_A_PAGE).get_page(request.GET.get("page"))
    seen = news_reports.seen_by_colleagues(page.object_list, request.user, memberships=request.memberships, now=now)
    return _show(
        request,
        "list",
        page=page,
        listed=[(item, seen.get(item.pk, 0)) for item in page],
        waiting=page.paginator.count if is_waiting else unconfirmed.count(),
        is_waiting=is_waiting,
        practices=practices(request),
    )


@portal_page(methods="read", capability=news_items.CAPABILITY)
def news_item(request: PortalRequest, pk: int) -> HttpResponse:
    """An item; to open it is to have seen it, and confirms nothing."""
    item, now = get_object_or_404(_shown(request), pk=pk), timezone.now()
    if request.method == "GET" and item.seen_at is None:  # type: ignore[attr-defined]
        news.see(item=item, by=request.user, now=now)
    answered = {one.pk for one in practices(request)}
    standings = news_reports.standings(item, portal=request.portal, memberships=request.memberships, now=now)
    return _show(
        request,
        "item",
        item=item,
        text=markdown.html(item.text),
        standings=[(one, one.practice_id in answered) for one in standings],
    )


@portal_page(methods="button", capability=news_items.CAPABILITY)
def acknowledge(request: PortalRequest, pk: int) -> HttpResponse:
    """ "I have read this": twice is once."""
    item = get_object_or_404(_shown(request), pk=pk)
    try:
        news.acknowledge(item=item, by=request.user, now=timezone.now())
    except news.NotRegulatory:
        raise Http404 from None
    messages.success(request, _("Thank you. We have noted that you have read this."))
    return redirect("portal_news_item", request.portal.key, item.pk)


@portal_page(methods="read", capability=news_items.CAPABILITY)
def practice_news(request: PortalRequest, practice: int) -> HttpResponse:
    """How a practice stands with all regulatory items, for whoever answers for its people."""
    office, now = practice_or_404(request, practice), timezone.now()
    items = news_reports.regulatory_of(office, portal=request.portal, now=now, most=MOST_REPORTED)
    return _show(request, "practice", practice=office, listed=items)


@portal_page(methods="read", capability=news_items.CAPABILITY)
def report(request: PortalRequest, practice: int, pk: int) -> HttpResponse:
    """Who of a practice has not confirmed an item."""
    office, item, rows = _reported(request, practice, pk)
    missing = news_reports.missing(rows)
    page = Paginator(missing, ON_A_PAGE).get_page(request.GET.get("page"))
    total = rows.count()
    return _show(
        request,
        "report",
        practice=office,
        item=item,
        text=markdown.html(item.text),
        page=page,
        total=total,
        confirmed=total - page.paginator.count,
        can_remind=missing.exclude(grant__account=request.user).exists(),
    )


@portal_page(methods="read", capability=news_items.CAPABILITY)
def export(request: PortalRequest, practice: int, pk: int) -> HttpResponse:
    """The same people as a list; its cells are never formulas (policy: Always)."""
    _office, item, rows = _reported(request, practice, pk)
    table = reports.table(COLUMNS, _lines(rows))
    headers = {"Content-Disposition": f'attachment; filename="news-{item.pk}.csv"'}
    return HttpResponse("".join(table), content_type="text/csv; charset=utf-8", headers=headers)


@portal_page(methods="button", capability=news_items.CAPABILITY)
def remind(request: PortalRequest, practice: int, pk: int) -> HttpResponse:
    """Mail everybody of a practice who has not confirmed an item."""
    office, item, _rows = _reported(request, practice, pk)
    now = timezone.now()
    try:
        count = news_reports.remind(item=item, portal=request.portal, practice=office, by=request.user, now=now)
    except news_reports.RemindedAlready:
        messages.warning(request, _("They were reminded a short while ago. Nobody was written to now."))
    else:
        said = ngettext("%(count)s person is reminded by email.", "%(count)s people are reminded by email.", count)
        messages.success(request, said % {"count": count} if count else _("Nobody is left to remind."))
    return redirect("portal_news_report", request.portal.key, office.pk, item.pk)


def _show(request: PortalRequest, template: str, **context: object) -> HttpResponse:
    shown = {"portal": request.portal, "layout": layout(request.portal, is_inside=True), **context}
    return render(request, f"portals/news/{template}.html", shown)


def _shown(request: PortalRequest) -> NewsItemQuerySet:
    return news.shown_to(request.user, portal=request.portal, memberships=request.memberships, now=timezone.now())


def _reported(request: PortalRequest, practice: int, pk: int) -> tuple[Practice, NewsItem, MembershipQuerySet]:
    """A regulatory item that is for somebody of the practice, whether it is for the reader or not."""
    office, now = practice_or_404(request, practice), timezone.now()
    regulatory = NewsItem.objects.in_portal(request.portal.key).shown_at(now).filter(is_regulatory=True)
    item = get_object_or_404(regulatory, pk=pk)
    rows = news_reports.people(item, portal=request.portal, practice=office, now=now)
    if not rows.exists():
        raise Http404
    return office, item, rows


def _lines(rows: MembershipQuerySet) -> Iterator[list[object]]:
    for row in rows:
        days = [f"{timezone.localtime(at):%Y-%m-%d}" if at else "" for at in (row.seen_at, row.acknowledged_at)]  # type: ignore[attr-defined]
        yield [*row.person_names, row.person_email, row.role_label, row.market_label, *days]
