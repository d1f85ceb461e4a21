"""Template tags of the service desk's lists and records: rows that become cards, yes and no in words."""

from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import _boolean_icon  # type: ignore[attr-defined]
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def labelled(cells: Any, headers: list[dict[str, Any]]) -> SafeString:
    """A row's cells, each with the name of its column: on a narrow screen the row is a card, and has no head."""
    return mark_safe("".join(_labelled(str(cell), header) for cell, header in zip(cells, headers, strict=True)))  # noqa: S308


def _labelled(cell: str, header: dict[str, Any]) -> str:
    """A cell as Django renders it (escaped) begins with <td or <th. A column of check boxes has no name."""
    text = str(header["text"])
    if not text.startswith("<"):
        empty = " data-empty" if cell.endswith(">-</td>") else ""  # a card leaves it out
        tag, _end, rest = cell.partition(">")
        cell = tag + format_html(' data-title="{}"', capfirst(text)) + empty + ">" + rest
    return _in_words(cell)


@register.filter
def without_icons(text: Any) -> SafeString:
    """Yes, no and unknown in words: Django's icons say "True" in every language."""
    return mark_safe(_in_words(conditional_escape(text)))  # noqa: S308


def _in_words(html: str) -> str:
    for value, said in ((True, _("Yes")), (False, _("No")), (None, _("Unknown"))):
        html = html.replace(str(_boolean_icon(value)), said)
    return html
