"""The operators' page on a cut-over: who has linked an old account, as a plot, and a rehearsal of the day."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.policy import lifecycle
from portals import registry
from portals.legacy import cut_over, phases, reports
from portals.legacy.admin.plots import plot_of
from portals.legacy.forms.phases import NAMES
from portals.models import LegacyAccount
from portals.spec import PortalSpec

A_PAGE = 50
GO_IN = {
    cut_over.READY: gettext_lazy("go in with their ID"),
    cut_over.ONE_LAST_TIME: gettext_lazy("log in one last time with the old password, then with an ID"),
    cut_over.BY_MAIL: gettext_lazy("have no password that works, and prove themselves by a mail"),
}
WHY = {
    cut_over.CONFLICT: gettext_lazy("A claim to them was refused, and the service desk has not answered yet"),
    cut_over.NOTHING: gettext_lazy("No password that works and no address: nothing proves who they are"),
    cut_over.SHARED: gettext_lazy("No password that works, and another old account has the same address"),
    cut_over.CLOSED: gettext_lazy("Their ID is closed"),
    cut_over.UNPROVED: gettext_lazy("Their ID has neither a proved address nor a second step"),
    cut_over.NO_ACCESS: gettext_lazy("Their ID has no access to the portal"),
    cut_over.RESTS: gettext_lazy("Their access rests by then, because they do not use it"),
    cut_over.NOT_ENTITLED: gettext_lazy("The list gives them a right in the portal that their ID lacks"),
}
COLUMNS = ("login_name", "email", "first_name", "last_name", "id", "why")


class DayForm(forms.Form):
    """The day to rehearse."""

    day = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
        error_messages={"invalid": gettext_lazy("This is not a day. Enter it as 2026-12-31.")},
    )

    def clean_day(self) -> date:
        """Today, unless another day is named. What was on a day in the past nobody can rehearse."""
        today = timezone.localdate()
        day: date = self.cleaned_data["day"] or today
        if day < today:
            raise forms.ValidationError(_("This day is over. Enter today or a day to come."))
        return day


def page(request: HttpRequest, source: str, *, context: dict[str, Any]) -> HttpResponse:
    """How the cut-over goes; with a day, who would be stuck on it. Six queries, however many accounts there are."""
    portal, form = _portal(source), DayForm(request.GET)
    standing = cut_over.standing(source)
    shown = {
        **context,
        "title": name_of(portal),
        "source": source,
        "portal": portal,
        "standing": standing,
        "linked": [(way.label, standing.linked[way]) for way in LegacyAccount.LinkedBy if standing.linked[way]],
        "plot": plot_of(cut_over.days(source, now=timezone.now())),
        "time": lifecycle.humanize_duration(cut_over.PLOTTED),
        "form": form,
        **(_rehearsed(request, portal, form.cleaned_data["day"]) if form.is_valid() else {}),
    }
    return render(request, "admin/portals/legacyimport/cut_over.html", shown, status=422 if form.errors else 200)


def name_of(portal: PortalSpec) -> str:
    """What the page is called, there and in the menu."""
    return _("Cut-over of %(name)s") % {"name": portal.legacy.name if portal.legacy else portal.name}


def _rehearsed(request: HttpRequest, portal: PortalSpec, day: date) -> dict[str, Any]:
    """What a day would bring: the phase that holds then, how many stand where, and a page of those who are stuck."""
    at = _moment(day)
    phase = phases.for_portal(portal, now=at)
    found = cut_over.rehearse(portal, at=at)
    counts = cut_over.counts_of(found)
    chosen = request.GET.get("why", "")
    chosen = chosen if chosen in WHY else next((why for why in cut_over.STUCK if counts.get(why)), "")
    after = request.GET.get("after", "")
    listed = cut_over.only(found, chosen).filter(pk__gt=int(after) if after.isdecimal() and len(after) < 19 else 0)
    people = list(listed.select_related("account").order_by("pk")[: A_PAGE + 1]) if chosen else []
    return {
        "day": day,
        "phase": NAMES[phase] if phase else "",
        "go_in": [(words, counts[stands]) for stands, words in GO_IN.items() if counts.get(stands)],
        "stuck": [(why, WHY[why], counts[why]) for why in cut_over.STUCK if counts.get(why)],
        "all_stuck": sum(counts.get(why, 0) for why in cut_over.STUCK),
        "chosen": chosen,
        "why": WHY.get(chosen, ""),
        "people": people[:A_PAGE],
        "next": people[A_PAGE - 1].pk if len(people) > A_PAGE else None,
        "begun_after": after,
    }


def stuck(request: HttpRequest, source: str) -> StreamingHttpResponse:
    """Everybody who would be stuck on a day, as CSV."""
    portal, form = _portal(source), DayForm(request.GET)
    if not form.is_valid():
        raise Http404
    day = form.cleaned_data["day"]
    found = cut_over.rehearse(portal, at=_moment(day)).filter(stands__in=cut_over.STUCK).order_by("pk")
    values = found.values_list("login_name", "email", "first_name", "last_name", "account__login_name", "stands")
    lines = ((*row[:4], row[4] or "", WHY[row[5]]) for row in values.iterator())
    return download(reports.table(COLUMNS, lines), name=f"stuck-{source}-{day:%Y-%m-%d}.csv")


def download(lines: Iterator[str], *, name: str) -> StreamingHttpResponse:
    """A CSV file that is saved, not shown."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _moment(day: date) -> datetime:
    """When a day is rehearsed: its beginning, or now if that has passed."""
    return max(cut_over.beginning_of(day), timezone.now())


def _portal(source: str) -> PortalSpec:
    try:
        return registry.with_old_accounts()[source]
    except KeyError:
        raise Http404 from None
