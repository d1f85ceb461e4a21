"""The two pages of signing in: who you are, then your password (S1-15)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.forms.base import PageForm, text_input


class IdentifierForm(PageForm):
    """ "One Healthcare ID or Email Address"."""

    login = forms.CharField(
        label=_("One Healthcare ID or Email Address"),
        max_length=254,
        widget=text_input(autocomplete="username", autocapitalize="none", spellcheck="false"),
    )


class PasswordForm(PageForm):
    """The password, checked by the view through the one backend."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
