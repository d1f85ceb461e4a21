"""The form in which a news item is proposed: both languages, its days, and whom it is for (S2-27, S3-03)."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.factors.forms.base import PageForm, text_input
from identity.policy import text, zones
from portals.inside.domain import audiences
from portals.inside.domain.news_items import Draft
from portals.spec import PortalSpec
from rbac import markets, roles

LONGEST_TITLE, LONGEST_TEXT = 120, 10_000
FIRST_YEAR, LAST_YEAR = 2000, 2099  # a slip of the finger lies outside
AUDIENCE = ("roles", "markets")


def _day(**more: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-size": "medium", "autocomplete": "off"})
    return forms.DateField(widget=widget, **more)


class MarkdownField(forms.CharField):
    """Text in Markdown: its lines are read like any, and keep what they are indented by."""

    def __init__(self, **more: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 10})
        super().__init__(widget=widget, max_length=LONGEST_TEXT, **more)

    @staticmethod
    def read(typed: str) -> str:
        rows = typed.replace("\r\n", "\n").split("\n")
        return "\n".join(" " * (len(row) - len(row.lstrip(" "))) + text.line(row) for row in rows).strip("\n")


class NewsForm(PageForm):
    """What somebody proposes; nothing is saved by looking at it."""

    portal = forms.ChoiceField(label=gettext_lazy("Portal"))
    title_en = forms.CharField(
        label=gettext_lazy("Title in English"), max_length=LONGEST_TITLE, widget=text_input(autocomplete="off")
    )
    text_en = MarkdownField(
        label=gettext_lazy("Text in English"),
        help_text=gettext_lazy(
            "Markdown: an empty line begins a paragraph, **bold**, - for a list, [words](https://...) for a link. "
            "Pictures and HTML are not shown."
        ),
    )
    title_es = forms.CharField(
        label=gettext_lazy("Title in Spanish"), max_length=LONGEST_TITLE, widget=text_input(autocomplete="off")
    )
    text_es = MarkdownField(label=gettext_lazy("Text in Spanish"))
    is_regulatory = forms.BooleanField(
        label=gettext_lazy("Regulatory or compliance change"),
        required=False,
        help_text=gettext_lazy("Everybody is told by email, and confirms that they have read it."),
    )
    since = _day(label=gettext_lazy("Shown from"))
    until = _day(label=gettext_lazy("Last day"), required=False)
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

    def __init__(self, *args: Any, portals: Sequence[PortalSpec], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.portals = {portal.key: portal for portal in portals}
        self.fields["portal"].choices = [(one.key, one.name) for one in portals]  # type: ignore[attr-defined]
        if len(portals) == 1:
            del self.fields["portal"]
        for name in ("title_es", "text_es"):
            self.fields[name].widget.attrs["lang"] = "es"
        for name in ("title_en", "text_en"):
            self.fields[name].widget.attrs["lang"] = "en"

    @property
    def chosen_portal(self) -> PortalSpec:
        """Whose news it is."""
        key = self.cleaned_data["portal"] if "portal" in self.fields else next(iter(self.portals))
        return self.portals[key]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("since", "until"):
            if (day := cleaned.get(name)) and not FIRST_YEAR <= day.year <= LAST_YEAR:
                self.add_error(name, _("Check the year."))
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day is before the first one."))
        return cleaned

    def draft(self) -> Draft:
        """What was typed. Days are those of the realm; the last one is shown to its end."""
        told, realm = self.cleaned_data, self.chosen_portal.realm
        until = told["until"]
        return Draft(
            **{name: told[name] for name in ("title_en", "text_en", "title_es", "text_es", "is_regulatory")},
            since=zones.beginning_of(told["since"], realm=realm),
            until=datetime.combine(until, time.max, tzinfo=zones.of_realm(realm)) if until else None,
            pairs=audiences.pairs_of(roles=told["roles"], markets=told["markets"]),
        )

    def refuse_audience(self) -> None:
        """Nobody is reached: said beside what was ticked, or beside the roles where nothing was."""
        named = [name for name in AUDIENCE if self.cleaned_data[name]] or ["roles"]
        self.add_error(
            named[-1], _("Nobody in the portal has such a role in such a market: it would be read by nobody.")
        )
