"""What a person prefers: language, light or dark, which messages they get."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm
from identity.models.accounts import Theme
from identity.record.kinds import Text


class PreferencesForm(PageForm):
    """Language of everything, light or dark."""

    language = forms.ChoiceField(
        label=_("Language of pages, mails and texts"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
    theme = forms.ChoiceField(
        label=_("Light or dark"),
        choices=[
            (Theme.AUTO, _("As my device is set")),
            (Theme.LIGHT, _("Light")),
            (Theme.DARK, _("Dark")),
        ],
        widget=forms.RadioSelect,
    )


class MessagesForm(PageForm):
    """Which messages a person gets, of those that may be turned off; `offered` are their stored names and titles."""

    wanted = forms.MultipleChoiceField(
        label=_("Send me these messages"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, offered: Sequence[tuple[str, Text]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        self.fields["wanted"].choices = offered  # type: ignore[attr-defined]
