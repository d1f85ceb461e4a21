"""The two pages of signing in: who you are, then your password (S1-15)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm, text_input
from identity.tenancy import Brand


class IdentifierForm(PageForm):
    """ "One Healthcare ID or Email Address", or as the tenant's brand calls it (C21)."""

    login = forms.CharField(
        max_length=254,
        widget=text_input(autocomplete="username webauthn", autocapitalize="none", spellcheck="false"),
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name_field("login", brand.identifier_label)


class PasswordForm(PageForm):
    """The password, checked by the view through the one backend."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class IdentifierAndPasswordForm(IdentifierForm, PasswordForm):
    """Both on one page (S4-29)."""

    field_order = ("login", "password")
