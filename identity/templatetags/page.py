"""Template tags that every page uses: error summary, hints for phones, the way to the other language."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.forms import BaseForm, BooleanField
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from identity.models import Ticket
from identity.policy import lifecycle
from identity.policy.realms import realm_profile

register = template.Library()


@register.inclusion_tag("forms/error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """ "There is a problem", with a link to each field that is wrong. Takes forms, formsets and lists of them."""
    problems: list[tuple[str, str]] = []
    for form in [one for given in forms for one in (given if isinstance(given, list) else [given])]:
        rows = getattr(form, "rows", None)
        for number, single in enumerate(getattr(form, "forms", [form]), start=1):
            problems += _problems(single, f"{rows.row_title} {number}: " if rows else "")
        if hasattr(form, "forms"):
            problems += [("", str(text)) for text in form.non_form_errors()]
    return {"problems": problems}


def _problems(form: BaseForm, prefix: str) -> list[tuple[str, str]]:
    found = [("", prefix + str(text)) for text in form.non_field_errors()]
    groups = getattr(form, "groups", {})
    for field in form:
        group = f"{groups[field.name]}: " if field.name in groups else ""
        for text in field.errors:
            speaks_for_itself = isinstance(field.field, BooleanField) or str(field.label) in str(text)
            said = str(field.label)
            label = "" if speaks_for_itself else f"{said} " if said.endswith("?") else f"{said}: "
            found.append((_first_control(field), f"{prefix}{group}{label}{text}"))
    return found


def _first_control(field: BoundField) -> str:
    """The id of the control that a link to this field focuses: of a group, its first option."""
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label


@register.filter
def tel(number: str) -> str:
    """The tel: link of a number as people write it."""
    digits = "".join(character for character in number if character.isdigit())
    return f"tel:+{digits if digits.startswith('1') else '1' + digits}"


@register.filter
def phone(number: str) -> str:
    """Ten digits as people read them; whatever else was written stays."""
    is_plain = len(number) == 10 and number.isascii() and number.isdecimal()
    return f"({number[:3]}) {number[3:6]}-{number[6:]}" if is_plain else number


@register.filter
def spaced(text: str) -> str:
    """A code with gaps, easier to read and to key: 123 456."""
    half = len(text) // 2
    return f"{text[:half]} {text[half:]}"


@register.filter
def quartered(text: str) -> str:
    """A long code in groups of four: ABCD EFGH."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


_kept: dict[tuple[str, str | None, str], SafeString] = {}


@register.simple_tag(takes_context=True)
def kept(context: dict[str, Any], name: str) -> SafeString:
    """A part of every page that speaks only of its language and place: rendered once for each."""
    tenant = context["tenant"]
    key = (name, get_language(), tenant.key)
    if key not in _kept:
        _kept[key] = render_to_string(name, {"tenant": tenant})
    return _kept[key]


@register.simple_tag(takes_context=True)
def period(context: dict[str, Any], name: str) -> str:
    """A row of the table of periods in words, as it holds for the realm of the page's or message's tenant."""
    return lifecycle.humanize_duration(lifecycle.after(name, realm_profile(context["tenant"].realm)))


@register.inclusion_tag("identity/tickets/unread.html", takes_context=True)
def unread_tickets(context: dict[str, Any]) -> dict[str, Any]:
    """The badge beside the way to one's tickets (S4-16): how many have an answer that one has not seen. Asks once."""
    return {"unread": Ticket.objects.unread_by(context["request"].user).count()}


@register.simple_tag
def idle_warning_seconds() -> int:
    """How many seconds before its end a session without activity is warned of."""
    return int(lifecycle.after("idle_warning").total_seconds())


@register.simple_tag(takes_context=True)
def language_link(context: dict[str, Any], code: str) -> str:
    """The address that shows this same page in another language."""
    request: HttpRequest | None = context.get("request")
    path = request.get_full_path() if request and request.method == "GET" else request.path if request else "/"
    return f"{reverse('language', args=[code])}?{urlencode({'next': path})}"
