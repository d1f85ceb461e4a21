"""What somebody's access opens, on any day, and why: the answers of the grid of that day for the rows of that day."""

from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from portals import registry
from portals.entry import rights
from rbac.domain import reasons
from rbac.models import AccessGrant


def page(of: Any, request: HttpRequest, grant: AccessGrant) -> HttpResponse:
    """Each capability with its answer and each membership's part in it. `of` is the admin of the list."""
    now = timezone.now()
    typed = request.GET.get("day", "")
    day = _day(typed)
    at = now if day is None else min(now, _evening(day))
    portal = registry.get(grant.portal_key)
    told = reasons.explain_all(rights.offered(portal), account=grant.account, portal_key=portal.key, at=at)
    shown = {
        **of.admin_site.each_context(request),
        "title": _("What %(name)s may open in %(portal)s") % {"name": grant.account, "portal": portal.name},
        "opts": of.opts,
        "grant": grant,
        "portal": portal,
        "at": at,
        "is_now": at == now,
        "typed": typed[:10] if day else "",
        "problem": _("Enter a day as year, month, day.") if typed and day is None else "",
        "told": told,
        "version": told[0].version if told else None,
    }
    return render(request, "admin/rbac/accessgrant/opened.html", shown, status=422 if shown["problem"] else 200)


def _day(typed: str) -> date | None:
    try:
        return parse_date(typed)
    except ValueError:
        return None


def _evening(day: date) -> datetime:
    """The end of a day, so that what was changed on it counts."""
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))
