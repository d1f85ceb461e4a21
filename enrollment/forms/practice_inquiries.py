""" "Ask my practice": who asks, and by which tax ID."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollment.forms.administrator_requests import TinField
from identity.factors.forms.base import AddressField, PageForm, text_input


class PracticeInquiryForm(PageForm):
    """Somebody whom nobody has invited yet."""

    name = forms.CharField(label=_("Your name"), max_length=128, widget=text_input(autocomplete="name"))
    email = AddressField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    tin: Any = TinField(label=_("Tax ID of your practice"), max_length=20, help_text=_("Nine digits."))
