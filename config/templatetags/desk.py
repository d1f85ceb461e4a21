"""Template tags of the service desk's lists and records: rows that become cards, yes and no in words."""

from calendar import monthrange
from datetime import date
from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import _boolean_icon  # type: ignore[attr-defined]
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

register = template.Library()
WHOLE = 12  # characters: a list breaks no shorter word, and no date


@register.simple_tag
def labelled(cells: Any, headers: list[dict[str, Any]]) -> SafeString:
    """A row's cells, each with the name of its column: on a narrow screen the row is a card, and has no head."""
    return mark_safe("".join(_labelled(str(cell), header) for cell, header in zip(cells, headers, strict=True)))  # noqa: S308


def _labelled(cell: str, header: dict[str, Any]) -> str:
    """A cell as Django renders it (escaped) begins with <td or <th. A column of check boxes has no name."""
    text = str(header["text"])
    if not text.startswith("<"):
        empty = " data-empty" if cell.endswith(">–</td>") else ""  # a card leaves it out
        whole = " data-whole" if all(len(word) <= WHOLE for word in strip_tags(cell).split()) else ""
        tag, _end, rest = cell.partition(">")
        cell = tag + format_html(' data-title="{}"', capfirst(text)) + empty + whole + ">" + rest
    return _in_words(cell)


@register.inclusion_tag("admin/date_hierarchy.html")
def periods(cl: Any) -> dict[str, Any]:
    """The years, months or days that a list can be narrowed to, from its first row to its last. Django's own tag reads
    the whole table to name those that have any; this one asks for two moments."""
    column, ends = cl.date_hierarchy, cl.ends()
    if ends is None:
        return {}
    first, last = (timezone.localtime(moment).date() for moment in ends)
    year, month, day = (int(cl.params.get(f"{column}__{part}", 0)) for part in ("year", "month", "day"))
    if not year and first.year == last.year:
        year, month = first.year, first.month if first.month == last.month else 0

    def link(**parts: int) -> str:
        asked = {f"{column}__{part}": number for part, number in parts.items()}
        return str(cl.get_query_string(asked, [f"{column}__"]))

    if not year:
        years = range(first.year, last.year + 1)
        return {"choices": [{"link": link(year=one), "title": str(one)} for one in years]}
    if not month:
        months = [date(year, one, 1) for one in range(1, 13)]
        found = [one for one in months if first.replace(day=1) <= one <= last]
        choices = [{"link": link(year=year, month=one.month), "title": _month(one)} for one in found]
        return {"choices": choices, "back": {"link": link(), "title": _("All dates")}}
    if not day:
        days = [date(year, month, one) for one in range(1, monthrange(year, month)[1] + 1)]
        found = [one for one in days if first <= one <= last]
        choices = [{"link": link(year=year, month=month, day=one.day), "title": _day(one)} for one in found]
        return {"choices": choices, "back": {"link": link(year=year), "title": str(year)}}
    back = {"link": link(year=year, month=month), "title": _month(date(year, month, 1))}
    return {"choices": [{"title": _day(date(year, month, day))}], "back": back}


def _month(one: date) -> str:
    return capfirst(date_format(one, "YEAR_MONTH_FORMAT"))


def _day(one: date) -> str:
    return capfirst(date_format(one, "MONTH_DAY_FORMAT"))


@register.filter
def without_icons(text: Any) -> SafeString:
    """Yes, no and unknown in words: Django's icons say "True" in every language."""
    return mark_safe(_in_words(conditional_escape(text)))  # noqa: S308


def _in_words(html: str) -> str:
    for value, said in ((True, _("Yes")), (False, _("No")), (None, _("Unknown"))):
        html = html.replace(str(_boolean_icon(value)), said)
    return html
