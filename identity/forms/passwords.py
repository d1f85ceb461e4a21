"""A password that somebody chooses, typed twice. Whether it is good enough is asked of Django's validators."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm
from identity.models import Account


def _field(label: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, strip=False, max_length=400, widget=widget)


class NewPasswordForm(PageForm):
    """The two fields; they must say the same, and what a subclass or view knows of the account is not in them."""

    password = _field(_("New password"))
    password_again = _field(_("Type password again"))

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        password, again = data.get("password"), data.get("password_again")
        if password and again and password != again:
            self.add_error("password_again", _("The two passwords are not the same."))
        return data

    def check_password(self, account: Account) -> None:
        """Put what the rules and lists say against this account's password at the field."""
        try:
            validate_password(self.cleaned_data["password"], account)
        except ValidationError as error:
            self.add_error("password", error)
