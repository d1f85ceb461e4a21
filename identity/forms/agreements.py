"""The three ways to agree (C18): a button, a box, the typed name."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm, text_input
from identity.policy.agreements import Mode


class AgreeForm(PageForm):
    """What the mode of the version asks for; the button alone has no field."""

    agree = forms.BooleanField(label=_("I have read this and agree"))
    typed_name = forms.CharField(
        label=_("Type your first and last name to sign"),
        max_length=260,
        widget=text_input(autocomplete="name", spellcheck="false"),
    )

    def __init__(self, *args: Any, mode: Mode, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if mode != "check box":
            del self.fields["agree"]
        else:
            self.fields["agree"].error_messages["required"] = _("Tick the box to agree and go on.")
        if mode != "typed name":
            del self.fields["typed_name"]
