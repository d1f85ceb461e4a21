"""What forms share in which staff write for an audience: Markdown, both languages, the portal, roles and markets."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.factors.forms.base import PageForm
from identity.policy import text
from portals.inside.domain import audiences
from portals.spec import PortalSpec
from rbac import markets, roles
from rbac.domain.grid import Pair

LONGEST_TEXT = 10_000  # characters
MARKDOWN = gettext_lazy(
    "Markdown: an empty line begins a paragraph, **bold**, - for a list, [words](https://...) for a link. "
    "Pictures and HTML are not shown."
)


class MarkdownField(forms.CharField):
    """Text in Markdown: its lines are read like any, and keep what they are indented by."""

    def __init__(self, **more: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 10})
        super().__init__(widget=widget, max_length=LONGEST_TEXT, **more)

    @staticmethod
    def read(typed: str) -> str:
        rows = typed.replace("\r\n", "\n").split("\n")
        return "\n".join(" " * (len(row) - len(row.lstrip(" "))) + text.line(row) for row in rows).strip("\n")


class WrittenForm(PageForm):
    """Texts in two languages: a field whose name says which one says it to whoever reads the page aloud."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            for language in ("en", "es"):
                if f"_{language}" in name:
                    field.widget.attrs["lang"] = language


class AudienceForm(WrittenForm):
    """In which portal, and for whom of it. With one portal to choose from nothing is asked."""

    portal = forms.ChoiceField(label=gettext_lazy("Portal"))
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Only for these roles"),
        required=False,
        choices=tuple(roles.GRID.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: for all roles."),
    )
    markets = forms.MultipleChoiceField(
        label=gettext_lazy("Only in these markets"),
        required=False,
        choices=tuple(markets.LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: in all markets."),
    )

    def __init__(self, *args: Any, portals: Sequence[PortalSpec] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.portals = {portal.key: portal for portal in portals}
        self.fields["portal"].choices = [(one.key, one.name) for one in portals]  # type: ignore[attr-defined]
        if len(portals) <= 1:
            del self.fields["portal"]

    @property
    def chosen_portal(self) -> PortalSpec:
        """Whose it is."""
        key = self.cleaned_data["portal"] if "portal" in self.fields else next(iter(self.portals))
        return self.portals[key]

    def audience(self) -> frozenset[Pair]:
        """Whom it is for."""
        return audiences.pairs_of(roles=self.cleaned_data["roles"], markets=self.cleaned_data["markets"])

    def refuse_audience(self) -> None:
        """Nobody is reached: said beside what was ticked last, or beside the roles where nothing was."""
        named = [name for name in ("roles", "markets") if self.cleaned_data[name]] or ["roles"]
        self.add_error(named[-1], _("Nobody in the portal has such a role in such a market: nobody would find it."))
