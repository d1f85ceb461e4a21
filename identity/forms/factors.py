"""Forms of the sign-in methods: a passkey's name and answer, an authenticator's first code."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.factors import authenticators
from identity.factors.forms.base import PageForm, text_input
from identity.factors.forms.codes import digits_of
from identity.factors.forms.second_factor import CredentialField


class RenameForm(PageForm):
    """The name of a passkey, for its owner."""

    name = forms.CharField(
        label=_("Name of the passkey"),
        help_text=_('So that you recognise it in the list, for example "Office laptop".'),
        max_length=64,
        widget=text_input(autocomplete="off"),
    )


class PasskeySetupForm(RenameForm):
    """A name, and what the browser made."""

    credential = CredentialField(
        error_messages={
            "required": _("The passkey could not be made. Try again."),
            "invalid": _("The passkey could not be made. Try again."),
        }
    )


class AuthenticatorSetupForm(PageForm):
    """The first code of a new authenticator."""

    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=40,
        widget=text_input(inputmode="numeric", autocomplete="one-time-code", data_size="medium", spellcheck="false"),
    )

    def clean_code(self) -> str:
        return digits_of(self.cleaned_data["code"], authenticators.DIGITS)


class RemoveForm(PageForm):
    """Removing a method; for the last one a box says that the person knows what it means."""

    knows = forms.BooleanField(
        label=_("I know that no other method is left"),
        error_messages={"required": _("Tick the box to say that you know what this means.")},
    )

    def __init__(self, *args: Any, is_last: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_last:
            del self.fields["knows"]
        else:
            self.fields["knows"].error_messages["required"] = _("Tick the box to say that you know what this means.")
