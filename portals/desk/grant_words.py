"""What the pages of access grants call things: portals, rights, and what a form or an old account said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals import registry
from portals.form_spec import Field
from rbac.capabilities import LABELS
from rbac.models import AccessGrant, Membership

DETAILS: dict[str, Any] = {
    "legacy_user_name": gettext_lazy("Old username"),
    "legacy_rights": gettext_lazy("Rights from the old account"),
}


def details_of(grant: AccessGrant) -> SafeString | str:
    """What a grant remembers, a line each: in the form's order, whatever order the database keeps."""
    asked = _asked_in(grant.portal_key)
    labels = DETAILS | {name: field.label for name, field in asked.items()}
    names = [*(name for name in labels if name in grant.attributes), *sorted(grant.attributes.keys() - labels.keys())]
    answers = {name: dict(field.choices) for name, field in asked.items() if field.choices}
    rows = [(labels.get(name, name), format_value(grant.attributes[name], answers.get(name, LABELS))) for name in names]
    return format_html_join(mark_safe("<br>"), "{}: {}", rows) or "–"


def memberships_of(grant: AccessGrant) -> SafeString | str:
    """For whom the person works behind this grant, a paragraph a practice, what is open first: role, since when,
    because of what, when it was last used, and the tax IDs (what a practice has beside them opens nothing here)."""
    rows = grant.memberships.select_related("practice").prefetch_related("tins", "practice__tins")
    ordered = sorted(rows, key=lambda row: (row.until is not None, row.practice.name, row.pk))
    told = [(_name_of(row), "; ".join(facts_of(row)), tins_of(row)) for row in ordered]
    return format_html_join(mark_safe("<br>"), "<strong>{}</strong>: {}<br>{}", told) or "–"


def _name_of(row: Membership) -> SafeString | str:
    """The practice, which leads to what can be done about a membership that has not ended."""
    if row.until is not None:
        return row.practice.name
    address = reverse("admin:rbac_accessgrant_membership", args=[row.grant_id, row.pk])
    return format_html('<a href="{}">{}</a>', address, row.practice.name)


def facts_of(row: Membership) -> list[str]:
    """One membership in words: role, since when, because of what, and whether it rests or ends."""
    said = {
        "role": row.role_label,
        "since": _day(row.since),
        "cause": row.cause,
        "used": _day(row.last_used_at) if row.last_used_at else "–",
    }
    facts = [_("%(role)s since %(since)s, because of %(cause)s; last used: %(used)s") % said]
    if row.until is not None:
        facts.append(_("ended on %(day)s") % {"day": _day(row.until)})
    elif row.suspended_at is not None:
        facts.append(_("suspended since %(day)s") % {"day": _day(row.suspended_at)})
    elif row.ends_on is not None:
        facts.append(_("last day: %(day)s") % {"day": date_format(row.ends_on)})
    return facts


def tins_of(row: Membership) -> str:
    """Its tax IDs in order; those that nobody attested are named as such."""
    tins = row.practice.tins.all() if row.is_of_whole_practice else row.tins.all()
    ordered = sorted(tins, key=lambda tin: (tin.kind, tin.digits))
    named = [tin.masked if tin.attested_at else _("%(tin)s, not attested") % {"tin": tin.masked} for tin in ordered]
    return ", ".join(named) or _("no tax IDs")


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment))


def _asked_in(portal_key: str) -> dict[str, Field]:
    """The questions of the portal's form, by the names under which a grant keeps their answers."""
    portal = registry.portals().get(portal_key)
    form = portal.access_form if portal else None
    return form.fields() if form else {}


def format_value(value: Any, words: Mapping[Any, Any] = LABELS) -> str:
    """An answer as text: rights by their names, what was chosen in a form by the words that stood there."""
    values = value if isinstance(value, list) else [value]
    names = {str(key): str(label) for key, label in words.items()}
    return ", ".join(names.get(str(one), str(one)) for one in values) or "–"
