"""What the pages of access grants call things: portals, rights, and what a form or an old account said."""

from itertools import groupby
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy

from portals import registry
from rbac.capabilities import LABELS
from rbac.models import AccessGrant, Practice, PracticeTin

DETAILS: dict[str, Any] = {
    "legacy_user_name": gettext_lazy("Old username"),
    "legacy_rights": gettext_lazy("Rights from the old account"),
}


def details_of(grant: AccessGrant) -> SafeString | str:
    """What a grant remembers, a line each: in the form's order, whatever order the database keeps."""
    labels = DETAILS | _labels_of(grant.portal_key)
    names = [*(name for name in labels if name in grant.attributes), *sorted(grant.attributes.keys() - labels.keys())]
    rows = [(labels.get(name, name), format_value(grant.attributes[name])) for name in names]
    return format_html_join(mark_safe("<br>"), "{}: {}", rows) or "–"


def tins_of(grant: AccessGrant) -> SafeString | str:
    """The tax IDs that were approved for this person, a line a practice: what the practice has beside them opens
    nothing here."""
    approved = grant.tins.select_related("practice").order_by("practice__name", "practice", "kind", "digits")
    rows = [(practice, ", ".join(tin.masked for tin in tins)) for practice, tins in groupby(approved, _practice_of)]
    return format_html_join(mark_safe("<br>"), "{}: {}", rows) or "–"


def _practice_of(tin: PracticeTin) -> Practice:
    return tin.practice


def _labels_of(portal_key: str) -> dict[str, Any]:
    """The questions of the portal's form, by the names under which a grant keeps their answers."""
    portal = registry.portals().get(portal_key)
    form = portal.access_form if portal else None
    return {name: field.label for name, field in form.fields().items()} if form else {}


def format_value(value: Any) -> str:
    """An answer as text; rights by their names."""
    values = value if isinstance(value, list) else [value]
    names = {str(right): str(label) for right, label in LABELS.items()}
    return ", ".join(names.get(str(one), str(one)) for one in values) or "–"
