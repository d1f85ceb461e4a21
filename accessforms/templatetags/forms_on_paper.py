"""Parts of a printed form: a labelled line, check boxes, Yes and No. Everything that was typed is escaped."""

import re
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portals.form_spec import Field

register = template.Library()


@register.simple_tag
def cell(label: Any, value: str, size: str = "") -> SafeString:
    """A label with its answer on a line; `size` is two or half."""
    return format_html(
        '<div class="cell {}"><span class="label">{}</span><span class="value">{}</span></div>',
        size,
        label,
        breaking(value) or "\u00a0",
    )


@register.filter
def breaking(value: str | None) -> SafeString:
    """An e-mail address that breaks, where it must, after its @ and before dots and dashes: not inside a word."""
    pieces = re.split(r"(?<=@)|(?=[.\-_+])", value or "") if "@" in (value or "") else [value or ""]
    return format_html_join(mark_safe("<wbr>"), "{}", ((piece,) for piece in pieces))


@register.simple_tag
def boxes(
    field: Field, chosen: Any, style: str = "", first: int = 0, last: int | None = None, without: str = ""
) -> SafeString:
    """The choices of a field as check boxes, from `first` up to `last`; `without` is cut from their labels."""
    ticked = chosen if isinstance(chosen, list) else [chosen]
    items = format_html_join(
        "",
        '<li><span class="box">{}</span>{}</li>',
        (
            ("X" if key in ticked else "\u00a0", str(label).removeprefix(without))
            for key, label in field.choices[first:last]
        ),
    )
    return format_html('<ul class="boxes {}">{}</ul>', style, items)


@register.simple_tag
def yes_no(answer: str) -> SafeString:
    """Yes and No as two boxes."""
    return format_html(
        '<span class="choice"><span class="box">{}</span>Yes</span> '
        '<span class="choice"><span class="box">{}</span>No</span>',
        "X" if answer == "yes" else "\u00a0",
        "X" if answer == "no" else "\u00a0",
    )


@register.filter
def padded(rows: list[dict[str, str]], least: int) -> list[dict[str, str]]:
    """The rows, with empty ones up to the number that the paper form has (C33)."""
    return rows + [{} for _ in range(least - len(rows))]
