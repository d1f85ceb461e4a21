"""The fields of an old log-in page (S0-05, S0-31); the name of an old account whose password is forgotten (D-20)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm, text_input


class OldNameForm(PageForm):
    """The old user name alone."""

    login_name = forms.CharField(
        label=_("Username"),
        max_length=150,
        widget=text_input(
            autocomplete="username", autocapitalize="none", spellcheck="false", placeholder=_("Enter username")
        ),
    )


class OldLogInForm(OldNameForm):
    """User name and password of an old account, checked by the view through portals.legacy.legacy_sign_in."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
