"""One tax ID as staff type it: nine digits, with dashes or without."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.factors.forms.base import text_input
from identity.policy import text


class TinField(forms.CharField):
    """A tax ID of either kind; its value is the nine digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("Nine digits, with dashes or without."))
        widget = text_input(autocomplete="off", inputmode="numeric", data_size="medium")
        super().__init__(label=gettext_lazy("Tax ID"), max_length=20, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        """Its nine digits. Raises ValidationError; nine times the same digit is nobody's."""
        digits = re.sub(r"[\s-]", "", text.digits(super().clean(value)))
        if not re.fullmatch(r"[0-9]{9}", digits) or digits == digits[0] * 9:
            raise forms.ValidationError(_("This is not a tax ID. Write nine digits, for example 12-3456789."))
        return digits
