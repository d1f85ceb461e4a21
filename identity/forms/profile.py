"""What a person changes about their own account (S1-54)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm, text_input
from identity.models import Account
from identity.policy.realms import MAX_LENGTH_OF_KEY, REALMS, email_key, login_key


class VersionedForm(PageForm):
    """A form that knows which version of the profile its page showed: of two windows the second is told."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_seen(self) -> int:
        seen = self.cleaned_data.get("seen")
        return -1 if seen is None else int(seen)


class NameForm(VersionedForm):
    """First and last name."""

    first_name = forms.CharField(label=_("First Name"), max_length=128, widget=text_input(autocomplete="given-name"))
    last_name = forms.CharField(label=_("Last Name"), max_length=128, widget=text_input(autocomplete="family-name"))


class LoginNameForm(VersionedForm):
    """Another ID, by the rule of the realm (C1); an address only if the account has proved it (C2)."""

    login_name = forms.CharField(
        max_length=200, widget=text_input(autocomplete="username", autocapitalize="none", spellcheck="false")
    )

    def __init__(self, *args: Any, account: Account, own_addresses: set[str], label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account, self.own_addresses = account, own_addresses
        self.name_field("login_name", label)

    def clean_login_name(self) -> str:
        name: str = self.cleaned_data["login_name"]
        if "@" in name and email_key(name) not in self.own_addresses:
            raise ValidationError(_("An email address can be your ID only once you have verified it here."))
        if len(login_key(self.account.realm, name)) > MAX_LENGTH_OF_KEY:
            raise ValidationError(_("This name is too long. Choose another one."))
        broken = [rule for rule in REALMS[self.account.realm].login_name_rules if not rule.holds(name)]
        if broken:
            raise ValidationError([ValidationError(rule.says) for rule in broken])
        return name
