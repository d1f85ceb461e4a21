"""The form "Create your username and password" of somebody who was invited (S4-07, S4-08, S4-09)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from enrollment.models import Invitation
from identity.accounts import accounts
from identity.factors.forms.base import text_input
from identity.forms.passwords import NewPasswordForm
from identity.models import Account
from identity.policy.realms import Realm, Rule, password_rules
from identity.tenancy import Brand


class RegistrationForm(NewPasswordForm):
    """User name and password twice; name and address are the invitation's."""

    login_name = forms.CharField(
        max_length=200,
        widget=text_input(autocomplete="username", autocapitalize="none", spellcheck="false"),
    )
    field_order = ("login_name", "password", "password_again")

    def __init__(self, *args: Any, invitation: Invitation, realm: Realm, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation, self.realm, self.brand = invitation, realm, brand
        self.name_field("login_name", brand.create_label)
        self.spell(brand.labels)

    def login_name_rules(self) -> tuple[Rule, ...]:
        """What the page shows beside the name."""
        return self.brand.spell_rules(self.realm.login_name_rules)

    def password_rules(self) -> tuple[Rule, ...]:
        """What the page shows beside the password."""
        return password_rules(self.realm.key)

    def clean_login_name(self) -> str:
        name: str = self.cleaned_data["login_name"]
        broken = [ValidationError(rule.says) for rule in self.realm.login_name_rules if not rule.holds(name)]
        if broken:
            raise ValidationError(broken)
        if not accounts.is_no_other_address(login_name=name, own=self.invitation.email):
            raise ValidationError(_("Choose a username that is not an email address, or use the invited address."))
        return name

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        if data.get("password"):
            row = self.invitation
            known = {"first_name": row.first_name, "last_name": row.last_name, "email": row.email}
            self.check_password(Account(realm=self.realm.key, login_name=data.get("login_name") or "", **known))
        return data
