"""The form in which a news item is proposed: both languages, its days, and whom it is for (S2-27, S3-03)."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.factors.forms.base import text_input
from identity.policy import zones
from portals.inside.domain.news_items import Draft
from portals.inside.forms.written import MARKDOWN, AudienceForm, MarkdownField

LONGEST_TITLE = 120
FIRST_YEAR, LAST_YEAR = 2000, 2099  # a slip of the finger lies outside


def _day(**more: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-size": "medium", "autocomplete": "off"})
    return forms.DateField(widget=widget, **more)


class NewsForm(AudienceForm):
    """What somebody proposes; nothing is saved by looking at it."""

    field_order = ("portal", "title_en", "text_en", "title_es", "text_es", "is_regulatory", "since", "until")
    title_en = forms.CharField(
        label=gettext_lazy("Title in English"), max_length=LONGEST_TITLE, widget=text_input(autocomplete="off")
    )
    text_en = MarkdownField(label=gettext_lazy("Text in English"), help_text=MARKDOWN)
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
            pairs=self.audience(),
        )
